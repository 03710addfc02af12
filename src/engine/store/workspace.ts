/**
 * Opens a workspace, new or existing, in the one order that is safe: lock, key, key check, database, sweep.
 * Start-up after a crash is the same code path. A wrong key changes nothing; damage is reported and nothing is deleted.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Log } from '#base/log';
import { AppError } from '#base/errors';
import type { KeySource } from '#contract/system';
import type { KeyStore } from '../host';
import { settleRotation } from '../keys/rotate-key';
import { syncFolderSync } from './commit-file';
import { checkKeyLength, createDatabase, openDatabase, type Database } from './database';
import { hasKeyCheck, proveKey, writeKeyCheck } from './key-check';
import type { Keyring } from './keyring';
import { openObjectStore, type ObjectStore } from './object-store';
import { readRetiredKeys } from './retired-keys';
import { migrations } from './schema';
import { asStoreError } from './store-error';
import { finishSwap } from './swap-state';
import { lockWorkspace, type WorkspaceLock } from './workspace-lock';

export interface Workspace {
  readonly folder: string;
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly keySource: KeySource;
  readonly keyring: Keyring;
  readonly schemaVersion: number;
  /** True when this call made it. */
  readonly created: boolean;
  /** HMAC-SHA-256 of `text`, hex, by a key of this workspace; what is sealed for one purpose is not valid for another. */
  seal(purpose: string, text: string): string;
  /** Tells other programs where this owner listens. */
  publish: WorkspaceLock['publish'];
  /** Closes the database and gives the lock up. Safe to call twice. */
  close(): void;
}

export interface WorkspaceOptions {
  /** Absolute path; made with mode 0700 where it does not exist. */
  readonly folder: string;
  readonly keys: KeyStore;
  readonly log: Log;
  /** Only looked at: objects stay as they are, also those that no row refers to. */
  readonly isShown?: boolean;
  /** UTC milliseconds. */
  now(): number;
}

/**
 * Opens the workspace, or makes it where there is none.
 * Errors: WORKSPACE_LOCKED (with the owner in `data.owner`), WRONG_KEY, WORKSPACE_NEWER, WORKSPACE_DAMAGED, DISK_FULL, IO.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  process.umask(0o077);
  const { folder, keys, log, now } = options;
  // A malformed key must be refused before a new folder appears; an existing one is locked first, because whoever
  // attaches to the owner needs no key.
  const early = isWorkspace(folder) ? null : await keys.read();
  if (early !== null) checkKeyLength(early.key);
  makeFolder(folder, log);
  const lock = lockWorkspace(folder, now());
  try {
    finishSwap(folder);
    const existing = isWorkspace(folder);
    const found = early ?? (await keys.read());
    const { key: given, source } = found ?? (await createKey(options, existing));
    const key = existing && source !== 'environment' ? await settleRotation(folder, given, keys.keeper) : given;
    const database = existing ? openExisting(folder, key, now()) : createNew(folder, key, now());
    try {
      const retired = readRetiredKeys(database);
      const objects = openObjectStore(join(folder, 'objects'), key, retired);
      // What was sealed stays sealed when the key changes, so seals are by the first key that the workspace had.
      const first = retired.at(-1) ?? key;
      const { removed } = options.isShown === true ? { removed: 0 } : objects.sweep(referencedObjects(database));
      if (removed > 0) log.info('Removed leftovers of an interrupted run.', { files: removed });
      return {
        folder,
        database,
        objects,
        keySource: source,
        keyring: { current: key, retired },
        schemaVersion: migrations.length,
        created: !existing,
        seal: (purpose, text) =>
          createHmac('sha256', Buffer.from(hkdfSync('sha256', first, '', `sextant seal ${purpose} v1`, 32)))
            .update(text)
            .digest('hex'),
        publish: (address) => lock.publish(address),
        close() {
          database.close();
          lock.release();
        },
      };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw asStoreError(error, 'the workspace');
  }
}

function databaseFile(folder: string): string {
  return join(folder, 'workspace.db');
}

/** True where anything says that a workspace was made here, complete or not. */
export function isWorkspace(folder: string): boolean {
  return hasKeyCheck(folder) || existsSync(databaseFile(folder));
}

function makeFolder(folder: string, log: Log): void {
  try {
    const created = mkdirSync(folder, { recursive: true, mode: 0o700 });
    // A folder whose own name is not on the disk takes everything in it along.
    if (created !== undefined) syncNames(folder, created);
    const { mode } = statSync(folder);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      log.warn('Other users can list the workspace folder; its files are closed to them. Set its mode to 0700.', {
        folder,
      });
    }
  } catch (error) {
    throw asStoreError(error, `the workspace folder ${folder}`);
  }
}

/** Makes the names from `created` down to `folder` durable. */
function syncNames(folder: string, created: string): void {
  syncFolderSync(dirname(folder));
  if (folder.length > created.length) syncNames(dirname(folder), created);
}

async function createKey({ folder, keys }: WorkspaceOptions, existing: boolean) {
  if (!existing) return keys.create();
  throw new AppError(
    'WRONG_KEY',
    `Expected the key of the workspace ${folder}; found none. Nothing was changed. Set SEXTANT_KEY or SEXTANT_PASSPHRASE, or put its key file back.`,
  );
}

function createNew(folder: string, key: Uint8Array, now: number): Database {
  const file = databaseFile(folder);
  checkKeyLength(key);
  writeKeyCheck(folder, key, now);
  return createDatabase({ file, key, migrations });
}

function openExisting(folder: string, key: Uint8Array, now: number): Database {
  const file = databaseFile(folder);
  checkKeyLength(key);
  const proof = proveKey(folder, key);
  if (existsSync(file)) {
    const database = openDatabase({ file, key, migrations, keyProven: proof === 'right' });
    if (proof === 'unknown') writeKeyCheck(folder, key, now);
    return database;
  }
  if (proof === 'right' && !hasObjects(folder)) return createDatabase({ file, key, migrations });
  throw new AppError(
    'WORKSPACE_DAMAGED',
    `Expected ${file}; it is missing although the workspace has been used. Nothing was changed. Restore it from a backup.`,
  );
}

function hasObjects(folder: string): boolean {
  const objects = join(folder, 'objects');
  return existsSync(objects) && readdirSync(objects).length > 0;
}

function referencedObjects(database: Database): Set<string> {
  const rows = database.prepare<[], { hash: string }>('SELECT hash FROM referenced_objects').all();
  return new Set(rows.map(({ hash }) => hash));
}
