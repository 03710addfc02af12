/** What each part looks at, from when on that is degraded or failing, and what then is to be done. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Drill } from '#contract/backups';
import type { KeySource, Storage } from '#contract/system';
import type { Slo } from '#contract/slos';
import type { KeyStore } from '../host';
import type { DataAge } from '../schedules/schedule-facts';
import type { Database } from '../store/database';
import type { Finding, HealthCheck } from './health-service';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GIBIBYTE = 2 ** 30;

const QUEUE_STANDS_MS = 10 * MINUTE_MS;
const OLD_BACKUP_MS = 2 * DAY_MS;
const FIRST_BACKUP_MS = 60 * MINUTE_MS;
const STALE_SESSIONS = 1;
const OLD_SESSIONS = 5;
const KEY_LOOK_MS = 5 * MINUTE_MS;

export interface HealthCheckOptions {
  readonly database: Database;
  readonly folder: string;
  readonly keys: Pick<KeyStore, 'read'>;
  readonly key: Uint8Array;
  readonly keySource: KeySource;
  /** UTC milliseconds. */
  now(): number;
  readonly startedAt: number;
  runningJobs(): number;
  /** What is known of the disk under the workspace. */
  storage(): Storage;
  readonly schedules: { clockTrusted(): boolean; heldUntil(): number | null; overdue(): number };
  readonly backups: {
    list(): readonly { readonly createdAt: string }[];
    problem(): string | null;
    lastDrill(): Drill | null;
  };
  datasetsInUse(): readonly DataAge[];
  slos(): readonly Slo[];
}

export function productChecks(options: HealthCheckOptions): readonly HealthCheck[] {
  return [
    { component: 'store', look: () => lookAtStore(options) },
    { component: 'key', look: rarely(options.now, KEY_LOOK_MS, () => lookAtKey(options)) },
    { component: 'disk', look: () => lookAtDisk(options.storage()) },
    { component: 'queue', look: () => lookAtQueue(options) },
    { component: 'clock', look: () => lookAtClock(options) },
    { component: 'schedules', look: () => lookAtSchedules(options) },
    { component: 'backups', look: rarely(options.now, MINUTE_MS, async () => lookAtBackups(options)) },
    { component: 'data', look: () => lookAtData(options.datasetsInUse()) },
    { component: 'slos', look: () => lookAtSlos(options.slos()) },
  ];
}

/** A look that costs something is taken at most once in `ms`; one that found trouble is taken anew. */
function rarely(now: () => number, ms: number, look: () => Promise<Finding>): () => Promise<Finding> {
  let last: { readonly at: number; readonly found: Finding } | null = null;
  return async () => {
    const at = now();
    if (last === null || last.found.state !== 'ok' || at < last.at || at - last.at >= ms)
      last = { at, found: await look() };
    return last.found;
  };
}

function lookAtStore({ database, folder, storage }: HealthCheckOptions): Finding {
  database.prepare('SELECT count(*) FROM meta').get();
  const { state, message } = storage();
  // Shown from a disk that takes nothing: that is known, and the part "disk" says what to do.
  if (state === 'read-only')
    return {
      state: 'degraded',
      detail: message ?? 'The database is open for reading only.',
      action: 'Open it on a disk that can be written.',
    };
  try {
    accessSync(join(folder, 'workspace.db'), constants.W_OK);
    accessSync(folder, constants.W_OK);
    // A write that changes no row takes the write lock and touches no page.
    database.prepare('UPDATE meta SET value = value WHERE name IS NULL').run();
  } catch (error) {
    return {
      state: 'failing',
      detail: `The database can be read and not written: ${error instanceof Error ? error.message : String(error)}.`,
      action: 'Make the disk and the workspace folder writable.',
    };
  }
  return { state: 'ok', detail: 'The database is open and takes changes.' };
}

async function lookAtKey({ keys, key, keySource }: HealthCheckOptions): Promise<Finding> {
  // Reading either of these may ask a person.
  if (keySource === 'passphrase') return { state: 'ok', detail: 'A passphrase opens the workspace.' };
  if (keySource === 'keychain') return { state: 'ok', detail: 'The keychain of this user opens the workspace.' };
  const found = await keys.read().catch(() => null);
  if (found !== null && Buffer.from(found.key).equals(Buffer.from(key))) {
    return { state: 'ok', detail: `The key is where the next start will look for it (${found.source}).` };
  }
  return {
    state: 'degraded',
    detail:
      found === null
        ? 'The key of the open workspace is no longer where the next start will look for it.'
        : `The ${found.source} holds another key than that of the open workspace.`,
    action: 'Put the key back before Sextant is stopped, or have the recovery key at hand (sextant keys recovery).',
  };
}

function lookAtDisk({ state, freeBytes, message }: Storage): Finding {
  const detail =
    freeBytes === null
      ? 'The system does not tell how much is free.'
      : `${(freeBytes / GIBIBYTE).toFixed(1)} GiB are free.`;
  if (state === 'ok') return { state: 'ok', detail };
  return {
    state: state === 'low' ? 'degraded' : 'failing',
    detail: message ?? detail,
    action: 'Free some space, or move the workspace to a larger disk.',
  };
}

