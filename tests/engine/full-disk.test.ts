/**
 * A full disk, a real one of some MB: mounted in a name space of its own, which needs no rights but is not allowed
 * everywhere. Whatever was acknowledged stays, reading goes on, nothing half-written is left, and work resumes.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it, type TestContext } from 'vitest';
import { buildScript } from '../support/build-script';
import { scratchFolder } from '../support/scratch';

const ENTER = ['-rm', 'sh', '-c'];

/** Runs one role of `full-disk.ts` on a small disk and returns what it says. */
async function onSmallDisk(role: string, context: TestContext, size = '8m'): Promise<unknown> {
  if (spawnSync('unshare', [...ENTER, 'true']).status !== 0) {
    context.skip('this machine does not let the test mount a small disk (unshare -rm)');
  }
  const script = await buildScript('tests/support/full-disk.ts');
  const disk = scratchFolder();
  const command = `mount -t tmpfs -o size=${size} tmpfs "${disk}" && exec "${process.execPath}" "${script}" ${role} "${disk}"`;
  return JSON.parse(execFileSync('unshare', [...ENTER, command], { encoding: 'utf8' }));
}

it('objects: DISK_FULL, no half file, what was there stays', async (context) => {
  const said = await onSmallDisk('objects', context);
  expect(said).toEqual({ code: 'DISK_FULL', temporary: [], intact: true, afterwards: 'stored' });
});

it('database: DISK_FULL, every acknowledged row stays, reading goes on, writing resumes', async (context) => {
  const said = await onSmallDisk('database', context);
  expect(said).toEqual({ code: 'DISK_FULL', readable: true, afterwards: 'stored', intact: true, kept: true });
});

it('queue: a new job is refused, the running one ends as soon as its status can be stored', async (context) => {
  const said = await onSmallDisk('queue', context);
  expect(said).toEqual({ refusedOrder: 'DISK_FULL', status: 'failed', code: 'DISK_FULL', next: 'succeeded' });
});

it('the whole engine: one state, refused at the door, reading and its record go on, and it ends by itself', async (context) => {
  const said = await onSmallDisk('engine', context, '32m');
  expect(said).toEqual({
    before: 'ok',
    refused: 'DISK_FULL',
    full: { state: 'full', explains: true },
    again: 'DISK_FULL',
    read: 'stored',
    watched: 'stored',
    jobsThen: 1,
    afterwards: 'succeeded',
    recorded: 1,
    // The one that was read while nothing could be written.
    accesses: 1,
    // Told twice: full, and over.
    told: 2,
  });
});
