/**
 * Erases a closed workspace: first what makes its pages readable (key check and the head of the database are overwritten), then every
 * file. What a backup outside the folder holds is not touched, and a key kept elsewhere opens nothing any more.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolderSync } from '../store/commit-file';
import { asStoreError } from '../store/store-error';

const HEAD_BYTES = 1 << 20;
const FIRST = ['workspace.json', 'workspace.db', 'workspace.db-wal', 'audit.anchors'];

/** Safe to repeat after a crash in the middle. Errors: IO. */
export function eraseWorkspace(folder: string): void {
  try {
    for (const name of FIRST) overwriteHead(join(folder, name));
    rmSync(folder, { recursive: true, force: true });
    syncFolderSync(join(folder, '..'));
  } catch (error) {
    throw asStoreError(error, folder);
  }
}

function overwriteHead(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    writeSync(file, randomBytes(Math.min(HEAD_BYTES, statSync(path).size)), 0, undefined, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
