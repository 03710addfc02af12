/**
 * Where backups lie and what describes one: `backups/<id>/` with the database, its objects, what is needed to find the
 * key, and a manifest under a keyed hash. A folder without a manifest that proves itself is no backup and is not listed.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { canonicalJson } from '#base/canonical-json';
import { backupReasonSchema, type Backup } from '#contract/backups';
import { syncFolderSync } from '../store/commit-file';
import type { Keyring } from '../store/keyring';
import { asStoreError } from '../store/store-error';

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const DRAFT = '.new-';
const DOOMED = '.old-';

const manifestSchema = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(ID),
  createdAt: z.iso.datetime(),
  reason: backupReasonSchema,
  appVersion: z.string(),
  schemaVersion: z.int(),
  database: z.strictObject({ bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  rows: z.record(z.string(), z.int()),
  /** Size of each object's file by content hash. */
  objects: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.int()),
});

export type Manifest = z.infer<typeof manifestSchema>;

export function backupsFolder(workspace: string): string {
  return join(workspace, 'backups');
}

export function backupFolder(workspace: string, id: string): string {
  if (!ID.test(id)) throw notFound(id);
  return join(backupsFolder(workspace), id);
}

export function draftFolder(workspace: string, id: string): string {
  return join(backupsFolder(workspace), `${DRAFT}${id}`);
}

/** Removes a backup. It stops being one in a single step, before the first of its files is gone. Errors: IO. */
export function removeBackup(workspace: string, id: string): void {
  const doomed = join(backupsFolder(workspace), `${DOOMED}${id}`);
  renameSync(backupFolder(workspace, id), doomed);
  syncFolderSync(backupsFolder(workspace));
  rmSync(doomed, { recursive: true, force: true });
}

/** Removes what a crash left of backups that were being made or removed. */
export function sweepBackups(workspace: string): void {
  const left = namesIn(workspace).filter((name) => name.startsWith(DRAFT) || name.startsWith(DOOMED));
  for (const name of left) rmSync(join(backupsFolder(workspace), name), { recursive: true, force: true });
}

/** Identifiers of all backup folders, newest first. Whether one is a backup shows when its manifest is read. */
export function backupIds(workspace: string): string[] {
  return namesIn(workspace)
    .filter((name) => ID.test(name))
    .sort()
    .reverse();
}

function namesIn(workspace: string): string[] {
  const folder = backupsFolder(workspace);
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The keys that a backup of this workspace may be under, the likeliest first. */
export function keysOf({ current, retired }: Keyring): Uint8Array[] {
  return [current, ...retired];
}

/** The text of `manifest.json`. */
export function sealManifest(manifest: Manifest, key: Uint8Array): string {
  return `${JSON.stringify({ manifest, mac: macOf(manifest, key) })}\n`;
}

/**
 * Reads and proves the manifest in a folder.
 * @param keys the workspace key and those it had before
 * @returns the manifest and the key that this backup was made with
 * Errors: NOT_FOUND; WORKSPACE_DAMAGED for a changed manifest or one of another workspace; IO.
 */
export function readManifest(folder: string, keys: readonly Uint8Array[]): { manifest: Manifest; key: Uint8Array } {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) throw notFound(folder);
  let found: { manifest: Manifest; mac: string };
  try {
    found = z.strictObject({ manifest: manifestSchema, mac: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const known = asStoreError(error, file);
    throw known instanceof AppError ? known : damagedBackup(folder, 'its manifest cannot be read', error);
  }
  const key = keys.find((candidate) => isSame(found.mac, macOf(found.manifest, candidate)));
  if (key !== undefined) return { manifest: found.manifest, key };
  throw damagedBackup(folder, 'its manifest was changed, or it belongs to another workspace');
}

function macOf(manifest: Manifest, key: Uint8Array): string {
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'sextant backup manifest v1', 32));
  return createHmac('sha256', derived).update(canonicalJson(manifest)).digest('hex');
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

export function toBackup(manifest: Manifest): Backup {
  const { id, createdAt, reason, appVersion, schemaVersion, database, objects, rows } = manifest;
  return {
    id,
    createdAt,
    reason,
    appVersion,
    schemaVersion,
    databaseBytes: database.bytes,
    objects: Object.keys(objects).length,
    objectBytes: Object.values(objects).reduce((sum, bytes) => sum + bytes, 0),
    rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
  };
}

export function damagedBackup(folder: string, found: string, cause?: unknown): AppError {
  return new AppError(
    'WORKSPACE_DAMAGED',
    `Expected the backup ${folder} to be whole; ${found}. It was left as it is; use another one (sextant backups list).`,
    { data: { backup: folder }, cause },
  );
}

function notFound(what: string): AppError {
  return new AppError('NOT_FOUND', `Expected a backup ${what}; found none. List them with: sextant backups list.`);
}
