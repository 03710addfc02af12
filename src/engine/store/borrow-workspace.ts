/**
 * A workspace on a disk that cannot be written (a mounted backup, a stick, somebody else's folder) can still be looked at: its database is
 * copied, encrypted as it is, into a private temporary folder and opened there; objects and backups are read where they are. Nothing is
 * ever written beside the original, and the copy is gone at the end.
 */
import { accessSync, constants, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import { asStoreError, errorCodeOf } from './store-error';
import { swapIsPending } from './swap-state';
import { isWorkspace } from './workspace';

/** Belongs to whoever has it open, or is made anew. */
const LEFT = /^(host\.json|lock\.db.*|.*-shm|api-token|command-line-token|\.tmp-.*)$/;
const SHOWN = ['objects', 'backups', 'logs'];

/** True where a workspace can be read and not be written. */
export function isReadOnlyWorkspace(folder: string): boolean {
  if (!isWorkspace(folder)) return false;
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return ['EROFS', 'EACCES', 'EPERM'].includes(errorCodeOf(error));
  }
}

export interface BorrowedWorkspace {
  readonly folder: string;
  /** Removes the copy. */
  giveBack(): void;
}

/** Errors: READ_ONLY where the workspace has to be written before it can be read; DISK_FULL, IO. */
export function borrowWorkspace(original: string): BorrowedWorkspace {
  if (swapIsPending(original)) {
    throw new AppError(
      'READ_ONLY',
      `Expected a workspace that is complete at ${original}; found a restore that was not finished, on a disk that cannot be written. Nothing was changed. Copy the folder to a disk that can be written and open it there.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'sextant-read-only-'));
  const giveBack = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const entry of readdirSync(original, { withFileTypes: true })) {
      if (entry.isFile() && !LEFT.test(entry.name)) cpSync(join(original, entry.name), join(folder, entry.name));
    }
    for (const name of SHOWN) {
      if (existsSync(join(original, name))) symlinkSync(join(original, name), join(folder, name));
    }
  } catch (error) {
    giveBack();
    throw asStoreError(error, `a copy of the database of ${original}`);
  }
  return { folder, giveBack };
}
