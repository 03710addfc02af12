/**
 * Supervision: crashes are counted on a clock that nobody sets, a job that crashes again and again goes into quarantine
 * with its evidence and holds nobody up, a kind of worker that fails three different jobs is stopped until a person
 * starts it again, and a hung worker is found in time.
 */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobSchema } from '#contract/jobs';
import { DEFAULT_TIMES, startWorker } from '#engine/jobs/worker-process';
import { CRASH_WINDOW_MS, CRASHES_ALLOWED, Supervisor } from '#engine/jobs/supervisor';
import { toJob } from '#engine/store/jobs-table';
import { childProcessLauncher } from '#headless/child-process-worker';
import { silentLog } from '#base/log';
import { buildScript } from '../support/build-script';
import { draws, scratchFolder } from '../support/scratch';
import { openTestEngine } from '../support/engine-host';
import { openTestQueue, type TestQueue, type TestQueueOptions } from '../support/test-queue';

const isLong = process.env.SEXTANT_LONG === '1';

let entry = '';
beforeAll(async () => {
  entry = await buildScript('tests/support/worker-entry.ts');
});

const processes = () => childProcessLauncher({ entry, log: silentLog });

async function open(options: Partial<TestQueueOptions> = {}): Promise<TestQueue> {
  const host = await openTestQueue({ folder: scratchFolder(), spawnWorker: processes(), ...options });
  onTestFinished(() => host.close());
  return host;
}

/** The error with which waiting for a job ends. */
async function failure(host: TestQueue, job: string): Promise<unknown> {
  return host.queue.waitFor(job).then(
    () => null,
    (error: unknown) => error,
  );
}

describe('the window', () => {
  function supervised() {
    let tick = 0;
    const stopped: string[] = [];
    const supervisor = new Supervisor({ now: () => 0, monotonic: () => tick, onStop: (role) => stopped.push(role) });
    return { supervisor, stopped, pass: (ms: number) => (tick += ms) };
  }

  it('is five minutes long to the millisecond, whatever the wall clock says', () => {
    const { supervisor, pass } = supervised();
    expect(supervisor.crashed('research', 'A', 'hang')).toBe(false);
    pass(CRASH_WINDOW_MS / 2);
    expect(supervisor.crashed('research', 'A', 'hang')).toBe(false);
    pass(CRASH_WINDOW_MS / 2 - 1);
    expect(supervisor.crashed('research', 'A', 'hang')).toBe(true);

    const later = supervised();
    later.supervisor.crashed('research', 'A', 'hang');
    later.pass(1);
    later.supervisor.crashed('research', 'A', 'hang');
    later.pass(CRASH_WINDOW_MS - 1);
    // The first is exactly five minutes old and no longer counts.
    expect(later.supervisor.crashed('research', 'A', 'hang')).toBe(false);
  });

  it('agrees with counting by hand over random crashes', () => {
    const draw = draws(11);
    const { supervisor, pass } = supervised();
    const log: { job: string; at: number }[] = [];
    let now = 0;
    for (let n = 0; n < 2000; n++) {
      const step = draw(CRASH_WINDOW_MS);
      pass(step);
      now += step;
      const job = `job ${draw(4)}`;
      log.push({ job, at: now });
      const counted = log.filter((crash) => crash.job === job && crash.at > now - CRASH_WINDOW_MS).length;
      expect(supervisor.crashed('training', job, 'signal SIGKILL')).toBe(counted >= CRASHES_ALLOWED);
      const jobs = new Set(log.filter((crash) => crash.at > now - CRASH_WINDOW_MS).map((crash) => crash.job));
      if (jobs.size < CRASHES_ALLOWED) continue;
      expect(supervisor.refusal('training')).toMatchObject({ code: 'UNAVAILABLE', data: { role: 'training' } });
      supervisor.restart('training');
      log.length = 0;
    }
  });

  it('stops a kind of worker for three different jobs, never for one, and never another kind', () => {
    const { supervisor, stopped } = supervised();
    for (let n = 0; n < 10; n++) supervisor.crashed('report', 'the same', 'hang');
    expect(supervisor.refusal('report')).toBeNull();
    supervisor.crashed('report', 'second', 'hang');
    supervisor.crashed('report', 'third', 'signal SIGSEGV');
    expect(stopped).toEqual(['report']);
    expect(supervisor.refusal('report')?.message).toMatch(/hang, signal SIGSEGV.*sextant jobs restart report/);
    expect(supervisor.refusal('import')).toBeNull();
    expect(supervisor.restart('report').stoppedAt).toBeNull();
    expect(supervisor.refusal('report')).toBeNull();
    expect(() => supervisor.restart('report')).toThrowError(expect.objectContaining({ code: 'CONFLICT' }));
  });
});

