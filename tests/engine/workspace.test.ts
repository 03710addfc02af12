/** A workspace as a whole: creation, crashes during it, damage, what is readable on the disk and by whom. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#base/log';
import type { KeyStore } from '#engine/host';
import { appendJobEvent } from '#engine/store/job-events-table';
import { insertJob, saveCheckpoint } from '#engine/store/jobs-table';
import { migrations } from '#engine/store/schema';
import { openWorkspace, type Workspace } from '#engine/store/workspace';
import { filesBelow, fingerprint, modeOf, scratchFolder } from '../support/scratch';
import { OTHER_KEY, TEST_KEY } from '../support/store-schemas';

function keysOf(key: Uint8Array): KeyStore {
  const found = { key, source: 'environment' as const };
  return { read: async () => found, create: async () => found };
}

function open(folder: string, key: Uint8Array = TEST_KEY): Promise<Workspace> {
  return openWorkspace({ folder, keys: keysOf(key), log: silentLog, now: () => Date.now() });
}

async function makeAt(folder: string): Promise<void> {
  (await open(folder)).close();
}

it('is made once and opened afterwards', async () => {
  const folder = join(scratchFolder(), 'deep', 'workspace');
  const first = await open(folder);
  expect(first.created).toBe(true);
  first.close();
  first.close();
  expect(modeOf(folder)).toBe(0o700);
  const second = await open(folder);
  expect(second).toMatchObject({ created: false, schemaVersion: migrations.length, keySource: 'environment' });
  second.close();
});

it('is locked before the key is looked at, so that whoever attaches needs none', async () => {
  const folder = join(scratchFolder(), 'workspace');
  const owner = await open(folder);
  owner.publish({ url: 'http://127.0.0.1:1', tokenFile: '/t' });
  await expect(open(folder, OTHER_KEY)).rejects.toMatchObject({
    code: 'WORKSPACE_LOCKED',
    data: { owner: { pid: process.pid, url: 'http://127.0.0.1:1', tokenFile: '/t' } },
  });
  owner.close();
});

it('takes a wrong key of the right length for what it is, without touching the database', async () => {
  const folder = join(scratchFolder(), 'workspace');
  await makeAt(folder);
  const before = fingerprint(folder);
  await expect(open(folder, OTHER_KEY)).rejects.toMatchObject({ code: 'WRONG_KEY' });
  expect(fingerprint(folder)).toEqual(before);
});

describe('after a crash or damage', () => {
  it('during creation, before the database: the creation is finished', async () => {
    const folder = join(scratchFolder(), 'workspace');
    await makeAt(folder);
    rmSync(join(folder, 'workspace.db'));
    writeFileSync(join(folder, 'workspace.db.new'), 'half');
    const workspace = await open(folder);
    expect(workspace.database.prepare('SELECT count(*) FROM jobs').pluck().get()).toBe(0);
    workspace.close();
    expect(existsSync(join(folder, 'workspace.db.new'))).toBe(false);
  });

  it('a database that is missing although objects exist is damage, and no empty one replaces it', async () => {
    const folder = join(scratchFolder(), 'workspace');
    const workspace = await open(folder);
    await workspace.objects.putObject([Buffer.from('precious')]);
    workspace.close();
    rmSync(join(folder, 'workspace.db'));
    const before = fingerprint(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect(fingerprint(folder)).toEqual(before);
  });

  it('a flipped bit in the first page is damage, not a wrong key, and nothing is deleted', async () => {
    const folder = join(scratchFolder(), 'workspace');
    await makeAt(folder);
    const file = join(folder, 'workspace.db');
    const bytes = readFileSync(file);
    bytes[1000] ^= 4;
    writeFileSync(file, bytes);
    await expect(open(folder)).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it.each(['missing', 'cut', 'changed'])('a key check that is %s locks nobody out and is written anew', async (how) => {
    const folder = join(scratchFolder(), 'workspace');
    await makeAt(folder);
    const file = join(folder, 'workspace.json');
    const text = readFileSync(file, 'utf8');
    const damage = {
      missing: null,
      cut: text.slice(0, 20),
      changed: text.replace(/"keyCheck": "./, '"keyCheck": "_').replace('_', '0'),
    };
    const content = damage[how as keyof typeof damage]; // the names of the table above
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
    await expect(open(folder, OTHER_KEY)).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await makeAt(folder);
    await expect(open(folder, OTHER_KEY)).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await makeAt(folder);
  });

  it('orphaned objects are swept, referenced ones stay', async () => {
    const folder = join(scratchFolder(), 'workspace');
    const first = await open(folder);
    const kept = await first.objects.putObject([Buffer.from('kept')]);
    const orphan = await first.objects.putObject([Buffer.from('orphan')]);
    first.database
      .prepare(`INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES ('U', 'a', ?, 4, 1)`)
      .run(kept.hash);
    first.close();
    const second = await open(folder);
    expect(Buffer.from(await second.objects.getObject(kept.hash)).toString()).toBe('kept');
    await expect(second.objects.getObject(orphan.hash)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    second.close();
  });
});

/** Puts a canary into every kind of record and leaves the write-ahead log as a crash would. */
async function fillWithCanaries(folder: string): Promise<{ canaries: string[]; workspace: Workspace }> {
  const canaries = Array.from({ length: 8 }, (_, i) => `CANARY-${i}-${'x'.repeat(20)}`);
  const workspace = await open(folder);
  const { database, objects } = workspace;
  insertJob(database, {
    id: 'J',
    kind: 'run',
    subject: canaries[0],
    title: canaries[1],
    payload: { a: canaries[2] },
    createdAt: 1,
  });
  appendJobEvent(database, 'J', 1, { type: 'log', level: 'info', message: canaries[3] });
  saveCheckpoint(database, 'J', 1, { state: canaries[4], bytes: new TextEncoder().encode(canaries[5]) });
  database.prepare('INSERT INTO settings (name, value, updated_at) VALUES (?, ?, 1)').run(canaries[6], '1');
  const { hash } = await objects.putObject([Buffer.from(canaries[7].repeat(50))]);
  database.prepare(`INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES ('U', 'a', ?, 4, 1)`).run(hash);
  // A sort that is too large for the cache would spill to a temporary file at SQLite's default.
  database.exec(`CREATE TEMP TABLE spill (v); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    INSERT INTO spill SELECT '${canaries[0]}' || hex(randomblob(200)) FROM n; SELECT count(*) FROM (SELECT v FROM spill ORDER BY v DESC)`);
  return { canaries, workspace };
}

