/**
 * Hostile backups and artifacts: names that lead elsewhere in 120 spellings, and thousands of changes to what lies in a backup or among
 * the objects. None is taken, none reads outside. 400 changes of each, or 5,000 with SEXTANT_LONG=1.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { backupFolder } from '#engine/backups/backup-folder';
import { restoreBackup } from '#engine/backups/restore-backup';
import { verifyFolder } from '#engine/backups/verify-backup';
import { openObjectStore } from '#engine/store/object-store';
import { openWorkspace } from '#engine/store/workspace';
import { silentLog } from '#base/log';
import { openTestEngine } from '../support/engine-host';
import { draws, filesBelow, fingerprint, scratchFolder } from '../support/scratch';
import { TEST_KEY } from '../support/store-schemas';
import { traversals } from '../support/traversals';

const CHANGES = process.env.SEXTANT_LONG === '1' ? 5000 : 400;

it('no name of a backup leads elsewhere, in 120 spellings and for everything that takes one', async () => {
  const workspace = join(scratchFolder(), 'workspace');
  await using host = await openTestEngine({ workspace });
  await host.client.backups.create({});
  // A backup that could be reached by climbing, if anything could.
  const [id] = readdirSync(join(workspace, 'backups'));
  mkdirSync(join(workspace, '..', 'outside'));
  cpSync(join(workspace, 'backups', id), join(workspace, '..', 'outside', id), { recursive: true });
  const names = [
    ...traversals(),
    `../../outside/${id}`,
    `..\\..\\outside\\${id}`,
    join(workspace, '..', 'outside', id),
  ];
  for (const name of names) {
    expect(() => backupFolder(workspace, name), name).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
    for (const call of ['verify', 'restore', 'drill'] as const) {
      const refusal: unknown = await host.client.backups[call]({ backup: name }).catch((error: unknown) => error);
      expect(refusal, `${call} ${name}`).toMatchObject({ code: expect.stringMatching(/^(NOT_FOUND|BAD_REQUEST)$/) });
    }
  }
  expect((await host.client.backups.list({})).backups).toHaveLength(1);
});

it('no name of an object leads elsewhere, in 120 spellings', async () => {
  const folder = scratchFolder();
  const store = openObjectStore(join(folder, 'objects'), TEST_KEY);
  for (const name of traversals()) {
    await expect(store.getObject(name), name).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(store.remove(name), name).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  }
});

const key = TEST_KEY;
const keyring = { current: key, retired: [] };

async function makeBackup(): Promise<{ workspace: string; backup: string }> {
  const workspace = join(scratchFolder(), 'workspace');
  const found = { key, source: 'environment' as const };
  await using host = await openTestEngine({ workspace, keys: { read: async () => found, create: async () => found } });
  await host.finished((await host.client.datasets.generate({ name: 'market' })).job);
  const { id } = await host.client.backups.create({});
  return { workspace, backup: join(workspace, 'backups', id) };
}

/** Changes a file in one of the ways in which somebody could; tells which, null where this way would change nothing. */
function change(file: string, others: readonly string[], draw: (below: number) => number): string | null {
  const bytes = readFileSync(file);
  const at = draw(bytes.length);
  switch (draw(5)) {
    case 0: {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1 + draw(255);
      writeFileSync(file, changed);
      return `byte ${at}`;
    }
    case 1:
      writeFileSync(file, bytes.subarray(0, at));
      return `cut at ${at}`;
    case 2:
      writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(1 + draw(100), draw(256))]));
      return 'lengthened';
    case 3: {
      const other = others[draw(others.length)];
      if (other === file) return null;
      writeFileSync(file, readFileSync(other));
      return `replaced by ${basename(other)}`;
    }
    default:
      rmSync(file);
      return 'removed';
  }
}

it(
  `of ${CHANGES} changed backups none is verified, and none that is tried is restored`,
  { timeout: 1_800_000 },
  async () => {
    const { workspace, backup } = await makeBackup();
    // What says how the key is wrapped and where the audit chain stood is proved elsewhere, when it is used.
    const files = filesBelow(backup).filter((file) => !/(workspace\.json|audit\.anchors|recovery\.json)$/.test(file));
    expect(files.length).toBeGreaterThan(2);
    await expect(verifyFolder(backup, keyring, { contents: 'all' })).resolves.toMatchObject({ format: 1 });
    const before = fingerprint(workspace);
    const draw = draws(17);
    const taken: string[] = [];
    for (let n = 0; n < CHANGES; n++) {
      const file = files[n % files.length];
      const whole = `${file}.whole`;
      renameSync(file, whole);
      cpSync(whole, file);
      const what = change(file, files, draw);
      if (what !== null) {
        const tried =
          n % 20 === 0
            ? restoreBackup({ folder: workspace, backup, keyring, now: 1 })
            : verifyFolder(backup, keyring, { contents: 'all' });
        await tried.then(
          () => taken.push(`${basename(file)}: ${what}`),
          () => {},
        );
      }
      rmSync(file, { force: true });
      renameSync(whole, file);
    }
    expect(taken).toEqual([]);
    rmSync(join(workspace, '.built'), { recursive: true, force: true });
    expect(fingerprint(workspace)).toEqual(before);
    // The twin: whole again, it is taken, so the refusals were about the changes.
    await expect(verifyFolder(backup, keyring, { contents: 'all' })).resolves.toMatchObject({ format: 1 });
  },
);

it('a link in the place of a file of a backup leads nowhere', async () => {
  const { workspace, backup } = await makeBackup();
  const secret = join(workspace, '..', 'secret');
  writeFileSync(secret, 'not yours');
  for (const file of filesBelow(backup).filter((name) => /(workspace\.db|manifest\.json|objects\/.*)$/.test(name))) {
    renameSync(file, `${file}.whole`);
    symlinkSync(secret, file);
    await expect(verifyFolder(backup, keyring, { contents: 'all' }), file).rejects.toMatchObject({
      code: expect.stringMatching(/^(WORKSPACE_DAMAGED|NOT_FOUND)$/),
    });
    rmSync(file);
    renameSync(`${file}.whole`, file);
  }
});

it(`of ${CHANGES} changed objects none is read`, { timeout: 600_000 }, async () => {
  const { workspace } = await makeBackup();
  const found = { key, source: 'environment' as const };
  const opened = await openWorkspace({
    folder: workspace,
    keys: { read: async () => found, create: async () => found },
    log: silentLog,
    now: () => 1,
  });
  const files = filesBelow(join(workspace, 'objects'));
  const draw = draws(23);
  const taken: string[] = [];
  for (let n = 0; n < CHANGES; n++) {
    const file = files[n % files.length];
    const bytes = readFileSync(file);
    const what = change(file, files, draw);
    if (what !== null) {
      await opened.objects.getObject(basename(file)).then(
        () => taken.push(`${basename(file)}: ${what}`),
        () => {},
      );
    }
    writeFileSync(file, bytes);
  }
  expect(taken).toEqual([]);
  for (const file of files) await opened.objects.getObject(basename(file));
  opened.close();
});
