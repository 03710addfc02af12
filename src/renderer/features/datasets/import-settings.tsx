/** Name and rules of an import; the rules that are seldom needed come from the contract and are folded away. */
import { NumberInput, Select, TextInput } from '@mantine/core';
import { importOptionsSchema } from '#contract/datasets';
import { inputSchema } from '#renderer/json-schema';
import { Card } from '#renderer/ui/card';
import { SchemaFields } from '#renderer/ui/schema-fields';
import { setName, setOptions, useImport } from './import-store';

const OPTIONS = inputSchema(importOptionsSchema);
/** Drawn by hand here, or in the mapping. */
const ELSEWHERE = ['mapping', 'layout', 'conflicts', 'maxBadShare'];

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
        <details>
          <summary>How the file is written</summary>
          <SchemaFields
            schema={OPTIONS}
            value={options}
            without={ELSEWHERE}
            change={(field, value) => setOptions({ [field]: value })}
          />
        </details>
      </div>
    </Card>
  );
}
