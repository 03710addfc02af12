/** The form of a run in five short sections, drawn from the contract and the catalog. */
import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { runConfigSchema } from '#contract/runs';
import { type FieldSchema, inputSchema } from '#renderer/json-schema';
import { Card } from '#renderer/ui/card';
import { SchemaFields } from '#renderer/ui/schema-fields';
import { useDatasets } from '../datasets/datasets-store';
import { ChoiceFields } from './choice-fields';
import { CompareFields } from './compare-fields';
import { isBroken, type Path, setValue, useDraft, writtenIn } from './draft-store';

const ROOT = inputSchema(runConfigSchema);
const EMPTY: FieldSchema = {};

export const schemaAt = (...path: readonly string[]): FieldSchema =>
  path.reduce((schema, key) => schema.properties?.[key] ?? EMPTY, ROOT);

/** The text as a plain document, read once per change. */
function useWritten(): (path: Path) => unknown {
  const text = useDraft((state) => state.text);
  return useMemo(() => writtenIn(text), [text]);
}

function DataFields({ at }: { readonly at: (path: Path) => unknown }) {
  const datasets = useDatasets((state) => state.list.value ?? []);
  const names = [...new Set(datasets.map(({ name }) => name))];
  const written = at(['data', 'dataset']);
  const value = typeof written === 'string' ? written : '';
  return (
    <div className="fields">
      <Select
        label="Dataset"
        description="Name (latest version)"
        placeholder={names.length === 0 ? 'Import prices first' : 'Choose'}
        data={names.includes(value) || value === '' ? names : [...names, value]}
        value={value === '' ? null : value}
        onChange={(dataset) => setValue(['data', 'dataset'], dataset ?? '')}
      />
    </div>
  );
}

function Section({
  path,
  at,
  without,
}: {
  readonly path: readonly string[];
  readonly at: (path: Path) => unknown;
  readonly without?: readonly string[];
}) {
  return (
    <SchemaFields
      schema={schemaAt(...path)}
      value={at(path)}
      change={(name, value) => setValue([...path, name], value)}
      {...(without === undefined ? {} : { without })}
    />
  );
}

function FeatureSet({ at }: { readonly at: (path: Path) => unknown }) {
  const written = at(['model', 'features', 'set']);
  const text = Array.isArray(written) ? written.join(', ') : typeof written === 'string' ? written : '';
  return (
    <TextInput
      label="Feature set"
      description="standard, or names with commas"
      placeholder="standard"
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value.trim();
        const list = next.split(/\s*,\s*/).filter((name) => name !== '');
        setValue(['model', 'features', 'set'], next === '' ? undefined : list.length === 1 ? list[0] : list);
      }}
    />
  );
}

export function DraftForm() {
  const at = useWritten();
  const broken = useDraft((state) => isBroken(state.text));
  return (
    <fieldset className="group stack" disabled={broken}>
      {broken && (
        <p className="notice" data-tone="warn" role="status">
          The YAML cannot be read, so the form is paused. Correct the line named beside it.
        </p>
      )}
      <Card title="Data">
        <div className="stack tight">
          <DataFields at={at} />
          <Section path={['data']} at={at} without={['dataset']} />
        </div>
      </Card>
      <Card title="Model">
        <div className="stack">
          <ChoiceFields kind="forecast" at={at} />
          <ChoiceFields kind="optimizer" at={at} />
          <Section path={['model']} at={at} />
          <div className="fields">
            <FeatureSet at={at} />
          </div>
          <Section path={['model', 'features']} at={at} without={['set']} />
        </div>
      </Card>
      <Card title="Constraints">
        <Section path={['model', 'constraints']} at={at} />
      </Card>
      <Card title="Backtest">
        <div className="stack">
          <Section path={['backtest', 'window']} at={at} />
          <Section path={['backtest']} at={at} />
          <Section path={['backtest', 'costs']} at={at} />
        </div>
      </Card>
      <Card title="Experiment">
        <div className="stack">
          <Section path={['experiment']} at={at} />
          <Section path={['experiment', 'bootstrap']} at={at} />
          <CompareFields at={at} />
        </div>
      </Card>
    </fieldset>
  );
}
