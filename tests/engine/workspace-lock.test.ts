/** One writer per workspace, decided by the operating system: racers, a kill, a second opener. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AppError } from '#base/errors';
import { lockWorkspace, readHostRecord } from '#engine/store/workspace-lock';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { modeOf, scratchFolder } from '../support/scratch';

const ROUNDS = process.env.SEXTANT_LONG === '1' ? 100 : 4;
const RACERS = 8;

it(
  `of ${RACERS} racing processes exactly one wins, and its place is free as soon as it is killed`,
  { timeout: 1_200_000 },
  async () => {
    const script = await buildScript('tests/support/store-child.ts');
    const folder = scratchFolder();
    for (let round = 0; round < ROUNDS; round++) {
      const racers = Array.from({ length: RACERS }, () => startChild(script, ['lock', folder]));
      const said = await Promise.all(racers.map((racer) => racer.line(/^(WIN|LOSE)/)));
      expect(said.filter((line) => line === 'WIN')).toHaveLength(1);
      expect(said.filter((line) => line.startsWith('LOSE WORKSPACE_LOCKED'))).toHaveLength(RACERS - 1);
      await Promise.all(racers.map((racer) => racer.kill()));
      lockWorkspace(folder, Date.now()).release();
    }
  },
);

it('tells a second opener who the owner is and how to reach it', async () => {
  const folder = scratchFolder();
  const lock = lockWorkspace(folder, Date.UTC(2024, 0, 2));
  const script = await buildScript('tests/support/store-child.ts');
  lock.publish({ url: 'http://127.0.0.1:4321', tokenFile: '/somewhere/token' });
  const said = await startChild(script, ['lock', folder]).line(/^LOSE/);
  expect(JSON.parse(said.slice('LOSE WORKSPACE_LOCKED '.length))).toEqual({
    folder,
    owner: {
      pid: process.pid,
      url: 'http://127.0.0.1:4321',
      tokenFile: '/somewhere/token',
      startedAt: '2024-01-02T00:00:00.000Z',
    },
  });
  expect(modeOf(join(folder, 'host.json'))).toBe(0o600);
  lock.release();
  expect(readHostRecord(folder)).toBeNull();
});

it('refuses a second opener in the same process too', () => {
  const folder = scratchFolder();
  const lock = lockWorkspace(folder, 0);
  expect(() => lockWorkspace(folder, 0)).toThrowError(AppError);
  lock.release();
  lock.release();
  lockWorkspace(folder, 0).release();
});

it('replaces what a killed owner left behind', async () => {
  const folder = scratchFolder();
  const script = await buildScript('tests/support/store-child.ts');
  const owner = startChild(script, ['lock', folder]);
  await owner.line(/^WIN/);
  await owner.kill();
  expect(readFileSync(join(folder, 'host.json'), 'utf8')).toContain(String(owner.process.pid));
  const lock = lockWorkspace(folder, 0);
  expect(readHostRecord(folder)?.pid).toBe(process.pid);
  lock.release();
});
