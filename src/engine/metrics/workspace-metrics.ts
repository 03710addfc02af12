/**
 * What an opened workspace tells of itself at a scrape: jobs, store, schedules, flows, audit log, datasets and space. Everything is read
 * from the store, so it is true after a restart too; a store that does not answer leaves out what it knows, and `sextant_store_up` says so.
 */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '#contract/backups';
import { flowNameSchema, flowRunStatusSchema } from '#contract/flows';
import { jobKindSchema, jobStatusSchema } from '#contract/jobs';
import type { VramState } from '#contract/vram';
import type { Database } from '../store/database';
import type { Metrics } from './metrics';

export interface WorkspaceMetricsOptions {
  readonly database: Database;
  readonly folder: string;
  /** UTC milliseconds. */
  now(): number;
  vram(): Promise<VramState>;
  auditHead(): number;
  clockTrusted(): boolean;
  /** Backups that prove themselves, newest first; every one is read, so the answer is remembered for a while. */
  backups(): readonly Pick<Backup, 'createdAt'>[];
  /** Active schedules with a period that is due and not decided. */
  overdue(): number;
}

/** Told of a damaged workspace too, by the engine that stands in for it. */
export const STORE_UP = { name: 'sextant_store_up', help: '1 where the database answers.', labels: {} };

/** Datasets that have a series of their own; names are the user's words and stay out of labels. */
const MOST_DATASETS = 20;
const BACKUPS_MS = 30_000;
const DESTINATION_KINDS = ['webhook', 'desktop', 'slack', 'pagerduty', 'email', 'redis'];
const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'];
const LOG_FOLDER = 'logs';

export function meterWorkspace(metrics: Metrics, options: WorkspaceMetricsOptions): void {
  meterJobs(metrics, options);
  meterStore(metrics, options);
  meterFlows(metrics, options);
  meterDatasets(metrics, options);
  meterCard(metrics, options);
  meterDeliveries(metrics, options);
  meterLogs(metrics, options);
}

function meterJobs(metrics: Metrics, { database, now }: WorkspaceMetricsOptions): void {
  const kind = jobKindSchema.options;
  const status = jobStatusSchema.options;
  const counts = database.prepare<[], { kind: string; status: string; count: number }>(
    'SELECT kind, status, count(*) AS count FROM jobs GROUP BY kind, status',
  );
  const waiting = database.prepare<[], { count: number; since: number | null }>(
    `SELECT count(*) AS count, min(created_at) AS since FROM jobs WHERE status IN ('queued', 'interrupted') AND paused = 0`,
  );
  metrics.read({
    name: 'sextant_jobs',
    help: 'Jobs that are kept, by kind and status.',
    labels: { kind, status },
    read(set) {
      for (const row of counts.all()) set(row, row.count);
    },
  });
  metrics.read({
    name: 'sextant_queue_length',
    help: 'Jobs that wait for a worker; paused ones do not wait.',
    labels: {},
    read: (set) => set({}, waiting.get()?.count ?? 0),
  });
  metrics.read({
    name: 'sextant_queue_oldest_seconds',
    help: 'How long the job that has waited longest has been in the queue; 0 where none waits.',
    labels: {},
    read(set) {
      const since = waiting.get()?.since ?? null;
      set({}, since === null ? 0 : Math.max(0, now() - since) / 1000);
    },
  });
}

