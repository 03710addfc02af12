/**
 * A workspace on a disk that cannot be written: a real read-only mount, in a name space of its own. Everything can be looked at and
 * exported, every change is refused with READ_ONLY, and not a byte of it or beside it is different afterwards.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { borrowWorkspace, isReadOnlyWorkspace } from '#engine/store/borrow-workspace';
import { buildScript } from '../support/build-script';
import { openTestEngine } from '../support/engine-host';
import { filesBelow, fingerprint, scratchFolder } from '../support/scratch';

/** A workspace with a market, a backup and a job that was interrupted; closed. */
async function makeWorkspace(folder: string): Promise<void> {
  const host = await openTestEngine({ workspace: folder });
  await host.finished((await host.client.datasets.generate({ name: 'market' })).job);
  await host.client.backups.create({});
  await host.client.datasets.generate({ name: 'unfinished', preset: 'sp500' });
  await host[Symbol.asyncDispose]();
}

const ENTER = ['-rm', 'sh', '-c'];

it('is shown from a copy: reading and exporting work, every change is refused, nothing is written', async (context: TestContext) => {
  if (spawnSync('unshare', [...ENTER, 'true']).status !== 0) {
    context.skip('this machine does not let the test mount a folder read-only (unshare -rm)');
  }
  const folder = join(scratchFolder(), 'workspace');
  await makeWorkspace(folder);
  const before = fingerprint(folder);
  const script = await buildScript('tests/support/read-only.ts');
  const temporary = scratchFolder();
  const command = `mount --bind "${folder}" "${folder}" && mount -o remount,ro,bind "${folder}" && exec "${process.execPath}" "${script}" "${folder}"`;
  const said: unknown = JSON.parse(
    execFileSync('unshare', [...ENTER, command], { encoding: 'utf8', env: { ...process.env, TMPDIR: temporary } }),
  );
  expect(said).toEqual({
    probe: 'EROFS',
    state: 'read-only',
    explains: true,
    workspace: folder,
    datasets: ['market'],
    assets: true,
    backups: 1,
    // Nobody goes on with it here.
    unfinished: expect.stringMatching(/^(queued|interrupted)$/),
    verified: true,
    auditIntact: true,
    refused: ['READ_ONLY', 'READ_ONLY', 'READ_ONLY', 'READ_ONLY', 'READ_ONLY'],
  });
  expect(fingerprint(folder)).toEqual(before);
  expect(readdirSync(temporary), 'the copy is gone').toEqual([]);
});

it('a restore that was not finished is refused, because reading it would mean writing', async () => {
  const folder = join(scratchFolder(), 'workspace');
  await makeWorkspace(folder);
  writeFileSync(join(folder, 'swap.json'), '{}');
  expect(() => borrowWorkspace(folder)).toThrowError(expect.objectContaining({ code: 'READ_ONLY' }));
});

it('the copy is private, is encrypted, and leaves out what belongs to a running host', async () => {
  const folder = join(scratchFolder(), 'workspace');
  await makeWorkspace(folder);
  for (const name of ['host.json', 'api-token', 'lock.db']) writeFileSync(join(folder, name), 'left');
  const { folder: copy, giveBack } = borrowWorkspace(folder);
  const files = filesBelow(copy).map((file) => file.slice(copy.length + 1));
  expect(files).toContain('workspace.db');
  expect(files.filter((name) => /host\.json|api-token|lock\.db|-shm/.test(name))).toEqual([]);
  giveBack();
  expect(existsSync(copy)).toBe(false);
});

it('a folder without a workspace, and one that can be written, are opened as usual', () => {
  const folder = scratchFolder();
  expect(isReadOnlyWorkspace(folder)).toBe(false);
  writeFileSync(join(folder, 'workspace.db'), '');
  expect(isReadOnlyWorkspace(folder)).toBe(false);
});
