/**
 * Proves that a backup can be restored: manifest, database and objects are what they were when it was made. The database
 * is opened with its key and read page by page, objects are decrypted and compared with their content hash.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import { openReadOnly } from '../store/database';
import type { Keyring } from '../store/keyring';
import { schemaVersionOf } from '../store/migrate';
import { objectMaster } from '../store/object-store';
import { readSealed } from '../store/sealed-file';
import { damagedBackup, keysOf, readManifest, type Manifest } from './backup-folder';
import { countRows, hashOfFile } from './backup-contents';

export interface VerifyOptions {
  /**
   * `all` decrypts every object. `new` decrypts those that no earlier backup shares (their file has two names at most):
   * the others were read when they were new.
   */
  readonly contents: 'all' | 'new';
}

/** Errors: NOT_FOUND, WORKSPACE_DAMAGED with what differs, IO. */
export async function verifyFolder(folder: string, keyring: Keyring, { contents }: VerifyOptions): Promise<Manifest> {
  const { manifest, key } = readManifest(folder, keysOf(keyring));
  try {
    await verifyDatabase(folder, manifest, key);
    await verifyObjects(folder, manifest, { contents, masters: [key, ...keysOf(keyring)].map(objectMaster) });
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'IO' || error.code === 'DISK_FULL') throw error;
    throw error.data?.backup === undefined ? damagedBackup(folder, error.message, error) : error;
  }
  return manifest;
}

async function verifyDatabase(folder: string, manifest: Manifest, key: Uint8Array): Promise<void> {
  const file = join(folder, 'workspace.db');
  if (!existsSync(file)) throw damagedBackup(folder, 'its database is missing');
  if ((await hashOfFile(file)) !== manifest.database.sha256) throw damagedBackup(folder, 'its database was changed');
  const database = openReadOnly({ file, key });
  try {
    const state = String(database.pragma('integrity_check', { simple: true }));
    if (state !== 'ok') throw damagedBackup(folder, `its database is not consistent (${state})`);
    if (schemaVersionOf(database) !== manifest.schemaVersion) throw damagedBackup(folder, 'its schema differs');
    const rows = countRows(database);
    const tables = new Set([...Object.keys(rows), ...Object.keys(manifest.rows)]);
    for (const table of tables) {
      if (rows[table] === manifest.rows[table]) continue;
      throw damagedBackup(folder, `${table} has ${rows[table]} rows where ${manifest.rows[table]} were counted`);
    }
    const hashes = database.prepare<[], string>('SELECT hash FROM referenced_objects').pluck().all();
    const missing = hashes.find((hash) => !Object.hasOwn(manifest.objects, hash));
    // What was saved from damage may have lost objects; whatever refers to one says so when it is read.
    if (missing !== undefined && manifest.reason !== 'salvage')
      throw damagedBackup(folder, `the object ${missing} is not part of it`);
  } finally {
    database.close();
  }
}

async function verifyObjects(
  folder: string,
  { objects }: Manifest,
  { contents, masters }: VerifyOptions & { masters: readonly Uint8Array[] },
): Promise<void> {
  for (const [hash, size] of Object.entries(objects)) {
    const path = join(folder, 'objects', hash);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.size !== size)
      throw damagedBackup(folder, `its object ${hash} is ${found === undefined ? 'missing' : 'cut'}`);
    if (contents === 'all' || found.nlink <= 2) await readSealed(path, hash, masters);
  }
}
