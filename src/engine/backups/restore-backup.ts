/**
 * Puts a closed workspace back to a backup. The backup is proved and built beside the workspace first; only then is the
 * state exchanged. The key of the workspace stays what it is, also where the backup is under an earlier one.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#base/errors';
import { commitFileSync, copyDurably, syncFileSync, syncFolderSync } from '../store/commit-file';
import { openDatabase, rekeyDatabase } from '../store/database';
import { rewriteKeyCheck } from '../store/key-check';
import type { Keyring } from '../store/keyring';
import { objectPath } from '../store/object-store';
import { retireKey } from '../store/retired-keys';
import { migrations } from '../store/schema';
import { freshBuildFolder, swapState } from '../store/swap-state';
import { keysOf, readManifest, type Manifest } from './backup-folder';
import { verifyFolder } from './verify-backup';

export interface RestoreOptions {
  /** Absolute path of the workspace; it must be closed, and locked by the caller. */
  readonly folder: string;
  /** Absolute path of the backup's folder. */
  readonly backup: string;
  readonly keyring: Keyring;
  /** UTC milliseconds. */
  readonly now: number;
}

/** @returns the manifest and where the state before lies. Errors: those of verifying; DISK_FULL and IO, with nothing moved. */
export async function restoreBackup(options: RestoreOptions): Promise<{ manifest: Manifest; setAside: string }> {
  const manifest = await buildFrom(options, freshBuildFolder(options.folder));
  return { manifest, setAside: swapState(options.folder, options.now) };
}

/**
 * Makes a workspace of a backup where there is none, as on a new machine. The folder must exist and be locked.
 * Errors: CONFLICT for a workspace that is there already; those of verifying; DISK_FULL, IO.
 */
export async function adoptBackup({ folder, backup, key, now }: AdoptOptions): Promise<Manifest> {
  if (existsSync(join(folder, 'workspace.db'))) {
    throw new AppError(
      'CONFLICT',
      `Expected no workspace in ${folder}; found one. It was not touched. Choose another folder with --workspace.`,
    );
  }
  const { manifest } = await restoreBackup({ folder, backup, keyring: { current: key, retired: [] }, now });
  for (const name of ['workspace.json', 'recovery.json']) {
    const file = join(backup, name);
    if (existsSync(file)) commitFileSync(join(folder, name), readFileSync(file));
  }
  rewriteKeyCheck(folder, key);
  return manifest;
}

export interface AdoptOptions extends Omit<RestoreOptions, 'keyring'> {
  /** The key that the backup was made with. */
  readonly key: Uint8Array;
}

/**
 * Builds in `target`, an empty folder, what the backup holds, under the present key and schema.
 * Errors: those of verifying; DISK_FULL, IO.
 */
export async function buildFrom(
  { backup, keyring }: Pick<RestoreOptions, 'backup' | 'keyring'>,
  target: string,
): Promise<Manifest> {
  const manifest = await verifyFolder(backup, keyring, { contents: 'all' });
  const file = join(target, 'workspace.db');
  await copyDurably(join(backup, 'workspace.db'), file);
  const made = readManifest(backup, keysOf(keyring)).key;
  const isOlder = !Buffer.from(made).equals(keyring.current);
  if (isOlder) rekeyDatabase(file, made, keyring.current);
  const database = openDatabase({ file, key: keyring.current, migrations, keyProven: true });
  for (const key of isOlder ? [made, ...keyring.retired] : keyring.retired) {
    if (!Buffer.from(key).equals(keyring.current)) retireKey(database, key, Date.parse(manifest.createdAt));
  }
  database.close();
  syncFileSync(file);
  const anchors = join(backup, 'audit.anchors');
  if (existsSync(anchors)) {
    await copyDurably(anchors, join(target, 'audit.anchors'));
  }
  await linkObjects(backup, target, Object.keys(manifest.objects));
  syncFolderSync(target);
  return manifest;
}

async function linkObjects(backup: string, target: string, hashes: readonly string[]): Promise<void> {
  const objects = join(target, 'objects');
  mkdirSync(objects, { mode: 0o700 });
  const folders = new Set<string>();
  for (const hash of hashes) {
    const path = join(objects, objectPath(hash));
    folders.add(dirname(path));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await link(join(backup, 'objects', hash), path).catch(() => copyDurably(join(backup, 'objects', hash), path));
  }
  for (const folder of [...folders, objects]) syncFolderSync(folder);
}
