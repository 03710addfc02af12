/**
 * Backups as the rest of the engine sees them: made on request and when due, listed only when proved, tried by a monthly
 * restore drill. One piece of work at a time; what goes wrong in the background is kept and shown, never thrown away.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { toWire } from '#base/errors';
import type { Log } from '#base/log';
import { drillSchema, type Backup, type BackupReason, type Drill } from '#contract/backups';
import type { Workspace } from '../store/workspace';
import { backupFolder, backupIds, keysOf, readManifest, removeBackup, toBackup } from './backup-folder';
import { makeBackup } from './make-backup';
import { outdated } from './retention';
import { tryRestore } from './restore-drill';
import { verifyFolder } from './verify-backup';

export const INTERVAL_MINUTES = 15;
const MINUTE_MS = 60_000;
const DRILL_MS = 30 * 24 * 60 * MINUTE_MS;
const DRILL_SETTING = 'backups.drill';

export interface BackupService {
  /** Those whose manifest proves itself, newest first. */
  list(): Backup[];
  create(reason: BackupReason): Promise<Backup>;
  /** Reads every byte. Errors: NOT_FOUND, WORKSPACE_DAMAGED. */
  verify(backup: string): Promise<{ backup: string; objects: number; rows: number; seconds: number }>;
  /** Restores into a scratch folder and reads everything; its verdict is kept. Errors: NOT_FOUND. */
  drill(backup: string): Promise<Drill>;
  lastDrill(): Drill | null;
  /** Why the last automatic backup failed; null where it did not. */
  problem(): string | null;
  /** Folder of a backup by identifier or `latest`. Errors: NOT_FOUND. */
  find(backup: string): string;
  /** A backup where the newest is too old and something has changed, old ones removed, a drill once a month. Never throws. */
  runDue(): Promise<void>;
  /** Waits for the work in progress. */
  close(): Promise<void>;
}

export interface BackupServiceOptions {
  readonly workspace: Workspace;
  readonly appVersion: string;
  readonly log: Log;
  /** UTC milliseconds. */
  now(): number;
  /** Called when the list or the last drill has changed. */
  onChange(): void;
  /** None is made by itself. */
  readonly isHeld?: boolean;
  /** Calls back again and again until it is stopped; a test passes its own. */
  every?(milliseconds: number, act: () => void): () => void;
}

export function createBackupService(options: BackupServiceOptions): BackupService {
  const { workspace, appVersion, log, now, onChange, every = repeat } = options;
  const { folder, database, keyring } = workspace;
  const changes = database.prepare<[], number>('SELECT total_changes()').pluck();
  let problem: string | null = null;
  /** Changes of this connection at the last backup; null before the first. */
  let changesThen: number | null = null;
  let work: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = work.then(act, act);
    work = done.catch(() => {});
    return done;
  }

  function list(): Backup[] {
    return backupIds(folder).flatMap((id) => {
      try {
        return [toBackup(readManifest(backupFolder(folder, id), keysOf(keyring)).manifest)];
      } catch (error) {
        log.warn('A folder among the backups is none.', { id, found: toWire(error).message });
        return [];
      }
    });
  }

  async function create(reason: BackupReason): Promise<Backup> {
    const manifest = await makeBackup({ folder, database, keyring, appVersion }, reason, now());
    changesThen = changes.get() ?? null;
    for (const id of outdated(list())) removeBackup(folder, id);
    onChange();
    return toBackup(manifest);
  }

  function find(backup: string): string {
    const id = backup === 'latest' ? list()[0]?.id : backup;
    const path = backupFolder(folder, id ?? backup);
    if (existsSync(path)) return path;
    return backupFolder(folder, '-'); // throws the NOT_FOUND of a name that is none
  }

  async function verify(backup: string) {
    const started = performance.now();
    const manifest = await verifyFolder(find(backup), keyring, { contents: 'all' });
    const { id, objects, rows } = toBackup(manifest);
    return { backup: id, objects, rows, seconds: (performance.now() - started) / 1000 };
  }

  async function drill(backup: string): Promise<Drill> {
    const path = find(backup);
    const scratch = await mkdtemp(join(folder, '.drill-'));
    const started = performance.now();
    let verdict: Pick<Drill, 'passed' | 'detail'>;
    try {
      verdict = { passed: true, detail: await tryRestore(path, keyring, scratch) };
    } catch (error) {
      verdict = { passed: false, detail: toWire(error).message };
      log.error('A restore drill failed.', { backup, found: verdict.detail });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    const at = new Date(now()).toISOString();
    const found: Drill = { at, backup: path.slice(-26), ...verdict, seconds: (performance.now() - started) / 1000 };
    database
      .prepare(
        `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
      )
      .run(DRILL_SETTING, JSON.stringify(found), now());
    onChange();
    return found;
  }

  function lastDrill(): Drill | null {
    const text = database
      .prepare<[string], string>('SELECT value FROM settings WHERE name = ?')
      .pluck()
      .get(DRILL_SETTING);
    return text === undefined ? null : drillSchema.parse(JSON.parse(text));
  }

  async function runDue(): Promise<void> {
    if (isClosed) return;
    try {
      const newest = list()[0];
      const age = newest === undefined ? Infinity : now() - Date.parse(newest.createdAt);
      const hasChanged = changesThen === null || changes.get() !== changesThen;
      if (age >= INTERVAL_MINUTES * MINUTE_MS && hasChanged) await create('automatic');
      problem = null;
      const drilled = Date.parse(lastDrill()?.at ?? '');
      if (!isClosed && (Number.isNaN(drilled) || now() - drilled > DRILL_MS) && list().length > 0)
        await drill('latest');
    } catch (error) {
      problem = toWire(error).message;
      log.error('The automatic backup failed.', { found: problem });
      onChange();
    }
  }

  const stop = options.isHeld === true ? () => {} : every(MINUTE_MS, () => void inTurn(runDue));

  return {
    list,
    create: (reason) => inTurn(() => create(reason)),
    verify: (backup) => inTurn(() => verify(backup)),
    drill: (backup) => inTurn(() => drill(backup)),
    lastDrill,
    problem: () => problem,
    find,
    runDue: () => inTurn(runDue),
    async close() {
      isClosed = true;
      stop();
      await work;
    },
  };
}

function repeat(milliseconds: number, act: () => void): () => void {
  const timer = setInterval(act, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
