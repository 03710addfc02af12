/**
 * Whether the disk under the workspace takes what is written: one state for the whole program. It becomes `full` as soon as a
 * write was refused for want of room, or so little is left that the next would be, and `ok` again by itself once a real
 * write has reached the disk; nobody has to start anything anew. Reading is never refused because of it.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { Storage } from '#contract/system';
import { commitFileSync } from './commit-file';

const MEBIBYTE = 2 ** 20;
/** What one ordinary transaction with its write-ahead log may take. */
const NEEDED_BYTES = 2 * MEBIBYTE;
/** Room that must be there before writing goes on, so that the state does not flutter. */
const RESUME_BYTES = 4 * MEBIBYTE;
/** Warned below the smaller of the two. */
const LOW_BYTES = 5 * 1024 * MEBIBYTE;
const LOW_SHARE = 0.05;

const LOOK_MS = 5000;
const RETRY_MS = 1000;
const PROBE_BYTES = MEBIBYTE;

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface StorageMonitorOptions {
  readonly folder: string;
  readonly log: Log;
  /** UTC milliseconds. */
  now(): number;
  /** What the system tells of the disk; null where it tells nothing. Asked of the real one unless told. */
  space?(): Space | null;
  /** Called when the state has become another one; `since` is when the state before began. */
  onChange(storage: Storage, before: { readonly state: Storage['state']; readonly since: number }): void;
}

export interface StorageMonitor {
  current(): Storage;
  /** A write was refused because the disk is full. */
  refused(): void;
  /** Errors: DISK_FULL while it is, unless `whenFull`; READ_ONLY where nothing is ever written. */
  requireRoom(whenFull: boolean): void;
  close(): void;
}

export function createStorageMonitor(options: StorageMonitorOptions): StorageMonitor {
  const { folder, log, now, onChange, space = () => spaceOf(folder) } = options;
  let state: Storage['state'] = 'ok';
  let since = now();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function current(): Storage {
    const found = space();
    return {
      state,
      since: new Date(since).toISOString(),
      freeBytes: found?.freeBytes ?? null,
      totalBytes: found?.totalBytes ?? null,
      message: messageOf(state, folder),
    };
  }

  function become(next: Storage['state']): void {
    if (next === state) return;
    const before = { state, since };
    state = next;
    since = now();
    if (next === 'full') log.error(messageOf(next, folder) ?? '');
    else if (before.state === 'full') log.info('There is room on the disk again; writing goes on.');
    onChange(current(), before);
  }

  function look(): void {
    const found = space();
    if (state === 'full') {
      if ((found === null || found.freeBytes >= RESUME_BYTES) && takesWrites(folder)) become(stateOf(found));
    } else if (found !== null) become(stateOf(found));
  }

  function schedule(): void {
    if (isClosed) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        look();
        schedule();
      },
      state === 'full' ? RETRY_MS : LOOK_MS,
    );
    timer.unref();
  }

  schedule();
  return {
    current,
    refused() {
      become('full');
      schedule();
    },
    requireRoom(whenFull) {
      if (state === 'full' && !whenFull)
        throw new AppError('DISK_FULL', messageOf(state, folder) ?? '', { data: { folder } });
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** For a workspace on a disk that cannot be written. */
export function readOnlyStorage(folder: string, now: number): StorageMonitor {
  const message = `The workspace ${folder} is on a disk that cannot be written, or belongs to another user. Everything can be looked at and exported; nothing is changed and nothing runs. To work with it, copy the folder to a disk that can be written and open it there.`;
  return {
    current: () => ({
      state: 'read-only',
      since: new Date(now).toISOString(),
      freeBytes: null,
      totalBytes: null,
      message,
    }),
    refused() {},
    requireRoom() {
      throw new AppError('READ_ONLY', message, { data: { folder } });
    },
    close() {},
  };
}

function stateOf(found: Space | null): Storage['state'] {
  if (found === null) return 'ok';
  if (found.freeBytes < NEEDED_BYTES) return 'full';
  return found.freeBytes < Math.min(LOW_BYTES, LOW_SHARE * found.totalBytes) ? 'low' : 'ok';
}

function messageOf(state: Storage['state'], folder: string): string | null {
  if (state === 'full') {
    return `Expected room on the disk of ${folder}; it is full. Nothing is lost: what was stored can be read, jobs wait, and nothing new is begun. Free some space; writing then goes on by itself.`;
  }
  if (state === 'low') return `The disk of ${folder} is nearly full. Free some space before jobs have to wait for it.`;
  return null;
}

function spaceOf(folder: string): Space | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    // Some file systems count nothing; they then say zero of zero.
    return blocks === 0 ? null : { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

/** Whether the disk really takes a file: quotas and reserved blocks do not show in what the system tells. */
function takesWrites(folder: string): boolean {
  const file = join(folder, '.tmp-0000000000000000');
  try {
    commitFileSync(file, randomBytes(PROBE_BYTES));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file, { force: true });
  }
}
