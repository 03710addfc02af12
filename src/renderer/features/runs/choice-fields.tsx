/** Forecast model or optimizer: chosen from the catalog, with the parameters of what was chosen. */
import { Select } from '@mantine/core';
import type { FieldSchema } from '#renderer/json-schema';
import { SchemaFields } from '#renderer/ui/schema-fields';
import { type CatalogEntry, type Path, setValue, useDraft } from './draft-store';

const NO_FORECAST = 'none';

const TITLES = { forecast: 'Forecast model', optimizer: 'Optimizer' } as const;
/** What the contract takes where nothing is written. */
const DEFAULTS = { forecast: 'ridge', optimizer: 'mean-variance' } as const;

export interface ChoiceFieldsProps {
  readonly kind: 'forecast' | 'optimizer';
  readonly at: (path: Path) => unknown;
}

export function ChoiceFields({ kind, at }: ChoiceFieldsProps) {
  const catalog = useDraft((state) => state.catalog.value);
  const entries: readonly CatalogEntry[] = (kind === 'forecast' ? catalog?.models : catalog?.optimizers) ?? [];
  const base = ['model', kind] as const;
  const written = at(base);
  const id = written === null ? NO_FORECAST : String(at([...base, 'id']) ?? DEFAULTS[kind]);
  const chosen = entries.find((entry) => entry.id === id);
  const options = entries.map((entry) => ({ value: entry.id, label: entry.title }));
  const known = options.some(({ value }) => value === id) || id === NO_FORECAST;
  return (
    <div className="stack tight">
      <Select
        label={TITLES[kind]}
        description={chosen?.summary ?? (id === NO_FORECAST ? 'The optimizer works from risk alone.' : undefined)}
        searchable
        data={[
          ...options,
          ...(known ? [] : [{ value: id, label: id }]),
          ...(kind === 'forecast' ? [{ value: NO_FORECAST, label: 'None' }] : []),
        ]}
        value={id}
        onChange={(next) => setValue(base, next === null || next === NO_FORECAST ? null : { id: next })}
      />
      {chosen !== undefined && (
        <SchemaFields
          schema={chosen.parameters as FieldSchema /* the catalog sends JSON Schema */}
          value={at([...base, 'params'])}
          change={(name, value) => setValue([...base, 'params', name], value)}
        />
      )}
    </div>
  );
}
