/** The conformance suite over the launchers of this layer, and what is special to each. */
import { expect, it } from 'vitest';
import { serveJob } from '#compute/serve-job';
import { childProcessLauncher } from '#headless/child-process-worker';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { startWorker } from '#engine/jobs/worker-process';
import { buildScript } from '../support/build-script';
import { collectingLog } from '../support/collecting-log';
import { loadTestJob } from '../support/worker-jobs';
import { workerConformance } from './worker-conformance';

workerConformance('child_process', (entry, log) => childProcessLauncher({ entry, log }), { separateProcess: true });
workerConformance('inline', () => inlineLauncher((port) => serveJob(port, loadTestJob)), { separateProcess: false });

it('names an exhausted heap as the reason of a crash', async () => {
  const entry = await buildScript('tests/support/worker-entry.ts');
  const log = collectingLog();
  const spawn = childProcessLauncher({ entry, log, execArgv: ['--max-old-space-size=40'] });
  const worker = startWorker({ name: 'calc', input: { do: 'exhaust-memory' } }, { spawn, log });
  await expect(worker.outcome).rejects.toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'oom' } });
});

it('ends a worker that takes more memory than it may, before it has taken much more', async (context) => {
  if (process.platform !== 'linux') context.skip('only Linux tells how much memory another process takes');
  const entry = await buildScript('tests/support/worker-entry.ts');
  const log = collectingLog();
  const memoryBytes = 300 * 2 ** 20;
  const spawn = childProcessLauncher({ entry, log });
  const worker = startWorker({ name: 'calc', input: { do: 'hoard' } }, { spawn, log, memoryBytes });
  const error: unknown = await worker.outcome.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'memory' } });
  const taken = Number(/took (\d+) MiB/.exec(String(error))?.[1]);
  expect(taken).toBeGreaterThan(300);
  expect(taken).toBeLessThan(300 + 1024);
  await worker.exited;
});

it('reports a worker script that does not exist as a crash', async () => {
  const log = collectingLog();
  const worker = startWorker(
    { name: 'calc', input: null },
    { spawn: childProcessLauncher({ entry: '/nowhere/worker.mjs', log }), log },
  );
  await expect(worker.outcome).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  await worker.exited;
});
