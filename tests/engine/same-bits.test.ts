/** Same identity, same bits: in another process, after a kill of the worker, and after a restart of the host in the middle. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '#base/log';
import type { WorkerHandle } from '#engine/host';
import { childProcessLauncher } from '#headless/child-process-worker';
import { buildScript } from '../support/build-script';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const CONFIG = {
  data: { dataset: 'sample' },
  model: { forecast: { id: 'elastic-net' }, optimizer: { id: 'mean-variance' }, constraints: { maxWeight: 0.1 } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: {
    name: 'bits',
    bootstrap: { replications: 1000 },
    compare: [{ name: 'hrp', forecast: null, optimizer: { id: 'hrp' } }],
  },
};

const workspace = mkdtempSync(join(tmpdir(), 'sextant-bits-'));
const children: WorkerHandle[] = [];
let spawnWorker: () => WorkerHandle;
let host: TestEngine;
let expected: string;

beforeAll(async () => {
  const launch = childProcessLauncher({ entry: await buildScript('src/compute/worker.ts'), log: silentLog });
  spawnWorker = () => {
    const child = launch();
    children.push(child);
    return child;
  };
  // The reference is computed in this process, everything after it in child processes.
  host = await openTestEngine({ workspace });
  await host.finished((await host.client.datasets.generate({})).job);
  const { run, job } = await host.client.runs.start({ config: CONFIG });
  await host.finished(job);
  expected = await resultOf(run);
  await host.engine.close();
  host = await openTestEngine({ workspace, spawnWorker });
}, 120_000);

afterAll(async () => {
  await host.engine.close();
  rmSync(workspace, { recursive: true, force: true });
});

async function resultOf(run: string): Promise<string> {
  const { provenance, status } = await host.client.runs.show({ run });
  expect(status).toBe('succeeded');
  return provenance.resultHash ?? '';
}

/** Waits for the first sign of work; stages pass too quickly to wait for a certain one. */
async function underWay(run: string): Promise<void> {
  for await (const event of await host.client.runs.events({ run })) {
    if (event.type === 'progress') return;
  }
  throw new Error('the run ended before it said that it was working');
}

test('another process gives the same bits', async () => {
  const { run, job } = await host.client.runs.start({ config: CONFIG });
  await host.finished(job);
  expect(await resultOf(run)).toBe(expected);
}, 60_000);

test('a worker killed in the middle is replaced, and the run gives the same bits', async () => {
  const { run, job } = await host.client.runs.start({ config: CONFIG });
  await underWay(run);
  const victim = children.at(-1)?.pid;
  expect(victim).toBeTypeOf('number');
  if (victim !== undefined) process.kill(victim, 'SIGKILL');
  const ended = await host.finished(job);
  expect(ended.attempt).toBe(2);
  expect(await resultOf(run)).toBe(expected);
}, 60_000);

test('a host closed in the middle goes on at the next start, and the run gives the same bits', async () => {
  const { run, job } = await host.client.runs.start({ config: CONFIG });
  await underWay(run);
  await host.engine.close();
  host = await openTestEngine({ workspace, spawnWorker });
  const ended = await host.finished(job);
  expect(ended.attempt).toBe(2);
  expect(await resultOf(run)).toBe(expected);
}, 60_000);

test('a cancelled run leaves no result and says that it was cancelled', async () => {
  // Long enough that it cannot end between the first sign of work and the cancel.
  const experiment = { ...CONFIG.experiment, bootstrap: { replications: 20_000 } };
  const { run, job } = await host.client.runs.start({ config: { ...CONFIG, experiment } });
  await underWay(run);
  await host.client.runs.cancel({ run });
  expect((await host.finished(job)).status).toBe('cancelled');
  expect((await host.client.runs.show({ run })).strategies).toEqual([]);
}, 60_000);

test('sabotage: a different seed gives different bits, so equal bits mean something', async () => {
  const { run, job } = await host.client.runs.start({
    config: { ...CONFIG, experiment: { ...CONFIG.experiment, seed: 1 } },
  });
  await host.finished(job);
  expect(await resultOf(run)).not.toBe(expected);
}, 60_000);