function lookAtQueue({ database, now, runningJobs }: HealthCheckOptions): Finding {
  const waiting = database
    .prepare<[], { count: number; since: number | null }>(
      `SELECT count(*) AS count, min(created_at) AS since FROM jobs WHERE status IN ('queued', 'interrupted') AND paused = 0`,
    )
    .get() ?? { count: 0, since: null };
  const running = runningJobs();
  if (waiting.since === null) return { state: 'ok', detail: `${running} jobs run, none waits.` };
  const minutes = Math.max(0, Math.floor((now() - waiting.since) / MINUTE_MS));
  const detail = `${running} jobs run, ${waiting.count} wait, the first for ${minutes} min.`;
  if (running > 0 || now() - waiting.since < QUEUE_STANDS_MS) return { state: 'ok', detail };
  return {
    state: 'degraded',
    detail,
    action: 'Open the job that waits: its log says what it waits for (sextant jobs list --active).',
  };
}

function lookAtClock({ schedules }: HealthCheckOptions): Finding {
  if (schedules.clockTrusted()) return { state: 'ok', detail: 'The clock runs evenly.' };
  const held = schedules.heldUntil();
  return {
    state: 'degraded',
    detail:
      held === null
        ? 'The clock has leapt within the last day; nothing is deleted by age until it has run evenly for a day.'
        : 'The clock has just leapt; schedules wait until it proves steady.',
    action: 'Check date and time of this machine.',
  };
}

function lookAtSchedules({ database, schedules }: HealthCheckOptions): Finding {
  const failed = database
    .prepare<[], string>(
      `SELECT name FROM schedules WHERE paused = 0 AND
         (SELECT status FROM flow_runs WHERE flow_runs.schedule = schedules.name AND status NOT IN ('queued', 'running')
          ORDER BY ordinal DESC LIMIT 1) = 'failed' ORDER BY name`,
    )
    .pluck()
    .all();
  const overdue = schedules.overdue();
  if (overdue > 0 && schedules.heldUntil() === null) {
    return {
      state: 'degraded',
      detail: `${overdue} schedules are due and not started.`,
      action: 'See the log of the host; they are tried again every half minute.',
    };
  }
  if (failed.length > 0) {
    return {
      state: 'degraded',
      detail: `The last run failed of: ${failed.slice(0, 5).join(', ')}${failed.length > 5 ? ', …' : ''}.`,
      action: 'Open the run for its reason (sextant flows runs --status failed).',
    };
  }
  return { state: 'ok', detail: 'Every schedule ran when it was due.' };
}

function lookAtBackups({ backups, now, startedAt }: HealthCheckOptions): Finding {
  const drill = backups.lastDrill();
  if (drill !== null && !drill.passed) {
    return {
      state: 'failing',
      detail: `The last restore drill failed: ${drill.detail}`,
      action: 'Make a new backup and drill it (sextant backups create, sextant backups drill latest).',
    };
  }
  const problem = backups.problem();
  if (problem !== null) {
    return {
      state: 'failing',
      detail: `The last backup failed: ${problem}`,
      action: 'Remove its reason; it is tried again every minute.',
    };
  }
  const newest = backups.list()[0];
  if (newest === undefined) {
    const isLong = now() - startedAt > FIRST_BACKUP_MS;
    return isLong
      ? { state: 'degraded', detail: 'There is no backup.', action: 'Make one: sextant backups create.' }
      : { state: 'ok', detail: 'The first backup is made within minutes.' };
  }
  const age = Math.max(0, now() - Date.parse(newest.createdAt));
  const detail = `The newest backup is ${age < DAY_MS ? `${Math.floor(age / MINUTE_MS)} min` : `${Math.floor(age / DAY_MS)} days`} old.`;
  // Where nothing has changed none is made; after two days something has.
  return age > OLD_BACKUP_MS && now() - startedAt > FIRST_BACKUP_MS
    ? { state: 'degraded', detail, action: 'Make one: sextant backups create.' }
    : { state: 'ok', detail };
}

function lookAtData(ages: readonly DataAge[]): Finding {
  if (ages.length === 0) return { state: 'ok', detail: 'No schedule uses a dataset.' };
  const missing = ages.filter(({ behind }) => behind === null);
  if (missing.length > 0) {
    return {
      state: 'degraded',
      detail: `A schedule uses ${missing.map(({ dataset }) => dataset).join(', ')}, which is not there.`,
      action: 'Import it, or remove the schedule.',
    };
  }
  const oldest = ages.reduce((a, b) => ((b.behind ?? 0) > (a.behind ?? 0) ? b : a));
  const behind = oldest.behind ?? 0;
  const detail = `${oldest.dataset} ends on ${oldest.lastDate ?? ''}, ${behind} sessions behind.`;
  const action = 'Ingest newer prices (sextant flows start ingest).';
  if (behind > OLD_SESSIONS) return { state: 'failing', detail, action };
  return behind > STALE_SESSIONS ? { state: 'degraded', detail, action } : { state: 'ok', detail };
}

function lookAtSlos(slos: readonly Slo[]): Finding {
  const bad = slos.filter(({ state }) => state !== 'ok' && state !== 'idle');
  if (bad.length === 0) return { state: 'ok', detail: 'Every service level holds.' };
  return {
    state: 'degraded',
    detail: bad.map(({ title, state }) => `${title}: ${state.replace('-', ' ')}`).join('; '),
    action: 'See Monitor → Service levels, or: sextant slos list.',
  };
}
