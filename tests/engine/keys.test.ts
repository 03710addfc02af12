/** Where the key comes from, which source wins, and that no wrong or empty key ever makes or changes anything. */
import { mkdirSync, readFileSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeyStore } from '#engine/host';
import { createKeyStore, type KeyStoreOptions } from '#engine/keys/key-store';
import type { Keychain } from '#engine/keys/keychain';
import { silentLog } from '#base/log';
import { openWorkspace } from '#engine/store/workspace';
import { fingerprint, modeOf, scratchFolder } from '../support/scratch';

const HEX = 'c3'.repeat(32);

/** A keychain that keeps things in memory, and one of a machine that has none to speak of. */
function memoryKeychain(): Keychain {
  const kept = new Map<string, string>();
  return {
    read: async (account = 'first') => kept.get(account) ?? null,
    write: async (secret, account = 'first') => void kept.set(account, secret),
    remove: async (account) => void kept.delete(account),
  };
}
const brokenKeychain: Keychain = {
  read: () => Promise.reject(new Error("Couldn't access platform storage: AccessDenied")),
  write: () => Promise.reject(new Error("Couldn't access platform storage: AccessDenied")),
  remove: () => Promise.reject(new Error("Couldn't access platform storage: AccessDenied")),
};

interface Place {
  readonly root: string;
  readonly workspace: string;
  readonly configFolder: string;
}

function place(): Place {
  const root = scratchFolder();
  return { root, workspace: join(root, 'workspace'), configFolder: join(root, 'config', 'sextant') };
}

function storeAt(where: Place, options: Partial<KeyStoreOptions> = {}): KeyStore {
  const { workspace, configFolder } = where;
  return createKeyStore({ workspace, configFolder, environment: {}, log: silentLog, keychain: null, ...options });
}

async function openAt(where: Place, options: Partial<KeyStoreOptions> = {}) {
  return openWorkspace({
    folder: where.workspace,
    keys: storeAt(where, options),
    log: silentLog,
    now: () => Date.now(),
  });
}

async function make(where: Place, options: Partial<KeyStoreOptions> = {}): Promise<string> {
  const workspace = await openAt(where, options);
  workspace.close();
  return workspace.keySource;
}

