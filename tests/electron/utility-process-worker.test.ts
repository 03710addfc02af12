/** Electron's launcher passes the suite of every launcher; its own: where exit reasons come from, and the firm kill. */
import { expect, it } from 'vitest';
import { app, utilityProcess } from 'electron';
import { startWorker } from '#engine/jobs/worker-process';
import { utilityProcessLauncher } from '#main/utility-process-worker';
import { workerConformance } from '../engine/worker-conformance';
import { buildScript } from '../support/build-script';
import { collectingLog } from '../support/collecting-log';

const launcher = (entry: string, log = collectingLog()) =>
  utilityProcessLauncher({ app, fork: utilityProcess.fork, entry, log, onGpuRequest: () => {} });

workerConformance('utilityProcess', launcher, { separateProcess: true });

it('takes the reason of its own process from child-process-gone, not that of a neighbor', async () => {
  const entry = await buildScript('tests/support/worker-entry.ts');
  const spawn = launcher(entry);
  const log = collectingLog();
  const first = startWorker({ name: 'calc', input: { do: 'exit', code: 3 } }, { spawn, log });
  const second = startWorker({ name: 'calc', input: { do: 'exit', code: 4 } }, { spawn, log });
  await expect(first.outcome).rejects.toMatchObject({ data: { reason: 'exit code 3' } });
  await expect(second.outcome).rejects.toMatchObject({ data: { reason: 'exit code 4' } });
});

it('leaves no listener behind on the application', async () => {
  const entry = await buildScript('tests/support/worker-entry.ts');
  const before = app.listenerCount('child-process-gone');
  const worker = startWorker(
    { name: 'calc', input: { do: 'echo', value: 1 } },
    { spawn: launcher(entry), log: collectingLog() },
  );
  expect(await worker.outcome).toBe(1);
  await worker.exited;
  expect(app.listenerCount('child-process-gone')).toBe(before);
});
