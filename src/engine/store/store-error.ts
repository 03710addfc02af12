/**
 * Turns what SQLite and the file system throw into the closed list of errors, in one place.
 * No verdict here ever deletes or repairs anything: damage is reported, and the files stay as they are.
 */
import { AppError, type ErrorCode } from '#base/errors';

const FULL_DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL']);
const DAMAGE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'] as const;

/** The `code` of a Node or SQLite error, or '' for anything else. */
export function errorCodeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return '';
}

/** True where something could not be written for want of room. */
export function isFullDisk(error: unknown): boolean {
  return error instanceof AppError ? error.code === 'DISK_FULL' : FULL_DISK.has(errorCodeOf(error));
}

/** True for what SQLite reports when a page fails its check or cannot be decrypted. */
export function isDamage(error: unknown): boolean {
  const code = errorCodeOf(error);
  return DAMAGE.some((prefix) => code === prefix || code.startsWith(`${prefix}_`));
}

/**
 * The AppError behind a failure of the store: DISK_FULL, WORKSPACE_DAMAGED, WORKSPACE_LOCKED, IO, or CONFLICT where a trigger
 * protects what was to be changed.
 * AppErrors pass through unchanged, and anything unknown is returned as it came (it is a bug, and stays one).
 */
export function asStoreError(error: unknown, what: string): unknown {
  if (error instanceof AppError) return error;
  const found = describe(error, what);
  return found === null
    ? error
    : new AppError(found.code, found.message, { data: { cause: errorCodeOf(error) }, cause: error });
}

function describe(error: unknown, what: string): { code: ErrorCode; message: string } | null {
  const code = errorCodeOf(error);
  if (FULL_DISK.has(code)) {
    return {
      code: 'DISK_FULL',
      message: `Expected room to write ${what}; the disk is full. Free some space and try again.`,
    };
  }
  if (isDamage(error)) {
    return {
      code: 'WORKSPACE_DAMAGED',
      message: `Expected ${what} to be intact; found data that fails its check. Nothing was changed. Close Sextant, copy the workspace folder aside, and restore a backup.`,
    };
  }
  if (code === 'SQLITE_BUSY' || code.startsWith('SQLITE_BUSY_')) {
    return {
      code: 'WORKSPACE_LOCKED',
      message: `Expected ${what} to be free; another program is using it. Close that program and try again.`,
    };
  }
  if (code === 'SQLITE_CONSTRAINT_TRIGGER') {
    const rule = error instanceof Error ? error.message : code;
    return {
      code: 'CONFLICT',
      message: `Expected a change that leaves what is on record as it is; refused, because ${rule}. Nothing was changed.`,
    };
  }
  if (/^(SQLITE_(IOERR|CANTOPEN|READONLY|PERM|AUTH)|E[A-Z0-9]+$)/.test(code)) {
    return {
      code: 'IO',
      message: `Expected ${what} to be readable and writable; found ${code}. Check the folder, its permissions and the disk.`,
    };
  }
  return null;
}
