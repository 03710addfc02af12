/** A run as plain numbers and words, the way other trackers keep them: parameters, metrics over steps, tags, artifacts. */
import { canonicalJson } from '#base/canonical-json';
import type { Run } from '#contract/runs';

export interface TrackedMetric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  /** UTC milliseconds; the end of the run where nothing else is known. */
  readonly timestamp: number;
}

export interface TrackedFile {
  /** Slash-separated, plain. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface TrackedRun {
  readonly run: Run;
  readonly parameters: readonly (readonly [key: string, value: string])[];
  readonly metrics: readonly TrackedMetric[];
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly artifacts: readonly TrackedFile[];
}

/** MLflow's own limits (mlflow/utils/validation.py): longer text would be refused by a server. */
const MOST_KEY = 250;
const MOST_PARAMETER = 6000;
const MOST_TAG = 5000;

/** What trackers allow in a key, and nothing that could leave a folder. */
export function plainKey(text: string): string {
  const segments = text.split('/').map((segment) =>
    segment
      .replaceAll(/[^A-Za-z0-9_. -]/g, '_')
      .replace(/^[.\s]+/, '_')
      .trim(),
  );
  return (segments.filter((segment) => segment !== '').join('/') || '_').slice(0, MOST_KEY);
}

/** Two keys that became one are told apart by a number. */
function distinct<Value>(entries: Iterable<readonly [string, Value]>): [string, Value][] {
  const seen = new Map<string, number>();
  return [...entries].map(([key, value]) => {
    const plain = plainKey(key);
    // Compared as the coarsest file system compares names.
    const folded = plain.toLowerCase();
    const count = (seen.get(folded) ?? 0) + 1;
    seen.set(folded, count);
    return [count === 1 ? plain : `${plain.slice(0, MOST_KEY - 8)}_${count}`, value];
  });
}

function leaves(value: unknown, path = ''): [string, string][] {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`));
  }
  return value === undefined ? [] : [[path, typeof value === 'string' ? value : canonicalJson(value)]];
}

/** As `runs metrics` answers. */
interface MetricSeries {
  readonly name: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly times: readonly (string | null)[];
}

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

export function trackedRun(run: Run, steps: readonly MetricSeries[], artifacts: readonly TrackedFile[]): TrackedRun {
  const measured = run.strategies.flatMap(({ name, role, metrics }) =>
    Object.entries(metrics).flatMap(([measure, { value, low, high }]) => {
      const key = role === 'primary' ? measure : `strategies/${name.replaceAll('/', '_')}/${measure}`;
      return Object.entries({ [key]: value, [`${key}_low`]: low, [`${key}_high`]: high });
    }),
  );
  const single = distinct(measured.filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
  const overSteps = distinct(steps.map(({ name, ...series }) => [name, series] as const));
  const ended = Date.parse(run.finishedAt ?? run.createdAt);
  const { provenance } = run;
  const facts = Object.entries(provenance).flatMap(([name, value]): [string, string][] =>
    name === 'timings' || value === null ? [] : [[`sextant.${name}`, String(value)]],
  );
  return {
    run,
    parameters: distinct(leaves(run.config)).map(([key, value]) => [key, value.slice(0, MOST_PARAMETER)]),
    metrics: [
      ...single.map(([key, value]) => ({ key, value, step: 0, timestamp: ended })),
      ...overSteps.flatMap(([key, { steps: at, values, times }]) =>
        values.map((value, i) => {
          const time = times[i];
          return { key, value, step: at[i], timestamp: time === null ? ended : Date.parse(time) };
        }),
      ),
    ],
    tags: distinct([
      ...Object.entries(run.tags),
      ['sextant.run', run.id] as const,
      ...facts,
      ...(run.note === '' ? [] : [['mlflow.note.content', run.note] as const]),
      ...(provenance.gitCommit === null ? [] : [['mlflow.source.git.commit', provenance.gitCommit] as const]),
    ]).map(([key, value]) => [key, value.slice(0, MOST_TAG)]),
    artifacts: [
      { path: 'config.json', bytes: encoded(run.config) },
      { path: 'run.json', bytes: encoded(run) },
      ...artifacts.map(({ path, bytes }) => ({ path: plainKey(path), bytes })),
    ],
  };
}