describe('the source of the key', () => {
  it('is SEXTANT_KEY where it is set, used as it is', async () => {
    const where = place();
    const environment = { SEXTANT_KEY: HEX };
    expect(await storeAt(where, { environment }).read()).toEqual({
      key: Buffer.from(HEX, 'hex'),
      source: 'environment',
    });
    expect(await make(where, { environment })).toBe('environment');
    expect(await make(where, { environment: { SEXTANT_KEY: HEX.toUpperCase() } })).toBe('environment');
  });

  it('is the keychain where it works, and is found there again', async () => {
    const where = place();
    const keychain = memoryKeychain();
    expect(await make(where, { keychain })).toBe('keychain');
    expect(await make(where, { keychain })).toBe('keychain');
    expect(fingerprint(where.configFolder)).toEqual({});
  });

  it('is a key file outside the workspace, closed to others, where no keychain works', async () => {
    const where = place();
    expect(await make(where, { keychain: brokenKeychain })).toBe('key-file');
    const file = join(where.configFolder, 'workspace.key');
    expect(modeOf(file)).toBe(0o600);
    expect(modeOf(where.configFolder)).toBe(0o700);
    expect(await make(where)).toBe('key-file');
  });

  it('is a passphrase where one is given: needed again, and wrong ones are told from damage', async () => {
    const where = place();
    const environment = { SEXTANT_PASSPHRASE: 'correct horse' };
    expect(await make(where, { environment })).toBe('passphrase');
    expect(await make(where, { environment })).toBe('passphrase');
    expect(modeOf(join(where.workspace, 'key.json'))).toBe(0o600);
    const before = fingerprint(where.root);
    for (const attempt of [{ SEXTANT_PASSPHRASE: 'wrong horse' }, {}]) {
      await expect(openAt(where, { environment: attempt })).rejects.toMatchObject({ code: 'WRONG_KEY' });
      expect(fingerprint(where.root)).toEqual(before);
    }
    writeFileSync(join(where.workspace, 'key.json'), '{}');
    await expect(openAt(where, { environment })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
  });

  it('is a passphrase also beside the key file of another workspace', async () => {
    const where = place();
    await make(where);
    const second = { ...where, workspace: join(where.root, 'second') };
    expect(await make(second, { environment: { SEXTANT_PASSPHRASE: 'p' } })).toBe('passphrase');
    expect(await make(where, { environment: { SEXTANT_PASSPHRASE: 'p' } })).toBe('key-file');
  });

  it('is the passphrase of whoever can be asked', async () => {
    const where = place();
    const asked: string[] = [];
    const askPassphrase = async (purpose: string) => {
      asked.push(purpose);
      return 'said aloud';
    };
    expect(await make(where, { askPassphrase })).toBe('passphrase');
    expect(await make(where, { askPassphrase })).toBe('passphrase');
    expect(asked).toEqual(['create', 'open']);
  });

  it('treats composed and decomposed letters of a passphrase alike', async () => {
    const where = place();
    await make(where, { environment: { SEXTANT_PASSPHRASE: 'Zürich'.normalize('NFC') } });
    expect(await make(where, { environment: { SEXTANT_PASSPHRASE: 'Zürich'.normalize('NFD') } })).toBe('passphrase');
  });
});

const BAD_KEYS = [
  '',
  ' ',
  'c3',
  'c3'.repeat(31),
  'c3'.repeat(33),
  `${'c3'.repeat(31)}zz`,
  `0x${'c3'.repeat(31)}`,
  ` ${HEX}`,
];

describe('a bad key', () => {
  it.each(BAD_KEYS)('SEXTANT_KEY=%j makes nothing', async (key) => {
    const where = place();
    await expect(openAt(where, { environment: { SEXTANT_KEY: key } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
      message: expect.stringContaining('64 hexadecimal digits'),
    });
    expect(fingerprint(where.root)).toEqual({});
  });

  it.each([...BAD_KEYS, 'd4'.repeat(32), '00'.repeat(32)])(
    'SEXTANT_KEY=%j changes nothing of a workspace',
    async (key) => {
      const where = place();
      await make(where, { environment: { SEXTANT_KEY: HEX } });
      const before = fingerprint(where.root);
      await expect(openAt(where, { environment: { SEXTANT_KEY: key } })).rejects.toMatchObject({ code: 'WRONG_KEY' });
      expect(fingerprint(where.root)).toEqual(before);
      expect(await make(where, { environment: { SEXTANT_KEY: HEX } })).toBe('environment');
    },
  );

  it('is no key at all: an existing workspace gets no new one', async () => {
    const where = place();
    await make(where, { environment: { SEXTANT_KEY: HEX } });
    const before = fingerprint(where.root);
    await expect(openAt(where)).rejects.toMatchObject({
      code: 'WRONG_KEY',
      message: expect.stringContaining('SEXTANT_KEY'),
    });
    expect(fingerprint(where.root)).toEqual(before);
  });

  it('is an empty passphrase', async () => {
    const where = place();
    await expect(openAt(where, { environment: { SEXTANT_PASSPHRASE: '' } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    expect(fingerprint(where.root)).toEqual({});
  });

  it.each(['', 'nonsense\n', HEX.slice(1)])('is a key file with %j in it, which is left as it is', async (content) => {
    const where = place();
    mkdirSync(where.configFolder, { recursive: true });
    writeFileSync(join(where.configFolder, 'workspace.key'), content, { mode: 0o600 });
    const before = fingerprint(where.root);
    await expect(openAt(where)).rejects.toMatchObject({ code: 'WRONG_KEY' });
    expect(fingerprint(where.root)).toEqual(before);
  });
});

it('a key file that others can read is closed to them', async () => {
  const where = place();
  await make(where);
  const file = join(where.configFolder, 'workspace.key');
  const content = readFileSync(file, 'utf8');
  chmodSync(file, 0o644);
  expect(await make(where)).toBe('key-file');
  expect(modeOf(file)).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toBe(content);
});

it('creating never replaces a key that is there', async () => {
  const where = place();
  const keys = storeAt(where);
  await keys.create();
  const before = fingerprint(where.configFolder);
  await expect(keys.create()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(fingerprint(where.configFolder)).toEqual(before);
});