function meterStore(metrics: Metrics, options: WorkspaceMetricsOptions): void {
  const { database, folder, now, auditHead, clockTrusted } = options;
  const backups = remembered(BACKUPS_MS, now, options.backups);
  const file = join(folder, 'workspace.db');
  metrics.read({
    ...STORE_UP,
    read: (set) => set({}, answers(database) ? 1 : 0),
  });
  metrics.read({
    name: 'sextant_store_file_bytes',
    help: 'Size of the files of the database.',
    labels: { file: ['database', 'wal'] },
    read(set) {
      set({ file: 'database' }, statSync(file).size);
      set({ file: 'wal' }, existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0);
    },
  });
  metrics.read({
    name: 'sextant_disk_free_bytes',
    help: 'Space that the workspace may still take on its disk.',
    labels: {},
    read(set) {
      const { bavail, bsize } = statfsSync(folder);
      set({}, bavail * bsize);
    },
  });
  metrics.read({
    name: 'sextant_disk_size_bytes',
    help: 'Size of the disk that holds the workspace.',
    labels: {},
    read(set) {
      const { blocks, bsize } = statfsSync(folder);
      set({}, blocks * bsize);
    },
  });
  metrics.read({
    name: 'sextant_audit_log_length',
    help: 'Number of the newest entry of the audit log, pruned ones included.',
    labels: {},
    read: (set) => set({}, auditHead()),
  });
  metrics.read({
    name: 'sextant_clock_trusted',
    help: '0 for a day after the clock of the machine has leapt.',
    labels: {},
    read: (set) => set({}, clockTrusted() ? 1 : 0),
  });
  metrics.read({
    name: 'sextant_backups',
    help: 'Backups that prove themselves.',
    labels: {},
    read: (set) => set({}, backups().length),
  });
  metrics.read({
    name: 'sextant_backup_age_seconds',
    help: 'Age of the newest backup; absent where there is none.',
    labels: {},
    read(set) {
      const newest = backups()[0];
      if (newest !== undefined) set({}, Math.max(0, now() - Date.parse(newest.createdAt)) / 1000);
    },
  });
}

function meterDeliveries(metrics: Metrics, { database }: WorkspaceMetricsOptions): void {
  const counts = database.prepare<[], { kind: string; status: string; count: number }>(
    `SELECT kind, status, count(*) AS count FROM deliveries
     JOIN destinations ON destinations.id = deliveries.destination GROUP BY kind, status`,
  );
  const disabled = database
    .prepare<[], number>('SELECT count(*) FROM destinations WHERE disabled_at IS NOT NULL')
    .pluck();
  metrics.read({
    name: 'sextant_deliveries',
    help: 'Deliveries of events that are kept, by kind of destination and status; dead ones were given up.',
    labels: { kind: DESTINATION_KINDS, status: DELIVERY_STATUSES },
    read(set) {
      const rows = counts.all();
      // Zeros too: a rule about the first dead delivery needs a series before it.
      for (const kind of DESTINATION_KINDS) {
        for (const status of DELIVERY_STATUSES) {
          set({ kind, status }, rows.find((row) => row.kind === kind && row.status === status)?.count ?? 0);
        }
      }
    },
  });
  metrics.read({
    name: 'sextant_destinations_disabled',
    help: 'Webhook endpoints, channels and bridges that are switched off.',
    labels: {},
    read: (set) => set({}, disabled.get() ?? 0),
  });
}

function meterLogs(metrics: Metrics, { folder }: WorkspaceMetricsOptions): void {
  metrics.read({
    name: 'sextant_log_bytes',
    help: 'Space that the log files of the workspace take.',
    labels: {},
    async read(set) {
      const names = await readdir(join(folder, LOG_FOLDER)).catch(() => []); // no file has been written yet
      const sizes = await Promise.all(
        names.map(async (name) => (await stat(join(folder, LOG_FOLDER, name)).catch(() => null))?.size ?? 0),
      );
      set(
        {},
        sizes.reduce((sum, size) => sum + size, 0),
      );
    },
  });
}

