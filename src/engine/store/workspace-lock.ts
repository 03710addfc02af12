/**
 * One writer per workspace: an exclusive SQLite transaction held open on `lock.db`. The operating system drops it with
 * the process, however that ends, so there is no stale lock and no age to guess.
 * The owner may publish in `host.json` how to reach it, so that a second program attaches instead of failing.
 * `lock.db` must never be opened by other means in the owner's process: closing any descriptor of a file drops the
 * process's POSIX locks on it.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { commitFileSync } from './commit-file';
import { asStoreError, errorCodeOf } from './store-error';

const hostRecordSchema = z.object({
  pid: z.number().int(),
  /** Where the owner listens, once it does. */
  url: z.string().nullable(),
  /** Absolute path of the 0600 file with the owner's token. */
  tokenFile: z.string().nullable(),
  startedAt: z.iso.datetime(),
});

/** What the owner of a workspace says about itself. */
export type HostRecord = z.infer<typeof hostRecordSchema>;

export interface WorkspaceLock {
  /** Replaces what others can read about this owner. Errors: DISK_FULL, IO. */
  publish(address: { url: string; tokenFile: string }): void;
  /** Gives the workspace up. Safe to call twice. */
  release(): void;
}

/**
 * Takes the lock of `folder`, which must exist.
 * @param now UTC milliseconds
 * Errors: WORKSPACE_LOCKED with the owner's record as `data.owner` (null where it has not said), IO, DISK_FULL.
 */
export function lockWorkspace(folder: string, now: number): WorkspaceLock {
  const lock = takeLock(folder);
  const startedAt = new Date(now).toISOString();
  const recordFile = join(folder, 'host.json');

  function write(address: { url: string; tokenFile: string } | null): void {
    const record: HostRecord = {
      pid: process.pid,
      url: address?.url ?? null,
      tokenFile: address?.tokenFile ?? null,
      startedAt,
    };
    commitFileSync(recordFile, `${JSON.stringify(record)}\n`);
  }

  try {
    write(null);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    publish: write,
    release() {
      if (!lock.open) return;
      rmSync(recordFile, { force: true });
      lock.close();
    },
  };
}

function takeLock(folder: string): Sqlite.Database {
  try {
    const lock = new Sqlite(join(folder, 'lock.db'), { timeout: 0 });
    try {
      lock.pragma('locking_mode = EXCLUSIVE');
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock.close();
      throw error;
    }
  } catch (error) {
    if (errorCodeOf(error).startsWith('SQLITE_BUSY')) throw lockedError(folder);
    throw asStoreError(error, 'the workspace lock');
  }
}

function lockedError(folder: string): AppError {
  const owner = readHostRecord(folder);
  const who =
    owner === null ? 'another Sextant' : `Sextant (process ${owner.pid}${owner.url === null ? '' : `, ${owner.url}`})`;
  return new AppError(
    'WORKSPACE_LOCKED',
    `Expected the workspace ${folder} to be free; ${who} is using it. Use that one, or close it first.`,
    { data: { folder, owner } },
  );
}

/** Reads what the owner of a workspace last said; null where there is nothing readable. It may be out of date: only the lock decides. */
export function readHostRecord(folder: string): HostRecord | null {
  try {
    return hostRecordSchema.parse(JSON.parse(readFileSync(join(folder, 'host.json'), 'utf8')));
  } catch {
    return null;
  }
}