describe('a job that crashes again and again', () => {
  it('goes into quarantine with its evidence, and the next one runs', async () => {
    const host = await open();
    const bad = host.order({ do: 'signal', signal: 'SIGKILL' });
    const good = host.order({ do: 'echo', value: 1 });
    expect(await failure(host, bad)).toMatchObject({ code: 'WORKER_CRASHED', data: { quarantined: true } });
    expect((await host.queue.waitFor(good)).status).toBe('succeeded');
    const job = jobSchema.parse(toJob(host.find(bad)));
    expect(job).toMatchObject({ status: 'interrupted', attempt: 3, finishedAt: null });
    expect(job.quarantinedAt).not.toBeNull();
    expect(job.crashReports.map(({ attempt, reason }) => `${attempt} ${reason}`)).toEqual(
      [1, 2, 3].map((attempt) => `${attempt} signal SIGKILL`),
    );
    expect(host.told).not.toContain(`fail ${bad} WORKER_CRASHED`);
    for (const forbidden of ['pause', 'resume'] as const) {
      expect(() => host.queue[forbidden](bad)).toThrowError(expect.objectContaining({ code: 'CONFLICT' }));
    }
  });

  it('goes there although it makes progress in between, when it crashes three times in a short time', async () => {
    const host = await open();
    const bad = host.order({ do: 'sum', steps: 900, seed: 3, crashEvery: 15 });
    expect(await failure(host, bad)).toMatchObject({ data: { quarantined: true } });
    expect(host.find(bad)).toMatchObject({ attempt: 3, progress: { step: 35 } });
  });

  it('sabotage: without the window it is started for ever', async () => {
    let tick = 0;
    // A clock on which every crash is long ago: as if nobody counted.
    const supervisor = new Supervisor({ now: () => 0, monotonic: () => (tick += CRASH_WINDOW_MS) });
    const host = await open({ supervisor });
    const bad = host.order({ do: 'sum', steps: 900, seed: 3, crashEvery: 15 });
    for await (const event of host.queue.events(bad, 0)) {
      if (event.type === 'status' && event.status === 'running' && host.find(bad).attempt > 2 * CRASHES_ALLOWED) break;
    }
    expect(host.find(bad).quarantinedAt).toBeNull();
    host.queue.cancel(bad);
    await host.queue.waitFor(bad);
  });

  it('stays there over a restart of the host, and goes on from its checkpoint when it is released', async () => {
    const folder = scratchFolder();
    const first = await openTestQueue({ folder, spawnWorker: processes() });
    const whole = first.order({ do: 'sum', steps: 60, seed: 5 });
    await first.queue.waitFor(whole);
    const bad = first.order({ do: 'sum', steps: 60, seed: 5, crashEvery: 15 });
    await failure(first, bad);
    await first.close();

    const second = await openTestQueue({ folder, spawnWorker: processes() });
    onTestFinished(() => second.close());
    const next = second.order({ do: 'echo', value: 1 });
    expect((await second.queue.waitFor(next)).status).toBe('succeeded');
    expect(second.find(bad)).toMatchObject({ attempt: 3, status: 'interrupted' });
    expect(await failure(second, bad)).toMatchObject({ code: 'WORKER_CRASHED' });
    expect(second.queue.release(bad)).toMatchObject({ status: 'queued', quarantinedAt: null, crashes: 0 });
    expect(await second.queue.waitFor(bad)).toMatchObject({ status: 'succeeded', attempt: 6 });
    expect(second.resultOf(bad)).toBe(second.resultOf(whole));
    expect(() => second.queue.release(bad)).toThrowError(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('has failed once a person gives it up, and its noun is told', async () => {
    const host = await open();
    const bad = host.order({ do: 'signal', signal: 'SIGSEGV' });
    await failure(host, bad);
    expect(host.queue.discard(bad, 'The card is broken.')).toMatchObject({
      status: 'failed',
      quarantinedAt: null,
      error: { code: 'WORKER_CRASHED', message: expect.stringContaining('The card is broken.') },
    });
    expect(host.told.at(-1)).toBe(`fail ${bad} WORKER_CRASHED`);
  });
});

it('three different jobs that crash stop their kind: what waits is kept, new ones are refused, a restart goes on', async () => {
  const supervisor = new Supervisor({ now: () => Date.now() });
  const host = await open({ supervisor });
  const bad = Array.from({ length: 3 }, () => host.order({ do: 'signal', signal: 'SIGKILL' }));
  const waiting = host.order({ do: 'echo', value: 1 });
  const notes: string[] = [];
  for await (const event of host.queue.events(waiting, 0)) {
    if (event.type !== 'log') continue;
    notes.push(event.message);
    break;
  }
  expect(notes[0]).toMatch(/sextant jobs restart research/);
  expect(() => host.order({ do: 'echo', value: 2 })).toThrowError(expect.objectContaining({ code: 'UNAVAILABLE' }));
  // Another kind of worker is not concerned.
  expect((await host.queue.waitFor(host.order({ do: 'echo', value: 3 }, 'report'))).status).toBe('succeeded');
  supervisor.restart('research');
  host.queue.wake();
  expect((await host.queue.waitFor(waiting)).status).toBe('succeeded');
  for (const job of bad) {
    const row = host.find(job);
    if (row.quarantinedAt !== null) host.queue.discard(job, 'over');
    else host.queue.cancel(job);
  }
});

/** Worker processes that are stopped at a random moment, several at a time, and how long each took to be found. */
async function stopWorkers(count: number, atOnce: number, times: typeof DEFAULT_TIMES): Promise<number[]> {
  const spawn = processes();
  const draw = draws(29);
  const found: number[] = [];
  async function stopOne(): Promise<void> {
    let stoppedAt = 0;
    const step = 1 + draw(40);
    const worker = startWorker(
      { name: 'calc', input: { do: 'sum', steps: 1e6, seed: 1 } },
      {
        spawn,
        log: silentLog,
        times,
        onProgress(progress) {
          if (progress.step !== step) return;
          process.kill(Number(worker.pid), 'SIGSTOP');
          stoppedAt = performance.now();
        },
      },
    );
    const error: unknown = await worker.outcome.catch((reason: unknown) => reason);
    found.push(performance.now() - stoppedAt);
    expect(error).toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'hang' } });
    await worker.exited;
  }
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, stopOne));
  }
  return found;
}

