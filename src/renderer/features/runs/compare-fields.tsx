/** Further strategies on the same dates and costs: a list, and two choices to add one. */
import { ActionIcon, Button, Select } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '#renderer/ui/icon';
import { type Path, setValue, useDraft } from './draft-store';

interface Compared {
  readonly name: string;
  readonly text: string;
}

const PATH = ['experiment', 'compare'] as const;
const SAME = 'same';
const NONE = 'none';

const idOf = (value: unknown) =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : undefined;

function comparedOf(value: unknown): Compared[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown) => {
    const written = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {}; // checked here
    const forecast = written['forecast'] === null ? 'no forecast' : (idOf(written['forecast']) ?? 'same forecast');
    const optimizer = idOf(written['optimizer']) ?? 'same optimizer';
    return { name: String(written['name'] ?? ''), text: `${forecast} · ${optimizer}` };
  });
}

export function CompareFields({ at }: { readonly at: (path: Path) => unknown }) {
  const catalog = useDraft((state) => state.catalog.value);
  const [forecast, setForecast] = useState(SAME);
  const [optimizer, setOptimizer] = useState(SAME);
  const written = at(PATH);
  const compared = comparedOf(written);
  const list: readonly unknown[] = Array.isArray(written) ? written : [];
  const name = [forecast, optimizer].filter((part) => part !== SAME && part !== NONE).join('-') || 'variant';
  const taken = compared.some((entry) => entry.name === name);
  const add = () => {
    const entry = {
      name,
      ...(forecast === SAME ? {} : { forecast: forecast === NONE ? null : { id: forecast } }),
      ...(optimizer === SAME ? {} : { optimizer: { id: optimizer } }),
    };
    setValue(PATH, [...list, entry]);
  };
  const choices = (entries: readonly { readonly id: string; readonly title: string }[] | undefined) =>
    (entries ?? []).map((entry) => ({ value: entry.id, label: entry.title }));
  return (
    <fieldset className="group stack tight">
      <legend>Also run, on the same dates and costs</legend>
      <ul className="plain-list compare-list">
        <li>
          <strong>equal-weight, index</strong>
          <span className="faint">always included</span>
        </li>
        {compared.map((entry, index) => (
          <li key={`${entry.name}-${index}`}>
            <strong className="clip">{entry.name}</strong>
            <span className="faint clip">{entry.text}</span>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Remove ${entry.name}`}
              onClick={() =>
                setValue(
                  PATH,
                  list.filter((_, at) => at !== index),
                )
              }
            >
              <Icon name="close" size={12} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <div className="row" style={{ alignItems: 'end' }}>
        <Select
          label="Forecast"
          className="grow"
          data={[{ value: SAME, label: 'As above' }, { value: NONE, label: 'None' }, ...choices(catalog?.models)]}
          value={forecast}
          onChange={(value) => setForecast(value ?? SAME)}
        />
        <Select
          label="Optimizer"
          className="grow"
          data={[{ value: SAME, label: 'As above' }, ...choices(catalog?.optimizers)]}
          value={optimizer}
          onChange={(value) => setOptimizer(value ?? SAME)}
        />
        <Button
          variant="default"
          disabled={taken || (forecast === SAME && optimizer === SAME)}
          title={taken ? `${name} is in the list` : undefined}
          onClick={add}
        >
          Add
        </Button>
      </div>
    </fieldset>
  );
}
