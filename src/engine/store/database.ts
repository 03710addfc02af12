/**
 * Opens the encrypted database of a workspace, and the only place that does. It sets every setting that protects the
 * data and reads each one back, because SQLite accepts unknown or misspelt settings in silence, forgets `synchronous`
 * at every re-open, and takes an empty key as "no encryption".
 */
import { existsSync, openSync, readSync, closeSync, renameSync, rmSync, chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { AppError } from '#base/errors';
import { syncFolderSync } from './commit-file';
import { asStoreError, isDamage } from './store-error';
import { migrate, schemaVersionOf, type Migration } from './migrate';

export type { Database };

/** ChaCha20-Poly1305: every page carries an authentication tag, so a changed bit is an error and never a wrong number. */
export const CIPHER = 'chacha20';
export const KEY_BYTES = 32;

const PLAINTEXT_HEADER = 'SQLite format 3\0';
/** First release without the WAL-reset corruption bug (sqlite.org, "Write-ahead logging", §11). */
const MINIMUM_SQLITE = [3, 51, 3] as const;
const BUSY_TIMEOUT_MS = 5000;

/** Setting, the value to set, and what reading it back must give. */
const SETTINGS = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['temp_store', 'MEMORY', 2],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  ['busy_timeout', String(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS],
] as const;

export interface DatabaseOptions {
  readonly file: string;
  /** 32 bytes, used as they are: no derivation stands between this key and the pages. */
  readonly key: Uint8Array;
  readonly migrations: readonly Migration[];
  /** True when something else has proved the key, so that an unreadable first page is damage and not a wrong key. */
  readonly keyProven?: boolean;
}

/**
 * Opens an existing database and brings its schema up to date.
 * Errors, none of which change a byte of the file: NOT_FOUND, WRONG_KEY, WORKSPACE_DAMAGED, WORKSPACE_NEWER, IO.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { file, key, migrations } = options;
  checkKeyLength(key);
  if (!existsSync(file)) {
    throw new AppError('NOT_FOUND', `Expected a database at ${file}; found none. Create the workspace first.`);
  }
  checkHeader(file);
  const database = connect(file, key);
  try {
    const version = firstRead(database, options);
    checkSqliteVersion(database);
    refuseNewer(version, migrations.length);
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    applySettings(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw asStoreError(error, 'the workspace database');
  }
}

/**
 * Opens a copy of a database without changing a byte of it, whatever its schema version.
 * Errors: NOT_FOUND, WORKSPACE_DAMAGED, IO.
 */
export function openReadOnly({ file, key }: Pick<DatabaseOptions, 'file' | 'key'>): Database {
  checkKeyLength(key);
  if (!existsSync(file)) throw new AppError('NOT_FOUND', `Expected a database at ${file}; found none.`);
  checkHeader(file);
  const database = connect(file, key, { readonly: true });
  try {
    database.pragma('temp_store = MEMORY');
    schemaVersionOf(database);
    return database;
  } catch (error) {
    database.close();
    throw asStoreError(error, file);
  }
}

/** Opens a database that may be damaged, or is being made, without looking at its schema or changing a setting of it. Errors: WORKSPACE_DAMAGED, IO. */
export function openUnchecked({ file, key }: Pick<DatabaseOptions, 'file' | 'key'>): Database {
  const database = connect(file, key);
  try {
    database.pragma('temp_store = MEMORY');
    database.pragma('synchronous = FULL');
    schemaVersionOf(database);
    return database;
  } catch (error) {
    database.close();
    throw asStoreError(error, file);
  }
}

/**
 * Gives a closed database file another key, in place: for a copy, which is worth nothing until it is complete.
 * Errors: WORKSPACE_DAMAGED, DISK_FULL, IO.
 */
export function rekeyDatabase(file: string, key: Uint8Array, next: Uint8Array): void {
  checkKeyLength(next);
  const database = connect(file, key);
  try {
    database.pragma('journal_mode = DELETE');
    database.pragma('synchronous = FULL');
    database.pragma(`rekey = "raw:${Buffer.from(next).toString('hex')}"`);
  } catch (error) {
    throw asStoreError(error, file);
  } finally {
    database.close();
  }
}

/**
 * Creates the database of a new workspace: built under another name and renamed when complete, so that a crash leaves
 * either no database or a whole one.
 * Errors: CONFLICT where the file exists already (it is not touched), WRONG_KEY for a malformed key, DISK_FULL, IO.
 */
export function createDatabase({ file, key, migrations }: DatabaseOptions): Database {
  checkKeyLength(key);
  if (existsSync(file)) {
    throw new AppError('CONFLICT', `Expected no database at ${file}; found one. Open it instead of creating it.`);
  }
  const draft = `${file}.new`;
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  try {
    const database = connect(draft, key, { create: true });
    try {
      database.pragma('synchronous = FULL');
      database.pragma('temp_store = MEMORY');
      migrate(database, migrations);
    } finally {
      database.close();
    }
    checkHeader(draft);
    renameSync(draft, file);
    syncFolderSync(dirname(file));
  } catch (error) {
    rmSync(draft, { force: true });
    throw asStoreError(error, 'the workspace database');
  }
  return openDatabase({ file, key, migrations });
}

/**
 * Runs `work` in one write transaction: everything in it is stored and on the disk, or nothing is.
 * Inside another transaction it is a part of that one. Errors: what `work` throws; DISK_FULL, WORKSPACE_DAMAGED, IO.
 */
export function inTransaction<T>(database: Database, work: () => T): T {
  try {
    return database.transaction(work).immediate();
  } catch (error) {
    throw asStoreError(error, 'the workspace database');
  }
}

/** Errors: WRONG_KEY unless the key has 32 bytes. */
export function checkKeyLength(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) {
    throw new AppError(
      'WRONG_KEY',
      `Expected a workspace key of ${KEY_BYTES} bytes; found ${key.length}. Nothing was opened or created.`,
      { data: { expectedBytes: KEY_BYTES, foundBytes: key.length } },
    );
  }
}

