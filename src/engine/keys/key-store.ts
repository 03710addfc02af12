/**
 * Where a host without a key seal of its own keeps the workspace key. Asked for explicitly: `SEXTANT_KEY`, or a
 * passphrase. Otherwise the system's keychain, else a 0600 key file in the user's configuration folder, never beside
 * the data it opens. Reading creates nothing; creating replaces nothing.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { KeySource } from '#contract/system';
import type { KeyStore } from '../host';
import { createFileSync } from '../store/commit-file';
import { KEY_BYTES } from '../store/database';
import { asStoreError } from '../store/store-error';
import { isWorkspace } from '../store/workspace';
import { createKeyKeeper, keyName, ownKeyFile, wrappedKeyFile } from './key-keeper';
import type { Keychain } from './keychain';
import { unwrapKey, wrapKey } from './passphrase-key';

export interface KeyStoreOptions {
  readonly workspace: string;
  readonly configFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Null where the system has none. */
  readonly keychain: Keychain | null;
  /** Asks the person at the terminal; null is "no passphrase". Left out where nobody can be asked. */
  askPassphrase?(purpose: 'open' | 'create'): Promise<string | null>;
}

interface Key {
  readonly key: Uint8Array;
  readonly source: KeySource;
}

const KEY_TEXT = new RegExp(`^[0-9a-fA-F]{${2 * KEY_BYTES}}$`);

export function createKeyStore(given: KeyStoreOptions): KeyStore {
  const options = withMemory(given);
  const { workspace, configFolder, keychain, environment } = options;
  const keeper = createKeyKeeper({
    workspace,
    configFolder,
    keychain,
    givenPassphrase: () => passphraseFor(options),
    remember: (passphrase) => {
      options.memory.passphrase = passphrase;
    },
  });
  return {
    read: () => readKey(options),
    create: () => createKey(options),
    ...(environment.SEXTANT_KEY === undefined ? { keeper } : {}),
  };
}

type Options = KeyStoreOptions & {
  /** The passphrase that opened the workspace: nobody is asked twice, and a changed one is known. */
  readonly memory: { passphrase: string | null };
};

function withMemory(options: KeyStoreOptions): Options {
  return { ...options, memory: { passphrase: null } };
}

async function readKey(options: Options): Promise<Key | null> {
  const { environment, workspace } = options;
  if (environment.SEXTANT_KEY !== undefined) {
    return { key: parseKey(environment.SEXTANT_KEY, 'SEXTANT_KEY'), source: 'environment' };
  }
  if (environment.SEXTANT_PASSPHRASE === '') {
    throw new AppError(
      'WRONG_KEY',
      'Expected SEXTANT_PASSPHRASE to hold a passphrase; found an empty one. Nothing was opened or created.',
    );
  }
  const wrapped = wrappedKeyFile(workspace);
  if (existsSync(wrapped)) return readWrapped(options, wrapped);
  if (environment.SEXTANT_PASSPHRASE !== undefined && !isWorkspace(workspace)) return null; // create() wraps a new key
  return (await readKeychain(options)) ?? readKeyFile(options);
}

async function createKey(options: KeyStoreOptions): Promise<Key> {
  const key = randomBytes(KEY_BYTES);
  const { environment, askPassphrase } = options;
  if (environment.SEXTANT_PASSPHRASE !== undefined) return createWrapped(options, key, environment.SEXTANT_PASSPHRASE);
  if (await writeKeychain(options, key)) return { key, source: 'keychain' };
  const passphrase = (await askPassphrase?.('create')) ?? null;
  if (passphrase !== null) return createWrapped(options, key, passphrase);
  return createKeyFile(options, key);
}

function parseKey(text: string, where: string): Uint8Array {
  if (KEY_TEXT.test(text)) return Buffer.from(text, 'hex');
  throw new AppError(
    'WRONG_KEY',
    `Expected ${where} to be ${2 * KEY_BYTES} hexadecimal digits; found ${text.length} characters${text.length === 2 * KEY_BYTES ? ' with others among them' : ''}. Nothing was opened or created.`,
    { data: { where, expectedDigits: 2 * KEY_BYTES, foundCharacters: text.length } },
  );
}

function keyFile(configFolder: string): string {
  return join(configFolder, 'workspace.key');
}

async function readWrapped(options: Options, file: string): Promise<Key> {
  const passphrase = await passphraseFor(options);
  const key = await unwrapKey(readText(file), passphrase);
  options.memory.passphrase = passphrase;
  return { key, source: 'passphrase' };
}

/** Errors: WRONG_KEY where none is given and nobody can be asked. */
async function passphraseFor({ environment, askPassphrase, workspace, memory }: Options): Promise<string> {
  const passphrase = memory.passphrase ?? environment.SEXTANT_PASSPHRASE ?? (await askPassphrase?.('open')) ?? null;
  if (passphrase === null) {
    throw new AppError(
      'WRONG_KEY',
      `Expected the passphrase of the workspace ${workspace}; none was given. Set SEXTANT_PASSPHRASE, or start in a terminal that can ask for it.`,
    );
  }
  return passphrase;
}

async function createWrapped({ workspace }: KeyStoreOptions, key: Uint8Array, passphrase: string): Promise<Key> {
  createFileSync(wrappedKeyFile(workspace), await wrapKey(key, passphrase));
  return { key, source: 'passphrase' };
}

async function readKeychain({ keychain, log, workspace }: KeyStoreOptions): Promise<Key | null> {
  if (keychain === null) return null;
  let text: string | null;
  try {
    text = (await keychain.read(keyName(workspace))) ?? (await keychain.read());
  } catch (error) {
    log.debug('The system keychain cannot be used.', { found: String(error) });
    return null;
  }
  return text === null ? null : { key: parseKey(text, 'the key in the system keychain'), source: 'keychain' };
}

/** @returns whether the keychain keeps the key; proved by reading it back */
async function writeKeychain({ keychain, log }: KeyStoreOptions, key: Uint8Array): Promise<boolean> {
  if (keychain === null) return false;
  try {
    await keychain.write(Buffer.from(key).toString('hex'));
    return true;
  } catch (error) {
    log.debug('The system keychain cannot be used.', { found: String(error) });
    return false;
  }
}

function readKeyFile({ configFolder, log, workspace }: KeyStoreOptions): Key | null {
  const own = ownKeyFile({ configFolder, workspace });
  const file = existsSync(own) ? own : keyFile(configFolder);
  if (!existsSync(file)) return null;
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    chmodSync(file, 0o600);
    log.warn(
      'Other users could read the key file; its mode was set to 0600. Consider a new workspace with a new key.',
      { file },
    );
  }
  return { key: parseKey(readText(file).trim(), file), source: 'key-file' };
}

function createKeyFile({ configFolder }: KeyStoreOptions, key: Uint8Array): Key {
  const file = keyFile(configFolder);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asStoreError(error, configFolder);
  }
  createFileSync(file, `${Buffer.from(key).toString('hex')}\n`);
  return { key, source: 'key-file' };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw asStoreError(error, file);
  }
}
