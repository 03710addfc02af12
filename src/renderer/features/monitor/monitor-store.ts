/** What the Monitor page shows, each part read by itself and again when the host says that it changed. */
import { create } from 'zustand';
import type { Alert } from '#contract/alerts';
import type { FlowRunSummary } from '#contract/flows';
import type { Health } from '#contract/health';
import type { LogLine } from '#contract/logs';
import type { Change } from '#contract/system';
import { client, type Client } from '#renderer/app/client';
import { coalesced, onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';

export type SloList = Awaited<ReturnType<Client['slos']['list']>>;
export type ScheduleList = Awaited<ReturnType<Client['schedules']['list']>>;
export type ConnectionList = Awaited<ReturnType<Client['privacy']['connections']>>;
export type AuditList = Awaited<ReturnType<Client['audit']['list']>>;

interface Parts {
  readonly health: Remote<Health>;
  readonly slos: Remote<SloList>;
  readonly alerts: Remote<readonly Alert[]>;
  readonly schedules: Remote<ScheduleList>;
  readonly flowRuns: Remote<readonly FlowRunSummary[]>;
  readonly connections: Remote<ConnectionList>;
  readonly audit: Remote<AuditList>;
  readonly log: Remote<readonly LogLine[]>;
}
type Part = keyof Parts;

interface MonitorState extends Parts {
  /** Lines of the log that are less serious are not shown. */
  readonly logLevel: LogLine['level'];
}

export const useMonitor = create<MonitorState>(() => ({
  health: EMPTY_REMOTE,
  slos: EMPTY_REMOTE,
  alerts: EMPTY_REMOTE,
  schedules: EMPTY_REMOTE,
  flowRuns: EMPTY_REMOTE,
  connections: EMPTY_REMOTE,
  audit: EMPTY_REMOTE,
  log: EMPTY_REMOTE,
  logLevel: 'info',
}));

const SHOWN = 50;
const LINES = 200;

const readers: { readonly [P in Part]: () => Promise<NonNullable<MonitorState[P]['value']>> } = {
  health: () => client().system.health({}),
  slos: () => client().slos.list({}),
  alerts: async () => (await client().alerts.list({ limit: SHOWN })).alerts,
  schedules: () => client().schedules.list({}),
  flowRuns: async () => (await client().flows.runs({ limit: SHOWN })).runs,
  connections: () => client().privacy.connections({ limit: SHOWN }),
  audit: () => client().audit.list({ limit: SHOWN }),
  log: async () => (await client().logs.list({ limit: LINES, level: useMonitor.getState().logLevel })).lines,
};

export async function readPart<P extends Part>(part: P): Promise<void> {
  // The store and the readers pair each part with one type; the compiler cannot follow the pair through P.
  const previous = useMonitor.getState()[part] as Remote<NonNullable<MonitorState[P]['value']>>;
  await readInto(previous, readers[part], (remote) => useMonitor.setState({ [part]: remote }));
}

const PARTS = Object.keys(readers) as readonly Part[]; // Object.keys loses the names

/** Which parts a change of which noun touches. */
const TOUCHES: readonly (readonly [Change['noun'], readonly Part[]])[] = [
  ['health', ['health', 'audit']],
  ['slos', ['slos', 'health']],
  ['alerts', ['alerts', 'audit']],
  ['schedules', ['schedules', 'health']],
  ['flows', ['flowRuns', 'schedules']],
  ['backups', ['health', 'audit']],
  ['jobs', ['health', 'audit']],
];
/** Service levels count on without a change that says so. */
const AGAIN_MS = 30_000;

/** Reads everything and keeps it current. @returns stops it */
export function followMonitor(): () => void {
  const readAll = (parts: readonly Part[]) => void Promise.all(parts.map((part) => readPart(part)));
  readAll(PARTS);
  const stops = TOUCHES.map(([noun, parts]) =>
    onChange(
      noun,
      coalesced(() => readAll(parts), 500),
    ),
  );
  const timer = setInterval(() => readAll(['slos', 'health', 'connections', 'log']), AGAIN_MS);
  return () => {
    clearInterval(timer);
    for (const stop of stops) stop();
  };
}

export function showLevel(logLevel: LogLine['level']): void {
  useMonitor.setState({ logLevel });
  void readPart('log');
}

/** Errors: those of the operation. */
export async function acknowledge(alert: string): Promise<void> {
  await client().alerts.acknowledge({ alert });
  await readPart('alerts');
}