it('the usual times find a hang within 15 s', () => {
  expect(DEFAULT_TIMES.hangMs).toBeLessThanOrEqual(15_000);
});

// In the short run everything is fifteen times as fast; the ratio of beat to limit is that of the product.
const SWEEP = isLong ? { count: 500, atOnce: 25, scale: 1 } : { count: 20, atOnce: 5, scale: 15 };

it(`${SWEEP.count} workers that are stopped at random are all found in time`, { timeout: 3_600_000 }, async () => {
  const { count, atOnce, scale } = SWEEP;
  const times = {
    ...DEFAULT_TIMES,
    heartbeatMs: DEFAULT_TIMES.heartbeatMs / scale,
    hangMs: DEFAULT_TIMES.hangMs / scale,
  };
  const found = await stopWorkers(count, atOnce, times);
  expect(found).toHaveLength(count);
  // Half a second for a machine that is busy with other tests.
  expect(Math.max(...found)).toBeLessThan(times.hangMs + 500);
});

it('no worker that works is taken for hung, with twice as many as there are processors', async () => {
  const spawn = processes();
  const seconds = isLong ? 60 : 3;
  const workers = Array.from({ length: 4 }, () =>
    startWorker(
      { name: 'calc', input: { do: 'sum', steps: (seconds * 1000) / 8, seed: 1 } },
      { spawn, log: silentLog },
    ),
  );
  const outcomes = await Promise.allSettled(workers.map(({ outcome }) => outcome));
  expect(outcomes.map(({ status }) => status)).toEqual(workers.map(() => 'fulfilled'));
}, 300_000);

it('through the contract: quarantine is told, decided with a reason, and all of it is on record', async () => {
  const spawnBroken: NonNullable<Parameters<typeof openTestEngine>[0]>['spawnWorker'] = () => {
    throw new Error('the disk with the program is gone');
  };
  await using host = await openTestEngine({ spawnWorker: spawnBroken });
  const { client } = host;
  const { job } = await client.datasets.generate({ name: 'market' });
  const kept = await host.finished(job);
  expect(kept).toMatchObject({ status: 'interrupted', attempt: 3 });
  expect(kept.quarantinedAt).not.toBeNull();
  const warned = await client.alerts.list({ rule: 'jobs.quarantine' });
  expect(warned.alerts).toMatchObject([{ subject: job, state: 'open' }]);
  await expect(client.jobs.discard({ job, reason: '   ' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  const given = await client.jobs.discard({ job, reason: 'The program is reinstalled first.' });
  expect(given).toMatchObject({ status: 'failed', quarantinedAt: null });
  expect((await client.alerts.list({ rule: 'jobs.quarantine' })).alerts).toEqual([]);
  for (const action of ['job.quarantined', 'job.discarded']) {
    expect((await client.audit.list({ action })).entries).toMatchObject([{ object: job }]);
  }
  await expect(client.jobs.release({ job, reason: 'too late' })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await client.jobs.workers({})).workers.map(({ stoppedAt }) => stoppedAt)).toEqual(Array(5).fill(null));
  await expect(client.jobs.restart({ role: 'import' })).rejects.toMatchObject({ code: 'CONFLICT' });
});
