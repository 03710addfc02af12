/** Runs on screen: the table, single runs with their series and weights, comparisons; read again when the feed says so. */
import { create } from 'zustand';
import type { Run, RunSummary } from '#contract/runs';
import { client, type Client, toAppError } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

export type RunSeries = Awaited<ReturnType<Client['runs']['series']>>;
export type StrategySeries = RunSeries['strategies'][number];
export type RunWeights = Awaited<ReturnType<Client['runs']['weights']>>;
export type RunMetrics = Awaited<ReturnType<Client['runs']['metrics']>>['metrics'];
export type RunComparison = Awaited<ReturnType<Client['runs']['compare']>>;

interface RunsState {
  readonly list: Remote<readonly RunSummary[]>;
  readonly total: number;
  readonly shown: Readonly<Record<string, Remote<Run>>>;
  readonly series: Readonly<Record<string, Remote<RunSeries>>>;
  readonly metrics: Readonly<Record<string, Remote<RunMetrics>>>;
  /** By `run strategy`. */
  readonly weights: Readonly<Record<string, Remote<RunWeights>>>;
  /** By run identifiers joined with commas. */
  readonly comparisons: Readonly<Record<string, Remote<RunComparison>>>;
}

export const useRuns = create<RunsState>(() => ({
  list: EMPTY_REMOTE,
  total: 0,
  shown: {},
  series: {},
  metrics: {},
  weights: {},
  comparisons: {},
}));

const PAGE = 500;
const MOST_ROWS = 20_000;

/** Reads the first page at once and the rest after it, so that a workspace with thousands of runs is shown early. */
export async function readRuns(): Promise<void> {
  await readInto(
    useRuns.getState().list,
    async () => {
      const first = await client().runs.list({ limit: PAGE });
      useRuns.setState({ total: first.total });
      return first.runs;
    },
    (list) => useRuns.setState({ list }),
  );
  await readFurtherRuns();
}

async function readFurtherRuns(): Promise<void> {
  for (;;) {
    const { list, total } = useRuns.getState();
    const known = list.value ?? [];
    if (known.length < PAGE || known.length >= Math.min(total, MOST_ROWS)) return;
    const { runs } = await client().runs.list({ limit: PAGE, offset: known.length });
    if (runs.length === 0) return;
    useRuns.setState({ list: { value: [...known, ...runs], error: null, loading: false } });
  }
}

export async function readRun(run: string): Promise<Run | null> {
  return readInto(
    useRuns.getState().shown[run],
    () => client().runs.show({ run }),
    (remote) => useRuns.setState(({ shown }) => ({ shown: { ...shown, [run]: remote } })),
  );
}

export async function readSeries(run: string): Promise<void> {
  await readInto(
    useRuns.getState().series[run],
    () => client().runs.series({ run }),
    (remote) => useRuns.setState(({ series }) => ({ series: { ...series, [run]: remote } })),
  );
}

/** Metrics over steps; a sealed run's never change. */
export async function readMetrics(run: string): Promise<void> {
  await readInto(
    useRuns.getState().metrics[run],
    async () => (await client().runs.metrics({ run })).metrics,
    (remote) => useRuns.setState(({ metrics }) => ({ metrics: { ...metrics, [run]: remote } })),
  );
}

export const weightsKey = (run: string, strategy: string) => `${run} ${strategy}`;

export async function readWeights(run: string, strategy: string): Promise<void> {
  const key = weightsKey(run, strategy);
  await readInto(
    useRuns.getState().weights[key],
    () => client().runs.weights({ run, strategy }),
    (remote) => useRuns.setState(({ weights }) => ({ weights: { ...weights, [key]: remote } })),
  );
}

export async function readComparison(runs: readonly string[]): Promise<void> {
  const key = runs.join(',');
  await readInto(
    useRuns.getState().comparisons[key],
    () => client().runs.compare({ runs: [...runs] }),
    (remote) => useRuns.setState(({ comparisons }) => ({ comparisons: { ...comparisons, [key]: remote } })),
  );
}

/** Starts the same frozen configuration again; gives the new run. */
export async function rerun(run: string): Promise<string> {
  return (await client().runs.rerun({ run })).run;
}

const LATEST = 100;

/** Puts what was just read over what is known: known runs in place, new ones in front. */
export function mergeRuns(known: readonly RunSummary[], read: readonly RunSummary[]): RunSummary[] {
  const fresh = new Map(read.map((run) => [run.id, run]));
  const kept = known.map((run) => fresh.get(run.id) ?? run);
  const ids = new Set(known.map(({ id }) => id));
  return [...read.filter(({ id }) => !ids.has(id)), ...kept];
}

/** The newest runs alone: what changes is almost always among them, and a workspace may hold thousands. */
async function readLatestRuns(): Promise<void> {
  const { list } = useRuns.getState();
  if (list.value === null) return;
  try {
    const { runs, total } = await client().runs.list({ limit: LATEST });
    const value = mergeRuns(useRuns.getState().list.value ?? [], runs);
    useRuns.setState({ total, list: { value, error: null, loading: false } });
  } catch (error) {
    useRuns.setState(({ list: { value } }) => ({ list: { value, error: toAppError(error), loading: false } }));
  }
}

const latestAgain = coalesced(() => void readLatestRuns());
const allAgain = coalesced(() => {
  if (useRuns.getState().list.value !== null) void readRuns();
});

onChange('runs', (change) => {
  if (change === null) allAgain();
  else latestAgain();
  for (const id of Object.keys(useRuns.getState().shown)) if (change === null || change.id === id) void readRun(id);
});
