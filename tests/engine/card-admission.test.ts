/**
 * A run that asks for the card, through the contract, with a real child process in place of nvidia-smi: it waits while the card is full,
 * and starts with no more room to plan with than other programs leave.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ToWorker } from '#contract/worker-messages';
import { loadProductJob } from '#compute/job';
import { serveJob } from '#compute/serve-job';
import { RESERVE_BYTES } from '#engine/devices/vram-guard';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';

const GIB = 2 ** 30;
const STAND_IN = fileURLToPath(new URL('../support/nvidia-smi.mjs', import.meta.url));
const config = {
  data: { dataset: 'sample', from: '2021-01-01' },
  model: {
    forecast: { id: 'lstm', params: { device: 'wgsl', lookback: 5, hidden: 4, layers: 1, seeds: 1, epochs: 1 } },
  },
  backtest: { window: { train: 126 }, lookback: 63 },
  experiment: { bootstrap: { replications: 100 }, baselines: false },
};

type Started = Extract<ToWorker, { type: 'start' }>;

/** An engine whose card is what the file says; what its workers are started with goes into `started`. */
function watchedEngine(file: string, started: Started[]): Promise<TestEngine> {
  const launch = inlineLauncher((port) => serveJob(port, loadProductJob));
  return openTestEngine({
    nvidiaSmi: [process.execPath, STAND_IN, file],
    spawnWorker() {
      const worker = launch();
      return {
        ...worker,
        post(message) {
          if (message.type === 'start') started.push(message);
          worker.post(message);
        },
      };
    },
  });
}

test(
  'a run on the card plans within what other programs leave, and waits while they leave nothing',
  { timeout: 60_000 },
  async () => {
    const file = join(scratchFolder(), 'scene.json');
    const show = (usedGib: number) => writeFileSync(file, JSON.stringify({ gpu: `${usedGib * 1024}, ${16 * 1024}\n` }));
    const started: Started[] = [];
    await using host = await watchedEngine(file, started);
    show(10.5);
    await host.finished((await host.client.datasets.generate({})).job);
    const { job } = await host.client.runs.start({ config });
    // The first thing that a reader of the job hears while the card is full is why it waits.
    let waited = '';
    for await (const event of await host.client.jobs.events({ job })) {
      if (event.type !== 'log' || !event.message.startsWith('Waits for the card.')) continue;
      waited = event.message;
      break;
    }
    expect(waited).not.toBe('');
    expect(started.some((message) => message.job === 'run-research')).toBe(false);
    show(8);
    // There is no card here, so the run itself ends with that; what counts is how it was started.
    expect(await host.finished(job)).toMatchObject({ status: 'failed', error: { code: 'DEVICE_UNAVAILABLE' } });
    const run = started.find((message) => message.job === 'run-research');
    expect(run?.input).toMatchObject({ vramBytes: 11 * GIB - 8 * GIB - RESERVE_BYTES });
  },
);

test('a run on a card of 2 GiB plans within those, less what is kept free', { timeout: 60_000 }, async () => {
  const file = join(scratchFolder(), 'scene.json');
  writeFileSync(file, JSON.stringify({ gpu: `0, ${2 * 1024}\n` }));
  const started: Started[] = [];
  await using host = await watchedEngine(file, started);
  await host.finished((await host.client.datasets.generate({})).job);
  const { job } = await host.client.runs.start({ config });
  await host.finished(job);
  const run = started.find((message) => message.job === 'run-research');
  expect(run?.input).toMatchObject({ vramBytes: 2 * GIB - RESERVE_BYTES });
});
