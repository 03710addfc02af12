/** What differs between runs: configuration fields and headline measures, and nothing that is the same everywhere. */
import { canonicalJson } from '#base/canonical-json';
import type { Measure } from '#contract/fields';
import type { Run } from '#contract/runs';

export interface RunDifference {
  readonly runs: { id: string; name: string }[];
  readonly parameters: { path: string; values: string[] }[];
  readonly metrics: { name: string; values: Measure[] }[];
  readonly sameIdentity: boolean;
  readonly missing: string[];
}

/** Leaves of a plain document by dotted path. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`));
  }
  return value === undefined ? [] : [[path, canonicalJson(value)]];
}

export function compareRuns({
  runs,
  missing,
}: {
  readonly runs: readonly Run[];
  readonly missing: readonly string[];
}): RunDifference {
  const tables = runs.map(
    (run) => new Map([...leaves(run.config), ['data.contentHash', run.provenance.datasetHash] as const]),
  );
  const paths = [...new Set(tables.flatMap((table) => [...table.keys()]))].sort();
  const parameters = paths
    .map((path) => ({ path, values: tables.map((table) => table.get(path) ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
  const measures = runs.map((run) => run.strategies.find((strategy) => strategy.role === 'primary')?.metrics ?? {});
  const names = [...new Set(measures.flatMap((table) => Object.keys(table)))];
  const metrics = names
    .map((name) => ({
      name,
      values: measures.map((table): Measure => table[name] ?? { value: null, reason: 'Not measured in this run.' }),
    }))
    .filter(({ values }) => new Set(values.map((measure) => measure.value)).size > 1);
  return {
    runs: runs.map(({ id, name }) => ({ id, name })),
    parameters,
    metrics,
    sameIdentity: new Set(runs.map((run) => run.provenance.identity)).size === 1,
    missing: [...missing],
  };
}
