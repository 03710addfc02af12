/**
 * The one way in which a file appears in a workspace: temporary file, fsync, rename, fsync of the folder.
 * After a crash at any point there is the old file or the new one, never a part; a failure leaves no temporary file.
 * Two twins, because start-up is synchronous and large objects must not block the event loop.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#base/errors';
import { asStoreError, errorCodeOf } from './store-error';

const TEMPORARY = /^\.tmp-[0-9a-f]{16}$/;

/** Names of files that a crash may have left behind; they are never referred to and can be removed at start-up. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.tmp-${randomBytes(8).toString('hex')}`);
}

/**
 * Writes `path` in pieces. The new file has mode 0600.
 * @param write called once with the open temporary file; its failure removes that file and is passed on
 * Errors: DISK_FULL, IO.
 */
export async function commitFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw asStoreError(error, path);
  }
}

/** Writes a small file whole; like {@link commitFile}, but it returns when everything is on the disk. */
export function commitFileSync(path: string, content: string | Uint8Array): void {
  commitSync(path, content, (temporary) => renameSync(temporary, path));
}

/** Like {@link commitFileSync}, but never replaces a file. Errors: also CONFLICT, and the file there is untouched. */
export function createFileSync(path: string, content: string | Uint8Array): void {
  commitSync(path, content, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
      throw new AppError('CONFLICT', `Expected no file at ${path}; found one. It was not touched.`, { cause: error });
    }
    rmSync(temporary);
  });
}

function commitSync(path: string, content: string | Uint8Array, publish: (temporary: string) => void): void {
  const temporary = temporaryBeside(path);
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    publish(temporary);
    syncFolderSync(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asStoreError(error, path);
  }
}

/** Copies a file; the copy is on the disk when it returns, its name when its folder is synced. Errors: DISK_FULL, IO. */
export async function copyDurably(from: string, to: string): Promise<void> {
  try {
    const [source, target] = [await open(from, 'r'), await open(to, 'wx', 0o600)];
    try {
      for await (const chunk of source.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
        await target.writeFile(chunk as Buffer); // a stream without an encoding gives buffers; each goes behind the one before
      }
      await target.sync();
    } finally {
      await Promise.all([source.close(), target.close()]);
    }
  } catch (error) {
    throw asStoreError(error, to);
  }
}

/** Asks for the content of a file that somebody else wrote to be on the disk. */
export function syncFileSync(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes renames in a folder durable. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames in a folder durable, synchronously. */
export function syncFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
