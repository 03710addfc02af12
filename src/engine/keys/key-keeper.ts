/**
 * Changing what is kept: a next key staged beside the present one, promoted in one step or discarded. A key that changes
 * becomes the workspace's own (by its identifier), because the first key file and keychain entry of a user may open
 * other workspaces too.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#base/errors';
import type { KeyKeeper } from '../host';
import { commitFileSync, syncFolderSync } from '../store/commit-file';
import { workspaceId } from '../store/key-check';
import type { Keychain } from './keychain';
import { unwrapKey, wrapKey } from './passphrase-key';

export interface KeyPlaces {
  readonly workspace: string;
  readonly configFolder: string;
  readonly keychain: Keychain | null;
  /** The passphrase that opened the workspace in this process. */
  givenPassphrase(): Promise<string>;
  remember(passphrase: string): void;
}

export function wrappedKeyFile(workspace: string): string {
  return join(workspace, 'key.json');
}

/** Name of a workspace where keys of several are kept. */
export function keyName(workspace: string): string {
  return workspaceId(workspace) ?? `path-${createHash('sha256').update(workspace).digest('hex').slice(0, 20)}`;
}

export function ownKeyFile({ configFolder, workspace }: Pick<KeyPlaces, 'configFolder' | 'workspace'>): string {
  return join(configFolder, 'keys', `${keyName(workspace)}.key`);
}

/** One way to keep a key. */
interface Place {
  stage(next: Uint8Array, passphrase: string | undefined): Promise<void>;
  staged(): Promise<Uint8Array | null>;
  promote(): Promise<void>;
  discard(): Promise<void>;
}

export function createKeyKeeper(places: KeyPlaces): KeyKeeper {
  const { workspace } = places;
  const wrapped = wrappedKeyFile(workspace);

  async function place(): Promise<Place> {
    if (existsSync(wrapped)) return wrappedPlace(places, wrapped);
    return (await keychainPlace(places)) ?? filePlace(ownKeyFile(places));
  }

  return {
    stage: async (next, passphrase) => (await place()).stage(next, passphrase),
    staged: async () => (await place()).staged(),
    promote: async () => (await place()).promote(),
    discard: async () => (await place()).discard(),
    async changePassphrase(current, next) {
      if (!existsSync(wrapped)) {
        throw new AppError(
          'CONFLICT',
          'Expected a workspace that a passphrase opens; this one has a kept key. Nothing was changed.',
        );
      }
      commitFileSync(wrapped, await wrapKey(await unwrapKey(readFileSync(wrapped, 'utf8'), current), next));
      places.remember(next);
    },
    async adopt(key) {
      if (existsSync(wrapped)) renameSync(wrapped, `${wrapped}.replaced`);
      const target = (await keychainPlace(places)) ?? filePlace(ownKeyFile(places));
      await target.stage(key, undefined);
      await target.promote();
    },
  };
}

function wrappedPlace({ givenPassphrase }: KeyPlaces, wrapped: string): Place {
  const next = wrapped.replace(/\.json$/, '.next.json');
  return {
    async stage(key, passphrase) {
      if (passphrase === undefined) {
        throw new AppError(
          'WRONG_KEY',
          'Expected the passphrase of this workspace, which the next key is wrapped with; none was given. Nothing was changed.',
        );
      }
      await unwrapKey(readFileSync(wrapped, 'utf8'), passphrase);
      commitFileSync(next, await wrapKey(key, passphrase));
    },
    staged: async () => (existsSync(next) ? unwrapKey(readFileSync(next, 'utf8'), await givenPassphrase()) : null),
    async promote() {
      if (existsSync(next)) renameDurably(next, wrapped);
    },
    discard: async () => rmSync(next, { force: true }),
  };
}

function filePlace(file: string): Place {
  const next = `${file}.next`;
  return {
    async stage(key) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      syncFolderSync(dirname(dirname(file)));
      commitFileSync(next, `${Buffer.from(key).toString('hex')}\n`);
    },
    staged: async () => (existsSync(next) ? Buffer.from(readFileSync(next, 'utf8').trim(), 'hex') : null),
    async promote() {
      if (existsSync(next)) renameDurably(next, file);
    },
    discard: async () => rmSync(next, { force: true }),
  };
}

/** Null where the key of this workspace is not in a keychain that works. */
async function keychainPlace({ keychain, workspace }: KeyPlaces): Promise<Place | null> {
  if (keychain === null) return null;
  const account = keyName(workspace);
  const next = `${account}.next`;
  try {
    if (((await keychain.read(account)) ?? (await keychain.read())) === null) return null;
  } catch {
    return null; // it cannot be used, so the key is not in it
  }
  return {
    stage: async (key) => keychain.write(Buffer.from(key).toString('hex'), next),
    async staged() {
      const text = await keychain.read(next);
      return text === null ? null : Buffer.from(text, 'hex');
    },
    async promote() {
      const text = await keychain.read(next);
      if (text === null) return;
      await keychain.write(text, account);
      await keychain.remove(next);
    },
    discard: async () => keychain.remove(next),
  };
}

function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolderSync(dirname(to));
}