function meterFlows(metrics: Metrics, { database, overdue }: WorkspaceMetricsOptions): void {
  const runs = database.prepare<[], { flow: string; status: string; count: number }>(
    'SELECT flow, status, count(*) AS count FROM flow_runs GROUP BY flow, status',
  );
  const schedules = database.prepare<[], { paused: number; count: number }>(
    'SELECT paused, count(*) AS count FROM schedules GROUP BY paused',
  );
  const periods = database.prepare<[], { late: number; count: number }>(
    'SELECT late, count(*) AS count FROM flow_runs WHERE schedule IS NOT NULL GROUP BY late',
  );
  metrics.read({
    name: 'sextant_flow_runs',
    help: 'Runs of flows that are kept, by flow and status.',
    labels: { flow: flowNameSchema.options, status: flowRunStatusSchema.options },
    read(set) {
      for (const row of runs.all()) set(row, row.count);
    },
  });
  metrics.read({
    name: 'sextant_schedules',
    help: 'Schedules by state.',
    labels: { state: ['active', 'paused'] },
    read(set) {
      const rows = schedules.all();
      const count = (paused: number) => rows.find((row) => row.paused === paused)?.count ?? 0;
      set({ state: 'active' }, count(0));
      set({ state: 'paused' }, count(1));
    },
  });
  metrics.read({
    name: 'sextant_schedules_overdue',
    help: 'Active schedules with a period that is due and not yet decided.',
    labels: {},
    read: (set) => set({}, overdue()),
  });
  metrics.read({
    name: 'sextant_schedule_periods',
    help: 'Flow runs that a schedule started and that are kept, on time or more than five minutes late.',
    labels: { punctuality: ['on-time', 'late'] },
    read(set) {
      const rows = periods.all();
      const count = (late: number) => rows.find((row) => row.late === late)?.count ?? 0;
      set({ punctuality: 'on-time' }, count(0));
      set({ punctuality: 'late' }, count(1));
    },
  });
}

function meterDatasets(metrics: Metrics, { database, now }: WorkspaceMetricsOptions): void {
  // One row per name, in the order in which the names were first imported, with the last date of the newest version.
  const lastDates = database.prepare<[], { last: string | null }>(
    `SELECT (SELECT json_extract(manifest, '$.lastDate') FROM datasets newest
             WHERE newest.name = datasets.name ORDER BY version DESC LIMIT 1) AS last
     FROM datasets GROUP BY name ORDER BY min(created_at), name`,
  );
  metrics.read({
    name: 'sextant_dataset_age_seconds',
    help: 'Time since the last day of prices in the newest version of each dataset. Datasets are numbered in the order of their first import.',
    labels: { dataset: Array.from({ length: MOST_DATASETS }, (_, i) => String(i + 1)) },
    read(set) {
      for (const [i, { last }] of lastDates.all().slice(0, MOST_DATASETS).entries()) {
        set({ dataset: String(i + 1) }, Math.max(0, now() - Date.parse(last ?? '')) / 1000);
      }
    },
  });
  metrics.read({
    name: 'sextant_datasets',
    help: 'Datasets by name, whatever their number of versions.',
    labels: {},
    read: (set) => set({}, lastDates.all().length),
  });
}

function meterCard(metrics: Metrics, { vram }: WorkspaceMetricsOptions): void {
  metrics.read({
    name: 'sextant_vram_bytes',
    help: 'Memory of the graphics card: used by everything, by Sextant, and the budget; absent where it is unknown.',
    labels: { kind: ['used', 'own', 'budget'] },
    async read(set) {
      const { usedBytes, ownBytes, budgetBytes } = await vram();
      set({ kind: 'used' }, usedBytes ?? Number.NaN);
      set({ kind: 'own' }, ownBytes ?? Number.NaN);
      set({ kind: 'budget' }, budgetBytes);
    },
  });
}

function answers(database: Database): boolean {
  try {
    database.prepare('SELECT count(*) FROM meta').get();
    return true;
  } catch {
    return false; // other metrics of the scrape name the reason in the log
  }
}

/** Reads at most once in `ms`; a clock that goes back reads anew. */
function remembered<T>(ms: number, now: () => number, read: () => T): () => T {
  let last: { readonly at: number; readonly value: T } | null = null;
  return () => {
    const at = now();
    if (last === null || at < last.at || at - last.at >= ms) last = { at, value: read() };
    return last.value;
  };
}
