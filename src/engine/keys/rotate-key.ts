/**
 * Gives a closed workspace another key. The database is copied, given the next key and put in place of the old one in a
 * single step; objects stay as they are, under keys that the database keeps. Until everything agrees the next key stands
 * staged beside the present one, so that a start after a crash anywhere finds the one that opens the database.
 */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import type { KeyKeeper } from '../host';
import { commitFileSync, syncFileSync, syncFolderSync } from '../store/commit-file';
import { openDatabase, openReadOnly, rekeyDatabase } from '../store/database';
import { forgetKeyCheck, rewriteKeyCheck } from '../store/key-check';
import type { Keyring } from '../store/keyring';
import { retireKey } from '../store/retired-keys';
import { migrations } from '../store/schema';
import { parseSealedKey, sealForRecovery } from './recovery-key';

const DRAFT = 'workspace.db.next';

export interface RotateOptions {
  /** Absolute path of the workspace; it must be closed, and locked by the caller. */
  readonly folder: string;
  readonly keyring: Keyring;
  readonly next: Uint8Array;
  /** Null where the key comes from outside at every start. */
  readonly keeper: KeyKeeper | null;
  readonly passphrase: string | undefined;
  /** UTC milliseconds. */
  readonly now: number;
}

/** Errors: WRONG_KEY (passphrase), WORKSPACE_DAMAGED, DISK_FULL, IO; before the exchange nothing has changed. */
export async function rotateKey({ folder, keyring, next, keeper, passphrase, now }: RotateOptions): Promise<void> {
  const { current } = keyring;
  const file = join(folder, 'workspace.db');
  await keeper?.stage(next, passphrase);
  buildNext(folder, current, next, now);
  // Whose key comes from outside has no staged one: without a key check only the database decides which opens it.
  if (keeper === null) forgetKeyCheck(folder);
  renameSync(join(folder, DRAFT), file);
  syncFolderSync(folder);
  await settle(folder, next, keeper);
}

function buildNext(folder: string, current: Uint8Array, next: Uint8Array, now: number): void {
  const draft = join(folder, DRAFT);
  rmSync(draft, { force: true });
  const database = openDatabase({ file: join(folder, 'workspace.db'), key: current, migrations, keyProven: true });
  try {
    retireKey(database, current, now);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.prepare('VACUUM INTO ?').run(draft);
  } finally {
    database.close();
  }
  if (existsSync(join(folder, 'workspace.db-wal'))) {
    throw new AppError(
      'CONFLICT',
      'Expected a workspace that nothing has open; something still has. The key was not changed.',
    );
  }
  rekeyDatabase(draft, current, next);
  const copy = openReadOnly({ file: draft, key: next });
  try {
    const state = String(copy.pragma('integrity_check', { simple: true }));
    if (state !== 'ok')
      throw new AppError(
        'WORKSPACE_DAMAGED',
        `Expected a whole copy of the database; found ${state}. The key was not changed.`,
      );
  } finally {
    copy.close();
  }
  syncFileSync(draft);
}

/** Makes everything beside the database agree with the key that opens it. Can be called again. */
async function settle(folder: string, key: Uint8Array, keeper: KeyKeeper | null): Promise<void> {
  rewriteKeyCheck(folder, key);
  const recovery = join(folder, 'recovery.json');
  if (existsSync(recovery)) {
    const { recipient, madeAt } = parseSealedKey(readFileSync(recovery, 'utf8'));
    commitFileSync(recovery, sealForRecovery(key, Buffer.from(recipient, 'hex'), madeAt));
  }
  await keeper?.promote(); // last: while a key is staged, a start comes here again
}

/**
 * Finishes or takes back a rotation that a crash interrupted.
 * @returns the key that opens the workspace
 */
export async function settleRotation(
  folder: string,
  present: Uint8Array,
  keeper: KeyKeeper | undefined,
): Promise<Uint8Array> {
  const staged = (await keeper?.staged()) ?? null;
  if (keeper === undefined || staged === null) return present;
  const isDone = opensDatabase(folder, staged);
  if (isDone) await settle(folder, staged, keeper);
  // A read error looks like a wrong key. Only a key that is proved to be useless is given up.
  else if (opensDatabase(folder, present)) await keeper.discard();
  else return present;
  rmSync(join(folder, DRAFT), { force: true });
  return isDone ? staged : present;
}

function opensDatabase(folder: string, key: Uint8Array): boolean {
  try {
    openReadOnly({ file: join(folder, 'workspace.db'), key }).close();
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'WORKSPACE_DAMAGED' || error.code === 'NOT_FOUND')) return false;
    throw error;
  }
}
