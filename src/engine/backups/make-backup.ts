/**
 * Makes a backup: `VACUUM INTO` (a consistent, encrypted copy, whatever is being written), the objects that its rows
 * refer to, and a manifest. It is made under another name, opened and read, and only then appears under its own: what is
 * listed has been verified. After a crash there is the whole backup or a leftover that the next one removes.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import type { BackupReason } from '#contract/backups';
import { commitFileSync, copyDurably, syncFileSync, syncFolderSync } from '../store/commit-file';
import { openReadOnly, type Database } from '../store/database';
import type { Keyring } from '../store/keyring';
import { objectPath } from '../store/object-store';
import { schemaVersionOf } from '../store/migrate';
import { asStoreError, errorCodeOf } from '../store/store-error';
import { createUlid } from '../store/ulid';
import { backupFolder, backupsFolder, draftFolder, sealManifest, sweepBackups, type Manifest } from './backup-folder';
import { countRows, hashOfFile } from './backup-contents';
import { verifyFolder } from './verify-backup';

export interface BackupSource {
  /** Absolute path of the workspace. */
  readonly folder: string;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly appVersion: string;
}

/** What finds the key again (never secret by itself), and what proves the audit log. */
const COMPANIONS = ['workspace.json', 'key.json', 'recovery.json', 'audit.anchors'];

/** A dataset may be removed while its objects are being linked; a new snapshot then refers to it no longer. */
const TRIES = 3;

/**
 * @param now UTC milliseconds
 * Errors: DISK_FULL, IO, WORKSPACE_DAMAGED where the workspace cannot be read; nothing is left behind.
 */
export async function makeBackup(source: BackupSource, reason: BackupReason, now: number): Promise<Manifest> {
  const { folder } = source;
  const id = createUlid(now);
  const draft = draftFolder(folder, id);
  try {
    makeBackupsFolder(folder);
    sweepBackups(folder);
    const manifest = await fillDraft(source, draft, { id, reason, createdAt: new Date(now).toISOString() });
    await verifyFolder(draft, source.keyring, { contents: 'new' });
    renameSync(draft, backupFolder(folder, id));
    syncFolderSync(backupsFolder(folder));
    return manifest;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw asStoreError(error, 'a backup');
  }
}

function makeBackupsFolder(folder: string): void {
  if (existsSync(backupsFolder(folder))) return;
  mkdirSync(backupsFolder(folder), { mode: 0o700 });
  syncFolderSync(folder);
}

async function fillDraft(
  source: BackupSource,
  draft: string,
  facts: Pick<Manifest, 'id' | 'reason' | 'createdAt'>,
): Promise<Manifest> {
  const { folder, keyring, appVersion } = source;
  for (let tries = 1; ; tries++) {
    mkdirSync(join(draft, 'objects'), { recursive: true, mode: 0o700 });
    const { rows, hashes, schemaVersion, companions } = snapshot(source, join(draft, 'workspace.db'));
    const objects = await linkObjects(folder, draft, hashes);
    if (objects === null && tries < TRIES) {
      rmSync(draft, { recursive: true });
      continue;
    }
    if (objects === null) {
      throw new AppError(
        'WORKSPACE_DAMAGED',
        'Expected every stored object that a row refers to; one is missing. No backup was made. Restore an earlier backup, or remove what needs it.',
      );
    }
    for (const { name, bytes } of companions) commitFileSync(join(draft, name), bytes);
    const file = join(draft, 'workspace.db');
    const database = { bytes: statSync(file).size, sha256: await hashOfFile(file) };
    const manifest: Manifest = { format: 1, ...facts, appVersion, schemaVersion, database, rows, objects };
    commitFileSync(join(draft, 'manifest.json'), sealManifest(manifest, keyring.current));
    syncFolderSync(join(draft, 'objects'));
    return manifest;
  }
}

/**
 * Copy, counts and references in one turn of the event loop: nothing of this process is written in between. Where another
 * connection has written meanwhile, only the copy itself is of one moment, and it is counted.
 */
function snapshot({ database, folder, keyring }: BackupSource, file: string) {
  const version = (): unknown => database.pragma('data_version', { simple: true });
  const before = version();
  const counted = contentsOf(database);
  database.prepare('VACUUM INTO ?').run(file);
  const isAlone = version() === before;
  syncFileSync(file);
  const companions = COMPANIONS.filter((name) => existsSync(join(folder, name))).map((name) => ({
    name,
    bytes: readFileSync(join(folder, name)),
  }));
  if (isAlone) return { companions, ...counted };
  const copy = openReadOnly({ file, key: keyring.current });
  try {
    return { companions, ...contentsOf(copy) };
  } finally {
    copy.close();
  }
}

function contentsOf(database: Database) {
  return {
    rows: countRows(database),
    hashes: database.prepare<[], string>('SELECT hash FROM referenced_objects').pluck().all(),
    schemaVersion: schemaVersionOf(database),
  };
}

/**
 * Objects never change once written, so a second name for the same file is as good as a copy and costs nothing; on
 * another disk it is a copy.
 * @returns size by hash; null where one is missing
 */
async function linkObjects(
  folder: string,
  draft: string,
  hashes: readonly string[],
): Promise<Record<string, number> | null> {
  const sizes: Record<string, number> = {};
  for (const hash of hashes) {
    const target = join(draft, 'objects', hash);
    const found = join(folder, 'objects', objectPath(hash));
    try {
      await link(found, target).catch(async (error: unknown) => {
        if (errorCodeOf(error) === 'ENOENT') throw error;
        await copyDurably(found, target);
      });
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return null;
      throw error;
    }
    sizes[hash] = statSync(target).size;
  }
  return sizes;
}
