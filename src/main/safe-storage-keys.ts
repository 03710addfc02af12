/**
 * The desktop's key store: the workspace key sealed by the operating system through Electron's `safeStorage`. Where
 * Linux has no keyring, `safeStorage` would seal with a password that is in Electron's source code; that is refused and
 * the store of the headless host (passphrase, key file) takes over, and says so.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { KeyKeeper, KeyStore } from '#engine/host';
import { commitFileSync, createFileSync, syncFolderSync } from '#engine/store/commit-file';
import { KEY_BYTES } from '#engine/store/database';
import { asStoreError } from '#engine/store/store-error';

export interface SafeStorageKeysOptions {
  readonly safeStorage: Pick<
    SafeStorage,
    'decryptStringAsync' | 'encryptStringAsync' | 'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable'
  >;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the sealed key, outside the workspace. */
  readonly file: string;
  readonly fallback: KeyStore;
  readonly log: Log;
}

type Key = NonNullable<Awaited<ReturnType<KeyStore['read']>>>;

const KEY_TEXT = new RegExp(`^[0-9a-f]{${2 * KEY_BYTES}}$`);

export function safeStorageKeys(options: SafeStorageKeysOptions): KeyStore {
  return {
    async read() {
      if (!existsSync(options.file)) return options.fallback.read();
      const missing = await whyUnavailable(options);
      if (missing === null) return unseal(options);
      throw new AppError(
        'WRONG_KEY',
        `Expected the system's keyring, which sealed the workspace key; ${missing}. Unlock or start the keyring and try again. Nothing was changed.`,
      );
    },
    async create() {
      const missing = await whyUnavailable(options);
      if (missing !== null) {
        options.log.warn('The system keyring is not used for the workspace key.', { reason: missing });
        return options.fallback.create();
      }
      const key = randomBytes(KEY_BYTES);
      createFileSync(options.file, await options.safeStorage.encryptStringAsync(key.toString('hex')));
      return unseal(options);
    },
    keeper: createKeeper(options),
  };
}

/** Changes the sealed key; where the fallback keeps the key, the fallback's own way. */
function createKeeper(options: SafeStorageKeysOptions): KeyKeeper {
  const { file, fallback, safeStorage } = options;
  const next = `${file}.next`;
  const isSealed = (): boolean => existsSync(file);

  async function stage(key: Uint8Array): Promise<void> {
    const missing = await whyUnavailable(options);
    if (missing !== null) throw wrongKey(missing);
    commitFileSync(next, await safeStorage.encryptStringAsync(Buffer.from(key).toString('hex')));
  }

  async function promote(): Promise<void> {
    if (!existsSync(next)) return;
    renameSync(next, file);
    syncFolderSync(dirname(file));
  }

  return {
    stage: async (key, passphrase) => (isSealed() ? stage(key) : fallback.keeper?.stage(key, passphrase)),
    async staged() {
      if (!isSealed()) return (await fallback.keeper?.staged()) ?? null;
      return existsSync(next) ? (await unseal({ ...options, file: next })).key : null;
    },
    promote: async () => (isSealed() ? promote() : fallback.keeper?.promote()),
    discard: async () => (isSealed() ? rmSync(next, { force: true }) : fallback.keeper?.discard()),
    async changePassphrase(current, passphrase) {
      if (isSealed() || fallback.keeper?.changePassphrase === undefined) {
        throw new AppError(
          'CONFLICT',
          "Expected a workspace that a passphrase opens; the system's keyring keeps the key of this one. Nothing was changed.",
        );
      }
      await fallback.keeper.changePassphrase(current, passphrase);
    },
    async adopt(key) {
      if ((await whyUnavailable(options)) !== null) return fallback.keeper?.adopt(key);
      await stage(key);
      await promote();
    },
  };
}

/** Why the system cannot keep a secret here, or null where it can. */
async function whyUnavailable({ safeStorage, platform }: SafeStorageKeysOptions): Promise<string | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'the system offers no encryption';
  if (platform !== 'linux') return null;
  const backend = safeStorage.getSelectedStorageBackend();
  switch (backend) {
    case 'basic_text':
      return 'no keyring was found (basic_text)';
    case 'unknown':
      return 'it is not known which keyring is used (unknown)';
    case 'gnome_libsecret':
    case 'kwallet':
    case 'kwallet5':
    case 'kwallet6':
      return null;
  }
}

async function unseal({ safeStorage, file, log }: SafeStorageKeysOptions): Promise<Key> {
  const sealed = readSealed(file);
  let text: string;
  try {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(sealed);
    text = result;
    if (shouldReEncrypt) {
      commitFileSync(file, await safeStorage.encryptStringAsync(text));
      log.info('Sealed the workspace key anew, because the system changed its own.');
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw wrongKey(`it could not be unsealed (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if (!KEY_TEXT.test(text)) throw wrongKey('it holds something else');
  return { key: Buffer.from(text, 'hex'), source: 'keychain' };
}

function readSealed(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw asStoreError(error, file);
  }
}

function wrongKey(found: string, cause?: unknown): AppError {
  return new AppError(
    'WRONG_KEY',
    `Expected the sealed workspace key of this user; ${found}. Sign in as the user who made the workspace. Nothing was changed.`,
    { cause },
  );
}
