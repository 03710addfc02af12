/**
 * Saves what can still be read of a damaged database into a backup like any other, so that it can be verified, tried and
 * restored. It works on a copy; the damaged files are not touched. Each table is read from both ends up to the damage.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { SalvagedTable } from '#contract/backups';
import { commitFileSync, copyDurably, syncFileSync, syncFolderSync } from '../store/commit-file';
import { createDatabase, openUnchecked, type Database } from '../store/database';
import type { Keyring } from '../store/keyring';
import { objectMaster, objectPath } from '../store/object-store';
import { retireKey } from '../store/retired-keys';
import { migrations } from '../store/schema';
import { readSealed } from '../store/sealed-file';
import { asStoreError } from '../store/store-error';
import { createUlid } from '../store/ulid';
import { countRows, hashOfFile } from './backup-contents';
import {
  backupFolder,
  backupsFolder,
  draftFolder,
  keysOf,
  sealManifest,
  sweepBackups,
  type Manifest,
} from './backup-folder';
import { verifyFolder } from './verify-backup';

export interface SalvageOptions {
  /** Absolute path of the workspace; closed, and locked by the caller. */
  readonly folder: string;
  readonly keyring: Keyring;
  readonly appVersion: string;
  /** UTC milliseconds. */
  readonly now: number;
}

/** Errors: WORKSPACE_DAMAGED where not even the list of tables can be read, DISK_FULL, IO; nothing is left behind. */
export async function salvage(options: SalvageOptions): Promise<{ manifest: Manifest; tables: SalvagedTable[] }> {
  const { folder, keyring, appVersion, now } = options;
  const id = createUlid(now);
  const draft = draftFolder(folder, id);
  try {
    mkdirSync(backupsFolder(folder), { recursive: true, mode: 0o700 });
    sweepBackups(folder);
    mkdirSync(join(draft, 'objects'), { recursive: true, mode: 0o700 });
    const tables = await salvageRows(folder, draft, keyring, now);
    const file = join(draft, 'workspace.db');
    const database = openUnchecked({ file, key: keyring.current });
    const hashes = database.prepare<[], string>('SELECT hash FROM referenced_objects').pluck().all();
    const rows = countRows(database);
    database.close();
    syncFileSync(file);
    const manifest: Manifest = {
      format: 1,
      id,
      createdAt: new Date(now).toISOString(),
      reason: 'salvage',
      appVersion,
      schemaVersion: migrations.length,
      database: { bytes: statSync(file).size, sha256: await hashOfFile(file) },
      rows,
      objects: await linkReadable(folder, draft, hashes, keyring),
    };
    commitFileSync(join(draft, 'manifest.json'), sealManifest(manifest, keyring.current));
    syncFolderSync(join(draft, 'objects'));
    await verifyFolder(draft, keyring, { contents: 'new' });
    renameSync(draft, backupFolder(folder, id));
    syncFolderSync(backupsFolder(folder));
    return { manifest, tables };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw asStoreError(error, 'the damaged database');
  }
}

async function salvageRows(folder: string, draft: string, keyring: Keyring, now: number): Promise<SalvagedTable[]> {
  const copy = join(draft, 'damaged.db');
  for (const suffix of ['', '-wal']) {
    const file = join(folder, `workspace.db${suffix}`);
    if (existsSync(file)) await copyDurably(file, copy + suffix);
  }
  const source = openUnchecked({ file: copy, key: keyring.current });
  const target = createDatabase({ file: join(draft, 'workspace.db'), key: keyring.current, migrations });
  try {
    const tables = copyTables(source, target);
    for (const key of keyring.retired) retireKey(target, key, now);
    return tables;
  } finally {
    source.close();
    target.pragma('wal_checkpoint(TRUNCATE)');
    target.pragma('journal_mode = DELETE');
    target.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  }
}

/** Rows are facts that were accepted once: the rules that guard new ones are lifted while they are copied. */
function copyTables(source: Database, target: Database): SalvagedTable[] {
  const triggers = target
    .prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all();
  const tables = target
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .pluck()
    .all();
  target.pragma('foreign_keys = OFF');
  for (const { name } of triggers) target.exec(`DROP TRIGGER "${name}"`);
  const copied = tables.map((table) => copyTable(source, target, table));
  for (const { sql } of triggers) target.exec(sql);
  return copied;
}

function copyTable(source: Database, target: Database, table: string): SalvagedTable {
  const columns = target.prepare<[], { name: string; pk: number }>(`PRAGMA table_info("${table}")`).all();
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const order = (way: string): string => key.map(({ name }) => `"${name}" ${way}`).join(', ') || `rowid ${way}`;
  const insert = target.prepare(
    `INSERT OR IGNORE INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let isWhole = true;
  for (const way of ['ASC', 'DESC']) {
    try {
      const rows = source.prepare<[], unknown[]>(`SELECT ${names} FROM "${table}" ORDER BY ${order(way)}`).raw();
      for (const row of rows.iterate()) insert.run(...row);
      if (way === 'ASC') break;
    } catch {
      isWhole = false; // as far as the damage; the other end follows
    }
  }
  return { table, rows: Number(target.prepare(`SELECT count(*) FROM "${table}"`).pluck().get()), isWhole };
}

async function linkReadable(
  folder: string,
  draft: string,
  hashes: readonly string[],
  keyring: Keyring,
): Promise<Record<string, number>> {
  const masters = keysOf(keyring).map(objectMaster);
  const sizes: Record<string, number> = {};
  for (const hash of hashes) {
    const found = join(folder, 'objects', objectPath(hash));
    const target = join(draft, 'objects', hash);
    try {
      await readSealed(found, hash, masters);
    } catch {
      continue; // what refers to it says so when it is read
    }
    await link(found, target).catch(() => copyDurably(found, target));
    sizes[hash] = statSync(target).size;
  }
  return sizes;
}