function checkHeader(file: string): void {
  const header = Buffer.alloc(16);
  const descriptor = openSync(file, 'r');
  let read: number;
  try {
    read = readSync(descriptor, header, 0, 16, 0);
  } finally {
    closeSync(descriptor);
  }
  if (read < 16) {
    throw new AppError(
      'WORKSPACE_DAMAGED',
      `Expected an encrypted database at ${file}; found a file of ${read} bytes. It was left as it is; restore a backup.`,
    );
  }
  if (header.toString('latin1') === PLAINTEXT_HEADER) {
    throw new AppError(
      'WORKSPACE_DAMAGED',
      `Expected an encrypted database at ${file}; found a plain SQLite file, which Sextant never writes. It was left as it is; move it away.`,
    );
  }
}

function connect(file: string, key: Uint8Array, { create = false, readonly = false } = {}): Database {
  const database = new Sqlite(file, { readonly, fileMustExist: !create, timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma(`cipher = '${CIPHER}'`);
    expectSetting('cipher', database.pragma('cipher', { simple: true }), CIPHER);
    database.pragma(`key = "raw:${Buffer.from(key).toString('hex')}"`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Reads the first page, which decides whether the key is right, and returns the schema version. */
function firstRead(database: Database, { file, keyProven = false }: DatabaseOptions): number {
  try {
    return schemaVersionOf(database);
  } catch (error) {
    if (!isDamage(error) || keyProven) throw error;
    throw new AppError(
      'WRONG_KEY',
      `Expected the key that ${file} was made with; this one does not open it. Nothing was changed.`,
      { cause: error },
    );
  }
}

function refuseNewer(found: number, known: number): void {
  if (found <= known) return;
  throw new AppError(
    'WORKSPACE_NEWER',
    `Expected a workspace of schema ${known} or older; found schema ${found}. Nothing was changed. Open it with the newer Sextant that made it.`,
    { data: { found, known } },
  );
}

function applySettings(database: Database): void {
  for (const [name, value, expected] of SETTINGS) {
    database.pragma(`${name} = ${value}`);
    expectSetting(name, database.pragma(name, { simple: true }), expected);
  }
}

function expectSetting(name: string, found: unknown, expected: string | number): void {
  if (found === expected) return;
  throw new AppError(
    'INTERNAL',
    `Expected SQLite's ${name} to be ${expected}; found ${String(found)}. The workspace was not opened. Reinstall Sextant.`,
    { data: { setting: name, expected, found: String(found) } },
  );
}

function checkSqliteVersion(database: Database): void {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get());
  const parts = version.split('.').map(Number);
  const difference = MINIMUM_SQLITE.map((minimum, i) => (parts[i] ?? 0) - minimum).find((d) => d !== 0) ?? 0;
  if (difference < 0) {
    throw new AppError(
      'INTERNAL',
      `Expected SQLite ${MINIMUM_SQLITE.join('.')} or newer; found ${version}. Reinstall Sextant.`,
    );
  }
}