/** Files that contain one of the texts, looked for by another process (this one must not open a locked file). */
function filesWith(folder: string, texts: readonly string[]): string[] {
  const found = spawnSync('grep', ['-rlaF', ...texts.flatMap((text) => ['-e', text]), folder], { encoding: 'utf8' });
  return found.stdout.split('\n').filter((line) => line !== '');
}

it('holds nothing readable: no canary in any file, open or closed, nor the key', async () => {
  const folder = join(scratchFolder(), 'workspace');
  const { canaries, workspace } = await fillWithCanaries(folder);
  const secrets = [...canaries, TEST_KEY.toString('hex'), 'CREATE TABLE'];
  expect(existsSync(join(folder, 'workspace.db-wal'))).toBe(true);
  expect(filesWith(folder, secrets)).toEqual([]);
  workspace.close();
  expect(filesWith(folder, secrets)).toEqual([]);
  // The twin: the same search finds a canary where one is.
  writeFileSync(join(folder, 'planted'), `...${canaries[3]}...`);
  expect(filesWith(folder, secrets)).toEqual([join(folder, 'planted')]);
});

it('is closed to other users, each of its files', async (context) => {
  if (process.getuid?.() !== 0) {
    context.skip('only root can try to read as another user');
    return;
  }
  const root = scratchFolder();
  const folder = join(root, 'workspace');
  const { workspace } = await fillWithCanaries(folder);
  const readAs = (file: string) => spawnSync('cat', [file], { uid: 65534, gid: 65534, cwd: '/' }).status;
  spawnSync('chmod', ['755', root, folder, join(folder, 'objects')]); // the files must be closed by themselves
  const files = filesBelow(folder);
  expect(files.length).toBeGreaterThanOrEqual(6);
  expect(files.filter((file) => readAs(file) === 0)).toEqual([]);
  expect(files.filter((file) => (modeOf(file) & 0o077) !== 0)).toEqual([]);
  // The twin: the other user can read a file that is open.
  const openFile = join(root, 'open');
  writeFileSync(openFile, 'x');
  spawnSync('chmod', ['644', openFile]);
  expect(readAs(openFile)).toBe(0);
  workspace.close();
});
