/**
 * What every way of starting a worker must do, as one suite. Run it with a launcher:
 *
 *   workerConformance('child_process', (entry, log) => childProcessLauncher({ entry, log }), { separateProcess: true });
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#base/errors';
import type { Progress } from '#contract/jobs';
import type { WorkerHandle } from '#engine/host';
import { startWorker, type WorkerOptions, type WorkerProcess } from '#engine/jobs/worker-process';
import { buildScript } from '../support/build-script';
import { collectingLog, type CollectingLog } from '../support/collecting-log';
import type { Order } from '../support/worker-jobs';

/** @param entry absolute path of the worker script, which serves the test jobs */
export type MakeLauncher = (entry: string, log: CollectingLog) => () => WorkerHandle;

export interface Conformance {
  /** False for a launcher without a process: nothing there can be killed while it computes, and it shares the environment. */
  readonly separateProcess: boolean;
}

const times = { heartbeatMs: 50, hangMs: 1500, graceMs: 300 };

export function workerConformance(name: string, makeLauncher: MakeLauncher, { separateProcess }: Conformance): void {
  describe(`worker: ${name}`, () => {
    let entry = '';
    beforeAll(async () => {
      if (separateProcess) entry = await buildScript('tests/support/worker-entry.ts');
    });

    function start(order: Order, options: Partial<WorkerOptions> = {}, log = collectingLog()): WorkerProcess {
      return startWorker({ name: 'calc', input: order }, { spawn: makeLauncher(entry, log), log, ...options });
    }

    async function failure(worker: WorkerProcess): Promise<AppError> {
      const error: unknown = await worker.outcome.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(AppError);
      await worker.exited;
      return error as AppError; // asserted above
    }

    it('answers with the result, typed arrays included, and is gone afterwards', async () => {
      const value = {
        panel: Float64Array.from([1.5, Number.NaN, -0]),
        days: Int32Array.of(1, 2),
        text: 'ü',
        none: null,
      };
      const worker = start({ do: 'echo', value });
      expect(await worker.outcome).toEqual(value);
      await worker.exited;
    });

    it('carries 64 MB there and back unchanged', async () => {
      const value = new Float64Array(8e6).map((_, i) => Math.sqrt(i));
      const result = await start({ do: 'echo', value }).outcome;
      expect(Buffer.from((result as Float64Array).buffer).equals(Buffer.from(value.buffer))).toBe(true); // echo keeps the type
    });

    it('passes progress on in order, before the result', async () => {
      const seen: Progress[] = [];
      const logged: string[] = [];
      const worker = start(
        { do: 'report', steps: 200 },
        { onProgress: (progress) => void seen.push(progress), onLog: (_, message) => void logged.push(message) },
      );
      expect(await worker.outcome).toBe(200);
      expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
      expect(logged).toEqual(['reported']);
    });

    it('resumes from a checkpoint with an identical result', async () => {
      const whole = await start({ do: 'sum', steps: 40, seed: 7 }).outcome;
      const checkpoints: unknown[] = [];
      await start({ do: 'sum', steps: 25, seed: 7 }, { onCheckpoint: (state) => void checkpoints.push(state) }).outcome;
      expect(checkpoints).toHaveLength(2);
      const log = collectingLog();
      const resumed = startWorker(
        { name: 'calc', input: { do: 'sum', steps: 40, seed: 7 }, resumeFrom: checkpoints[1] },
        { spawn: makeLauncher(entry, log), log },
      );
      expect(await resumed.outcome).toEqual(whole);
    });

    it('reports the typed error of a job with its data', async () => {
      const error = await failure(start({ do: 'fail', how: 'typed' }));
      expect(error).toMatchObject({
        code: 'SINGULAR',
        message: 'Expected full rank; found 2 of 3.',
        data: { rank: 2 },
      });
    });

    it('reports a bug in a job, and a result that cannot be sent, as INTERNAL', async () => {
      expect(await failure(start({ do: 'fail', how: 'plain' }))).toMatchObject({ code: 'INTERNAL', message: 'a bug' });
      expect(await failure(start({ do: 'fail', how: 'not-cloneable' }))).toMatchObject({ code: 'INTERNAL' });
    });

    it('refuses an input that cannot be sent, and leaves no process behind', async () => {
      expect((await failure(start({ do: 'echo', value: () => 1 }))).code).toBe('INTERNAL');
    });

    it('cancels an obedient job by its signal, before the grace period is over', async () => {
      const worker = start(
        { do: 'wait', how: 'obedient' },
        { times: { graceMs: 20_000 }, onProgress: () => worker.cancel() },
      );
      expect((await failure(worker)).code).toBe('CANCELLED');
    });

    it('cancels a job that waits for native work', async () => {
      const worker = start(
        { do: 'wait', how: 'native' },
        { times: { graceMs: 20_000 }, onProgress: () => worker.cancel() },
      );
      expect((await failure(worker)).code).toBe('CANCELLED');
    });

    it('cancels before the worker is ready', async () => {
      const worker = start({ do: 'echo', value: 1 });
      worker.cancel();
      expect((await failure(worker)).code).toBe('CANCELLED');
    });

    it('ends at the deadline', async () => {
      const error = await failure(
        start({ do: 'wait', how: 'obedient' }, { times: { ...times, hangMs: 20_000, deadlineMs: 200 } }),
      );
      expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'deadline' } });
    });

    it('settles once, whatever comes later', async () => {
      const worker = start({ do: 'echo', value: 'first' });
      expect(await worker.outcome).toBe('first');
      worker.cancel();
      worker.kill(new AppError('INTERNAL', 'too late'));
      await worker.exited;
      expect(await worker.outcome).toBe('first');
    });

    it('keeps a job alive that waits for native work longer than the hang limit', async () => {
      const worker = start({ do: 'wait', how: 'native' }, { times: { ...times, deadlineMs: 2500 } });
      expect((await failure(worker)).data).toMatchObject({ reason: 'deadline' });
    });

    if (separateProcess) processCases(start, failure);
  });
}

