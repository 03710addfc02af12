/** Name and rules of an import. */
import { NumberInput, Select, TextInput } from '@mantine/core';
import { Card } from '#renderer/ui/card';
import { type ImportOptions, setName, setOptions, useImport } from './import-store';

type DateFormat = NonNullable<ImportOptions['dateFormat']>;

const DATE_FORMATS: { value: DateFormat | 'detect'; label: string }[] = [
  { value: 'detect', label: 'Detect' },
  { value: 'ISO', label: '2024-12-31' },
  { value: 'MM/DD/YYYY', label: '12/31/2024 (month first)' },
  { value: 'DD/MM/YYYY', label: '31/12/2024 (day first)' },
  { value: 'YYYYMMDD', label: '20241231' },
];

export function ImportSettings() {
  const { name, options } = useImport();
  return (
    <Card title="Settings">
      <div className="stack tight">
        <TextInput
          label="Name"
          description="A name that exists gets a new version."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Date format"
          data={DATE_FORMATS}
          value={options.dateFormat ?? 'detect'}
          onChange={(value) => setOptions({ dateFormat: value === 'detect' || value === null ? undefined : value })}
        />
        <Select
          label="Rows that contradict each other"
          description="The same asset and date twice with different prices."
          data={[
            { value: 'refuse', label: 'Refuse both rows' },
            { value: 'keep-last', label: 'Keep the last row' },
          ]}
          value={options.conflicts ?? 'refuse'}
          onChange={(value) => setOptions({ conflicts: value ?? undefined })}
        />
        <NumberInput
          label="Bad rows allowed"
          description="Above this share the import is refused."
          suffix=" %"
          min={0}
          max={100}
          step={0.5}
          decimalScale={3}
          value={(options.maxBadShare ?? 0.01) * 100}
          onChange={(value) => typeof value === 'number' && setOptions({ maxBadShare: value / 100 })}
        />
      </div>
    </Card>
  );
}
