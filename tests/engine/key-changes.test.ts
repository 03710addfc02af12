/** Another key, another passphrase, the key on paper: what opens afterwards, what does not, and that no data is lost. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#base/log';
import { createKeyStore } from '#engine/keys/key-store';
import { openWithRecovery, readRecoveryKey, writeRecoveryKey } from '#engine/keys/recovery-key';
import { openTestEngine } from '../support/engine-host';
import { filesBelow, modeOf, scratchFolder } from '../support/scratch';

function keysAt(root: string, environment: Record<string, string> = {}) {
  const workspace = join(root, 'workspace');
  return createKeyStore({ workspace, configFolder: join(root, 'config'), environment, log: silentLog, keychain: null });
}

function openAt(root: string, environment: Record<string, string> = {}) {
  return openTestEngine({ workspace: join(root, 'workspace'), keys: keysAt(root, environment) });
}

describe('another key', () => {
  it('opens everything, the old one nothing; objects and older backups are read as before', async () => {
    const root = scratchFolder();
    {
      await using host = await openAt(root);
      await host.finished((await host.client.datasets.generate({ name: 'mine' })).job);
      const old = await host.client.backups.create({});
      const objects = filesBelow(join(root, 'workspace', 'objects'));
      const { state, backup } = await host.client.keys.rotate({});
      expect(state).toMatchObject({ source: 'key-file', earlierKeys: 1 });
      expect(await host.client.keys.show({})).toEqual(state);
      expect(filesBelow(join(root, 'workspace', 'objects'))).toEqual(objects);
      expect(await host.client.datasets.assets({ dataset: 'mine' })).toBeDefined();
      expect((await host.client.backups.list({})).backups.map(({ id }) => id)).toEqual([backup, old.id]);
      await host.finished((await host.client.datasets.generate({ name: 'later', seed: 2 })).job);
      const again = await host.client.keys.rotate({});
      expect(again.state.earlierKeys).toBe(2);
      await host.client.backups.restore({ backup: old.id });
      expect((await host.client.datasets.list({})).datasets.map(({ name }) => name)).toEqual(['mine']);
      expect(await host.client.datasets.assets({ dataset: 'mine' })).toBeDefined();
      expect(await host.client.audit.verify({})).toMatchObject({ intact: true });
    }
    await using later = await openAt(root);
    expect(await later.client.datasets.assets({ dataset: 'mine' })).toBeDefined();
    const first = readFileSync(join(root, 'config', 'workspace.key'), 'utf8').trim();
    await later.engine.close();
    await expect(openAt(root, { SEXTANT_KEY: first })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    const own = readdirSync(join(root, 'config', 'keys'));
    expect(own).toHaveLength(1);
    expect(modeOf(join(root, 'config', 'keys', own[0]))).toBe(0o600);
  });

  it('leaves other workspaces of the same key file alone', async () => {
    const root = scratchFolder();
    const second = join(root, 'second');
    const keys = createKeyStore({
      workspace: second,
      configFolder: join(root, 'config'),
      environment: {},
      log: silentLog,
      keychain: null,
    });
    await (await openAt(root)).engine.close();
    await (await openTestEngine({ workspace: second, keys })).engine.close();
    const host = await openAt(root);
    await host.client.keys.rotate({});
    await host.engine.close();
    const other = await openTestEngine({ workspace: second, keys });
    expect(await other.client.system.health({})).toMatchObject({ status: 'ok' });
    await other.engine.close();
  });

  it('must be given where SEXTANT_KEY gives the present one', async () => {
    const root = scratchFolder();
    const [before, after] = ['c3'.repeat(32), 'd4'.repeat(32)];
    const host = await openAt(root, { SEXTANT_KEY: before });
    await expect(host.client.keys.rotate({})).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(host.client.keys.rotate({ key: before })).rejects.toMatchObject({ code: 'CONFLICT' });
    await host.client.keys.rotate({ key: after });
    expect(await host.client.system.health({})).toMatchObject({ status: 'ok' });
    await host.engine.close();
    await expect(openAt(root, { SEXTANT_KEY: before })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await (await openAt(root, { SEXTANT_KEY: after })).engine.close();
  });
});

describe('another passphrase', () => {
  it('opens, also one of 10,000 characters; the one before does not; the key can change too', async () => {
    const root = scratchFolder();
    const long = 'correct horse '.repeat(715).slice(0, 10_000);
    const host = await openAt(root, { SEXTANT_PASSPHRASE: 'first' });
    const { passphrase, rotate } = host.client.keys;
    await expect(passphrase({ current: 'wrong', next: 'x' })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await passphrase({ current: 'first', next: long });
    await expect(rotate({ passphrase: 'first' })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    expect(await host.client.system.health({})).toMatchObject({ status: 'ok' });
    await expect(rotate({})).rejects.toMatchObject({ code: 'WRONG_KEY' });
    expect((await rotate({ passphrase: long })).state).toMatchObject({ source: 'passphrase', earlierKeys: 1 });
    await host.engine.close();
    await expect(openAt(root, { SEXTANT_PASSPHRASE: 'first' })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await (await openAt(root, { SEXTANT_PASSPHRASE: long })).engine.close();
    expect(existsSync(join(root, 'workspace', 'key.next.json'))).toBe(false);
  });

  it('is refused where no passphrase is in use', async () => {
    const root = scratchFolder();
    await using host = await openAt(root);
    await expect(host.client.keys.passphrase({ current: 'a', next: 'b' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the key on paper', () => {
  it('opens the workspace and its backups, also after another key; the paper before does not', async () => {
    const root = scratchFolder();
    const host = await openAt(root);
    const older = await host.client.keys.recovery({});
    const { recoveryKey } = await host.client.keys.recovery({});
    const backup = await host.client.backups.create({});
    await host.client.keys.rotate({});
    await host.client.keys.rotate({});
    await host.engine.close();

    const workspace = join(root, 'workspace');
    const sealed = readFileSync(join(workspace, 'recovery.json'), 'utf8');
    const key = Buffer.from(
      openWithRecovery(sealed, readRecoveryKey(recoveryKey.toLowerCase().replaceAll('-', ' '))),
    ).toString('hex');
    const opened = await openAt(root, { SEXTANT_KEY: key });
    expect(await opened.client.backups.verify({ backup: backup.id })).toMatchObject({ backup: backup.id });
    await opened.engine.close();
    const inBackup = readFileSync(join(workspace, 'backups', backup.id, 'recovery.json'), 'utf8');
    expect(openWithRecovery(inBackup, readRecoveryKey(recoveryKey))).toHaveLength(32);
    expect(() => openWithRecovery(sealed, readRecoveryKey(older.recoveryKey))).toThrowError(
      expect.objectContaining({ code: 'WRONG_KEY' }),
    );
    const changed = sealed
      .replace(/"sealed": "./, '"sealed": "g')
      .replace('g', sealed.includes('"sealed": "0') ? '1' : '0');
    writeFileSync(join(workspace, 'recovery.json'), changed);
    expect(() => openWithRecovery(changed, readRecoveryKey(recoveryKey))).toThrowError(
      expect.objectContaining({ code: 'WRONG_KEY' }),
    );
  });

  it('is read back as it is written, and typing errors are noticed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(55),
        fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('')),
        (secret, at, character) => {
          const text = writeRecoveryKey(secret);
          expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{7}-){7}[0-9A-HJKMNP-TV-Z]{7}$/);
          expect([...readRecoveryKey(text.replaceAll('0', 'o').replaceAll('1', 'l'))]).toEqual([...secret]);
          const plain = text.replaceAll('-', '').split('');
          if (plain[at] === character) return;
          plain[at] = character;
          expect(() => readRecoveryKey(plain.join(''))).toThrowError(expect.objectContaining({ code: 'WRONG_KEY' }));
        },
      ),
      { numRuns: 300 },
    );
    for (const text of ['', 'ABC', 'U'.repeat(56), '0'.repeat(57), '0'.repeat(56)]) {
      expect(() => readRecoveryKey(text)).toThrowError(expect.objectContaining({ code: 'WRONG_KEY' }));
    }
  });
});