type Start = (order: Order, options?: Partial<WorkerOptions>, log?: CollectingLog) => WorkerProcess;

/** Cases that need a process of their own: it can be killed, and it has an environment and output. */
function processCases(start: Start, failure: (worker: WorkerProcess) => Promise<AppError>): void {
  it.each([0, 1, 42])('reports an exit with code %i before an answer as a crash', async (code) => {
    const error = await failure(start({ do: 'exit', code }));
    expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: `exit code ${code}` } });
  });

  it.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const)(
    'reports death by %s with the name of the signal',
    async (signal) => {
      const error = await failure(start({ do: 'signal', signal }));
      expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: `signal ${signal}` } });
    },
  );

  it('cancels a deaf job by killing it after the grace period', async () => {
    const worker = start({ do: 'wait', how: 'deaf' }, { times, onProgress: () => worker.cancel() });
    expect((await failure(worker)).code).toBe('CANCELLED');
    expect(isAlive(worker.pid)).toBe(false);
  });

  it('cancels an endless synchronous loop by killing it', async () => {
    const worker = start({ do: 'spin' }, { times: { ...times, hangMs: 20_000 }, onProgress: () => worker.cancel() });
    expect((await failure(worker)).code).toBe('CANCELLED');
    expect(isAlive(worker.pid)).toBe(false);
  });

  it('finds a hang by its silence, reports it first and ends it then', async () => {
    const log = collectingLog();
    const error = await failure(start({ do: 'spin' }, { times }, log));
    expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'hang' } });
    expect(log.lines.map(({ message }) => message)).toContain('A worker is silent.');
  });

  it('finds a stopped process', async () => {
    const worker = start(
      { do: 'wait', how: 'obedient' },
      { times, onProgress: () => process.kill(Number(worker.pid), 'SIGSTOP') },
    );
    expect((await failure(worker)).data).toMatchObject({ reason: 'hang' });
    expect(isAlive(worker.pid)).toBe(false);
  });

  it('gives the worker no secret of the host', async () => {
    process.env.SEXTANT_KEY = 'canary-key';
    process.env.SEXTANT_PASSPHRASE = 'canary-passphrase';
    process.env.MY_API_TOKEN = 'canary-token';
    try {
      const text = JSON.stringify(await start({ do: 'environment' }).outcome);
      expect(text).not.toContain('canary');
      expect(text).toContain('PATH');
    } finally {
      delete process.env.SEXTANT_KEY;
      delete process.env.SEXTANT_PASSPHRASE;
      delete process.env.MY_API_TOKEN;
    }
  });

  it('writes the output of the worker to the log', async () => {
    const log = collectingLog();
    const worker = start({ do: 'print', out: 'said aloud', err: 'complained' }, {}, log);
    await worker.outcome;
    await worker.exited;
    const number: unknown = expect.any(Number);
    expect(log.lines.map(({ fields }) => fields)).toEqual(
      expect.arrayContaining([
        { line: 'said aloud', worker: number },
        { line: 'complained', worker: number },
      ]),
    );
  });
}

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}
