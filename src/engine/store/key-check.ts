/**
 * `workspace.json`: what makes a folder a workspace, and a value by which the right key is known without touching the
 * database, so that a wrong key and damaged data are told apart. It is written before the database and changes only with the key.
 * The check value is a one-way function of a 256-bit random key and gives nothing away.
 */
import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { commitFileSync, syncFolderSync } from './commit-file';
import { createUlid } from './ulid';

const CHECK_BYTES = 32;

const identitySchema = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  createdAt: z.iso.datetime(),
  keyCheck: z.string().regex(/^[0-9a-f]{64}$/),
  /** Over the fields above: a changed file counts as no file, never as a wrong key. */
  sum: z.string(),
});

type Identity = z.infer<typeof identitySchema>;

function fileOf(folder: string): string {
  return join(folder, 'workspace.json');
}

function checkOf(key: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'sextant key check v1', CHECK_BYTES));
}

function sumOf({ format, id, createdAt, keyCheck }: Omit<Identity, 'sum'>): string {
  return createHash('sha256').update([format, id, createdAt, keyCheck].join('\n')).digest('hex').slice(0, 16);
}

/** @param now UTC milliseconds */
export function writeKeyCheck(folder: string, key: Uint8Array, now: number): void {
  const identity = {
    format: 1 as const,
    id: createUlid(now),
    createdAt: new Date(now).toISOString(),
    keyCheck: checkOf(key).toString('hex'),
  };
  commitFileSync(fileOf(folder), `${JSON.stringify({ ...identity, sum: sumOf(identity) }, null, 2)}\n`);
}

/** The same workspace under another key: its identifier and age stay. */
export function rewriteKeyCheck(folder: string, key: Uint8Array): void {
  const { id, createdAt } = readIdentity(folder) ?? { id: createUlid(0), createdAt: new Date(0).toISOString() };
  const identity = { format: 1 as const, id, createdAt, keyCheck: checkOf(key).toString('hex') };
  commitFileSync(fileOf(folder), `${JSON.stringify({ ...identity, sum: sumOf(identity) }, null, 2)}\n`);
}

/** Leaves it to the database to say which key is right; the next start writes the check anew. */
export function forgetKeyCheck(folder: string): void {
  rmSync(fileOf(folder), { force: true });
  syncFolderSync(folder);
}

/** The identifier of a workspace; null where its file is missing or damaged. */
export function workspaceId(folder: string): string | null {
  return readIdentity(folder)?.id ?? null;
}

export function hasKeyCheck(folder: string): boolean {
  return existsSync(fileOf(folder));
}

/**
 * Whether `key` is the workspace's.
 * @returns 'right', or 'unknown' where the file is missing or damaged and only the database itself can tell
 * Errors: WRONG_KEY.
 */
export function proveKey(folder: string, key: Uint8Array): 'right' | 'unknown' {
  const identity = readIdentity(folder);
  if (identity === null) return 'unknown';
  if (timingSafeEqual(Buffer.from(identity.keyCheck, 'hex'), checkOf(key))) return 'right';
  throw new AppError(
    'WRONG_KEY',
    `Expected the key that the workspace ${folder} was made with; found another one. Nothing was changed. Give the right key, passphrase or key file.`,
  );
}

function readIdentity(folder: string): Identity | null {
  try {
    const identity = identitySchema.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')));
    return identity.sum === sumOf(identity) ? identity : null;
  } catch {
    return null;
  }
}
