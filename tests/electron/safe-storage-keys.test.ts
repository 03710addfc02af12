/** The sealed key: kept where the system can keep a secret, refused where it only pretends to, never overwritten. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { safeStorage } from 'electron';
import type { KeyStore } from '#engine/host';
import { safeStorageKeys } from '#main/safe-storage-keys';
import { collectingLog } from '../support/collecting-log';
import { modeOf, scratchFolder } from '../support/scratch';
import { resetElectron, settings } from './electron-stand-in';

function store(options: { platform?: NodeJS.Platform; seal?: typeof safeStorage } = {}) {
  const folder = scratchFolder();
  resetElectron(folder);
  const log = collectingLog();
  const calls: string[] = [];
  const fallback: KeyStore = {
    async read() {
      calls.push('read');
      return null;
    },
    async create() {
      calls.push('create');
      return { key: new Uint8Array(32).fill(1), source: 'key-file' };
    },
  };
  const file = join(folder, 'workspace-key.sealed');
  const { platform = 'linux', seal = safeStorage } = options;
  return { keys: safeStorageKeys({ safeStorage: seal, platform, file, fallback, log }), file, calls, log };
}

describe.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'] as const)('with the keyring %s', (backend) => {
  it('seals a new key and reads the same one back', async () => {
    const { keys, file, calls } = store();
    settings.keyring = backend;
    expect(await keys.read()).toBeNull();
    const made = await keys.create();
    expect(made.source).toBe('keychain');
    expect(made.key).toHaveLength(32);
    expect(modeOf(file)).toBe(0o600);
    expect(readFileSync(file).includes(Buffer.from(made.key).toString('hex'))).toBe(false);
    expect(Buffer.from((await keys.read())?.key ?? []).equals(made.key)).toBe(true);
    expect(calls).toEqual(['read']);
  });
});

it('stages another key beside the sealed one, gives it up, and puts it in its place', async () => {
  const { keys, file } = store();
  settings.keyring = 'gnome_libsecret';
  const first = (await keys.create()).key;
  const next = new Uint8Array(32).fill(9);
  await keys.keeper?.stage(next);
  expect(modeOf(`${file}.next`)).toBe(0o600);
  expect(readFileSync(`${file}.next`).includes(Buffer.from(next).toString('hex'))).toBe(false);
  expect(Buffer.from((await keys.keeper?.staged()) ?? []).equals(next)).toBe(true);
  expect(Buffer.from((await keys.read())?.key ?? []).equals(first)).toBe(true);
  await keys.keeper?.discard();
  expect(await keys.keeper?.staged()).toBeNull();
  await keys.keeper?.stage(next);
  await keys.keeper?.promote();
  await keys.keeper?.promote();
  expect(Buffer.from((await keys.read())?.key ?? []).equals(next)).toBe(true);
  await expect(keys.keeper?.changePassphrase?.('a', 'b')).rejects.toMatchObject({ code: 'CONFLICT' });
});

describe.each(['basic_text', 'unknown'] as const)('where Linux reports %s', (backend) => {
  it('does not pretend: the key goes to the other store, and the log says why', async () => {
    const { keys, file, log } = store();
    settings.keyring = backend;
    expect((await keys.create()).source).toBe('key-file');
    expect(existsSync(file)).toBe(false);
    expect(JSON.stringify(log.lines)).toContain(backend);
  });

  it('refuses a key that was sealed while there was a keyring, and touches nothing', async () => {
    const { keys, file } = store();
    await keys.create();
    const sealed = readFileSync(file);
    settings.keyring = backend;
    await expect(keys.read()).rejects.toMatchObject({ code: 'WRONG_KEY' });
    expect(readFileSync(file).equals(sealed)).toBe(true);
  });

  it('does not ask for the backend on other systems', async () => {
    const { keys } = store({ platform: 'darwin' });
    settings.keyring = backend;
    expect((await keys.create()).source).toBe('keychain');
  });
});

it('falls back where the system offers no encryption at all', async () => {
  const { keys } = store({ platform: 'win32' });
  settings.encryption = false;
  expect((await keys.create()).source).toBe('key-file');
});

it('never replaces a sealed key', async () => {
  const { keys, file } = store();
  await keys.create();
  const sealed = readFileSync(file);
  await expect(keys.create()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(readFileSync(file).equals(sealed)).toBe(true);
});

it.each(['', 'nonsense', 'ab'.repeat(31)])('refuses a sealed text that is no key: "%s"', async (text) => {
  const { keys, file } = store();
  writeFileSync(file, await safeStorage.encryptStringAsync(text));
  await expect(keys.read()).rejects.toMatchObject({ code: 'WRONG_KEY' });
});

it('says so when another user sealed the key', async () => {
  const seal = {
    ...safeStorage,
    decryptStringAsync: async () => Promise.reject(new Error('Error while decrypting the ciphertext')),
  };
  const { keys, file } = store({ seal });
  writeFileSync(file, 'sealed elsewhere');
  await expect(keys.read()).rejects.toThrow(/Sign in as the user who made the workspace/);
});

it('seals anew when the system asks for it', async () => {
  const seal = {
    ...safeStorage,
    decryptStringAsync: async (sealed: Buffer) => ({
      ...(await safeStorage.decryptStringAsync(sealed)),
      shouldReEncrypt: true,
    }),
  };
  const { keys, log } = store({ seal });
  const made = await keys.create();
  expect(Buffer.from((await keys.read())?.key ?? []).equals(made.key)).toBe(true);
  expect(JSON.stringify(log.lines)).toContain('anew');
});
