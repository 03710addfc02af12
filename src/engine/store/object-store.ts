/**
 * Large arrays beside the database: encrypted files named by the SHA-256 of their content. An object is written once,
 * appears whole or not at all, and a changed byte, a truncation or a swap of two files is found when it is read.
 * Hashing and encryption run in 8 MiB segments off the main thread, so the event loop stays free.
 */
import { createHash, hkdfSync } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import { commitFile, isTemporaryName, syncFolderSync } from './commit-file';
import { readSealed, segmentsOf, writeSealed } from './sealed-file';
import { asStoreError } from './store-error';

/** Where an object lies, relative to the folder of objects. */
export function objectPath(hash: string): string {
  return join(hash.slice(0, 2), hash);
}

/** Content hash of an object: 64 lower-case hex digits. Nothing else ever becomes a part of a path. */
const NAME = /^[0-9a-f]{64}$/;
const FOLDER = /^[0-9a-f]{2}$/;

export interface StoredObject {
  /** SHA-256 of the content, hex. */
  readonly hash: string;
  readonly bytes: number;
}

export interface ObjectStore {
  /**
   * Stores the concatenation of `chunks`, which must not change until it has returned. It is on the disk by then.
   * Errors: DISK_FULL (nothing is left behind), IO.
   */
  putObject(chunks: readonly ArrayBufferView[]): Promise<StoredObject>;
  /**
   * The content, in a buffer of its own that starts at offset 0 (so that any typed array can view it).
   * Errors: NOT_FOUND, WORKSPACE_DAMAGED, IO; BAD_REQUEST for a name that is not a hash.
   */
  getObject(hash: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Removes an object that no row refers to (view `referenced_objects`); one that does not exist is no error. */
  remove(hash: string): Promise<void>;
  /** Removes everything that `referenced` does not name, and leftovers of a crash. Only at start-up, before any put. */
  sweep(referenced: ReadonlySet<string>): { removed: number };
}

/** The key from which the keys of all objects of a workspace are derived. */
export function objectMaster(workspaceKey: Uint8Array): Uint8Array {
  return Buffer.from(hkdfSync('sha256', workspaceKey, '', 'sextant objects v1', 32));
}

/**
 * @param workspaceKey 32 bytes; the store uses keys derived from it
 * @param retiredKeys keys that the workspace had before: what was written then is still read, and never written again
 */
export function openObjectStore(
  folder: string,
  workspaceKey: Uint8Array,
  retiredKeys: readonly Uint8Array[] = [],
): ObjectStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const master = objectMaster(workspaceKey);
  const masters = [master, ...retiredKeys.map(objectMaster)];

  function pathOf(hash: string): string {
    if (!NAME.test(hash)) {
      throw new AppError('BAD_REQUEST', 'Expected an object name of 64 hex digits; found something else.');
    }
    return join(folder, objectPath(hash));
  }

  async function putObject(chunks: readonly ArrayBufferView[]): Promise<StoredObject> {
    const views = chunks.map(asBytes);
    const bytes = views.reduce((sum, view) => sum + view.length, 0);
    const hash = await hashOf(views);
    const path = pathOf(hash);
    if (await isIntact(path, hash)) return { hash, bytes };
    await makeFolder(folder, hash.slice(0, 2));
    await commitFile(path, (file) => writeSealed(file, { views, bytes, hash, master }));
    return { hash, bytes };
  }

  async function isIntact(path: string, hash: string): Promise<boolean> {
    try {
      await readSealed(path, hash, masters);
      return true;
    } catch {
      return false;
    }
  }

  return {
    putObject,
    getObject: async (hash) => readSealed(pathOf(hash), hash, masters),
    remove: async (hash) => rm(pathOf(hash), { force: true }),
    sweep: (referenced) => ({ removed: sweepFolder(folder, referenced) }),
  };
}

function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

async function makeFolder(parent: string, name: string): Promise<void> {
  try {
    const created = await mkdir(join(parent, name), { recursive: true, mode: 0o700 });
    if (created !== undefined) syncFolderSync(parent);
  } catch (error) {
    throw asStoreError(error, 'the object folder');
  }
}

async function hashOf(views: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('sha256');
  for (const segment of segmentsOf(views)) {
    hash.update(segment);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  return hash.digest('hex');
}

/** Only what the store itself could have made is removed: hash names in their own folder, and temporary files. */
function sweepFolder(folder: string, referenced: ReadonlySet<string>): number {
  let removed = 0;
  for (const prefix of readdirSync(folder).filter((name) => FOLDER.test(name))) {
    const path = join(folder, prefix);
    const names = readdirSync(path);
    const orphans = names.filter(
      (name) => isTemporaryName(name) || (NAME.test(name) && name.startsWith(prefix) && !referenced.has(name)),
    );
    for (const name of orphans) rmSync(join(path, name), { force: true });
    removed += orphans.length;
    if (orphans.length === names.length) rmdirSync(path);
  }
  return removed;
}
