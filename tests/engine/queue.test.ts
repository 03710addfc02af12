/** The queue: order, leases, what is stored and when, cancelling, failing, closing. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '#base/errors';
import type { JobEvent } from '#contract/jobs';
import { inTransaction } from '#engine/store/database';
import { childProcessLauncher } from '#headless/child-process-worker';
import { listJobs, toJob } from '#engine/store/jobs-table';
import { jobSchema, jobEventSchema } from '#contract/jobs';
import { buildScript } from '../support/build-script';
import { collectingLog } from '../support/collecting-log';
import { scratchFolder } from '../support/scratch';
import { openTestQueue, type TestQueue, type TestQueueOptions } from '../support/test-queue';

async function open(options: Partial<TestQueueOptions> = {}): Promise<TestQueue> {
  const host = await openTestQueue({ folder: scratchFolder(), ...options });
  onTestFinished(() => host.close());
  return host;
}

async function processes() {
  const entry = await buildScript('tests/support/worker-entry.ts');
  return childProcessLauncher({ entry, log: collectingLog() });
}

async function eventsOf(host: TestQueue, job: string, after = 0): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of host.queue.events(job, after)) events.push(event);
  return events;
}

const statuses = (events: readonly JobEvent[]) =>
  events.flatMap((event) => (event.type === 'status' ? [event.status] : []));

/** Resolves when a job has reported progress, which means that its worker is at work. */
async function working(host: TestQueue, job: string): Promise<void> {
  for await (const event of host.queue.events(job, 0)) if (event.type === 'progress') return;
}

describe('a job that ends well', () => {
  it('is stored with its result, its times and every event in order', async () => {
    const host = await open();
    const id = host.order({ do: 'report', steps: 3 });
    const job = await host.queue.waitFor(id);
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1, error: null, progress: { step: 3, of: 3 } });
    expect(job.finishedAt).toBeGreaterThanOrEqual(job.startedAt ?? Infinity);
    const events = await eventsOf(host, id);
    expect(statuses(events)).toEqual(['queued', 'running', 'succeeded']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'succeeded' });
    expect(host.resultOf(id)).toMatch(/^[0-9a-f]{64}$/);
    for (const event of events) jobEventSchema.parse(event);
    jobSchema.parse(toJob(job));
  });

  it('has at most about ten progress events a second, and always the last one', async () => {
    const host = await open();
    const begin = performance.now();
    const id = host.order({ do: 'sum', steps: 300, seed: 1 });
    await host.queue.waitFor(id);
    const seconds = (performance.now() - begin) / 1000;
    const steps = (await eventsOf(host, id)).flatMap((event) =>
      event.type === 'progress' ? [event.progress.step] : [],
    );
    expect(steps.length).toBeLessThanOrEqual(seconds * 10 + 2);
    expect(steps.at(-1)).toBe(300);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('loses no epoch with the progress that it leaves out', async () => {
    const host = await open();
    const id = host.order({ do: 'learn', epochs: 2_000 });
    const job = await host.queue.waitFor(id);
    const told = (await eventsOf(host, id)).flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
    expect(told.length).toBeLessThan(200);
    const epochs = told.flatMap(({ epochsEnded }) => epochsEnded ?? []).map(({ epoch }) => epoch);
    expect(epochs).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
    expect(toJob(job).progress).toEqual({ stage: 'train', detail: '', step: 2_000, of: 2_000 });
  });

  it('appears with its rows or not at all when it is queued inside a transaction', async () => {
    const host = await open();
    const { database } = host.workspace;
    expect(() =>
      inTransaction(database, () => {
        host.order({ do: 'echo', value: 1 });
        throw new Error('the noun refuses');
      }),
    ).toThrowError('the noun refuses');
    expect(listJobs(database, { limit: 10, offset: 0 }).total).toBe(0);
    const id = inTransaction(database, () => host.order({ do: 'echo', value: 1 }));
    expect((await host.queue.waitFor(id)).status).toBe('succeeded');
  });
});

describe('order', () => {
  it('is that of arrival, one at a time', async () => {
    const host = await open();
    const ids = Array.from({ length: 5 }, (_, value) => host.order({ do: 'echo', value }));
    await Promise.all(ids.map((id) => host.queue.waitFor(id)));
    expect(host.told).toEqual(ids.flatMap((id) => [`prepare ${id}`, `complete ${id}`]));
  });

  it('gives the GPU to one job at a time, beside one on the processor', async () => {
    const host = await open({ times: { graceMs: 100 } });
    const gpu = [
      host.order({ do: 'wait', how: 'obedient' }, 'report'),
      host.order({ do: 'wait', how: 'obedient' }, 'report'),
    ];
    const cpu = host.order({ do: 'wait', how: 'obedient' });
    await Promise.all([working(host, gpu[0]), working(host, cpu)]);
    expect(host.queue.running).toBe(2);
    expect(host.told).toEqual([`prepare ${gpu[0]}`, `prepare ${cpu}`]);
    host.queue.cancel(gpu[0]);
    await working(host, gpu[1]);
    expect(host.queue.running).toBe(2);
    for (const id of [cpu, gpu[1]]) host.queue.cancel(id);
    await Promise.all([cpu, ...gpu].map((id) => host.queue.waitFor(id)));
  });
});

describe('a job that does not end well', () => {
  it('fails with its own typed error, which is stored and told to its noun', async () => {
    const host = await open();
    const id = host.order({ do: 'fail', how: 'typed' });
    const error = { code: 'SINGULAR', message: 'Expected full rank; found 2 of 3.', data: { rank: 2 } };
    expect(await host.queue.waitFor(id)).toMatchObject({ status: 'failed', error });
    expect((await eventsOf(host, id)).at(-1)).toMatchObject({ status: 'failed', error });
    expect(host.told.at(-1)).toBe(`fail ${id} SINGULAR`);
  });

  it('fails when its rows cannot be written, and leaves none', async () => {
    const host = await open({
      onCommit() {
        throw new AppError('INVALID_DATA', 'Weights must add up; they did not.');
      },
    });
    const id = host.order({ do: 'echo', value: 1 });
    expect(await host.queue.waitFor(id)).toMatchObject({ status: 'failed', error: { code: 'INVALID_DATA' } });
    expect(host.resultOf(id)).toBeUndefined();
  });

  it('fails when no code for its kind exists', async () => {
    const host = await open();
    const id = host.order({ do: 'echo', value: 1 }, 'import-dataset');
    expect(await host.queue.waitFor(id)).toMatchObject({ status: 'failed', error: { code: 'UNAVAILABLE' } });
  });

  it('does not keep the next one from running', async () => {
    const host = await open({ spawnWorker: await processes() });
    const bad = host.order({ do: 'exit', code: 3 });
    const good = host.order({ do: 'echo', value: 1 });
    expect(await host.queue.waitFor(bad)).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: { code: 'WORKER_CRASHED' },
    });
    expect((await host.queue.waitFor(good)).status).toBe('succeeded');
  });

  it('is tried three times when its process is killed from outside without progress, then kept apart', async () => {
    const host = await open({ spawnWorker: await processes() });
    const id = host.order({ do: 'signal', signal: 'SIGKILL' });
    await expect(host.queue.waitFor(id)).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      data: { reason: 'signal SIGKILL' },
    });
    expect(statuses(await eventsOf(host, id))).toEqual([
      'queued',
      'running',
      'interrupted',
      'queued',
      'running',
      'interrupted',
      'queued',
      'running',
      'interrupted',
    ]);
  });

  it('resumes from its last checkpoint when its process is killed, with an identical result', async () => {
    const host = await open({ spawnWorker: await processes() });
    const whole = host.order({ do: 'sum', steps: 60, seed: 5 });
    const broken = host.order({ do: 'sum', steps: 60, seed: 5, crashAt: 37 });
    await Promise.all([whole, broken].map((id) => host.queue.waitFor(id)));
    expect(host.queue.cancel(broken)).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(host.resultOf(broken)).toBe(host.resultOf(whole));
    expect(host.workspace.database.prepare('SELECT count(*) FROM checkpoints').pluck().get()).toBe(0);
  });
});

describe('cancelling', () => {
  it('a waiting job ends it at once; a running one by the ladder; both are told to their noun', async () => {
    const host = await open();
    const running = host.order({ do: 'wait', how: 'obedient' });
    const waiting = host.order({ do: 'echo', value: 1 });
    await working(host, running);
    expect(host.queue.cancel(waiting).status).toBe('cancelled');
    host.queue.cancel(running);
    expect(await host.queue.waitFor(running)).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
    expect(host.told.slice(-2)).toEqual([`fail ${waiting} CANCELLED`, `fail ${running} CANCELLED`]);
    expect(host.queue.cancel(running).status).toBe('cancelled');
  });

  it('a job that listens to nobody kills it within the grace period', async () => {
    const host = await open({ spawnWorker: await processes(), times: { graceMs: 200 } });
    const id = host.order({ do: 'spin' });
    await working(host, id);
    const begin = performance.now();
    host.queue.cancel(id);
    expect((await host.queue.waitFor(id)).status).toBe('cancelled');
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('an unknown job says so', async () => {
    const host = await open();
    expect(() => host.queue.cancel('01JDA3N6X7Q8R9S0T1V2W3X4Y5')).toThrowError(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });
});

describe('closing', () => {
  it('interrupts what runs, and the next start resumes it with an identical result; nothing counts as a crash', async () => {
    const folder = scratchFolder();
    const spawnWorker = await processes();
    const first = await openTestQueue({ folder, spawnWorker });
    const whole = first.order({ do: 'sum', steps: 30, seed: 9 });
    await first.queue.waitFor(whole);
    const id = first.order({ do: 'sum', steps: 300, seed: 9 });
    const after = first.order({ do: 'sum', steps: 300, seed: 9 });
    const waiting = first.queue.waitFor(id).catch((error: unknown) => error);
    await working(first, id);
    await first.close();
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });

    const second = await openTestQueue({ folder, spawnWorker });
    onTestFinished(() => second.close());
    expect(await second.queue.waitFor(id)).toMatchObject({ status: 'succeeded', attempt: 2, crashes: 0 });
    expect(await second.queue.waitFor(after)).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(second.resultOf(id)).toBe(second.resultOf(after));
    expect(statuses(await eventsOf(second, id))).toEqual([
      'queued',
      'running',
      'interrupted',
      'queued',
      'running',
      'succeeded',
    ]);
  });
});

describe('reading events', () => {
  it('from any point and at any time gives every later event once, in order', async () => {
    const host = await open();
    const id = host.order({ do: 'sum', steps: 150, seed: 3 });
    const readers: Promise<{ after: number; seqs: number[] }>[] = [];
    const join = (after: number) =>
      void readers.push(eventsOf(host, id, after).then((events) => ({ after, seqs: events.map(({ seq }) => seq) })));
    join(0);
    for await (const { seq } of host.queue.events(id, 0)) {
      join(seq);
      join(Math.max(0, seq - 3));
    }
    join(0);
    const last = (await eventsOf(host, id)).length;
    for (const { after, seqs } of await Promise.all(readers)) {
      expect(seqs).toEqual(Array.from({ length: last - after }, (_, i) => after + i + 1));
    }
    expect(readers.length).toBeGreaterThan(6);
  });

  it('shows nothing that is not stored', async () => {
    const host = await open();
    const id = host.order({ do: 'sum', steps: 60, seed: 3 });
    const stored = host.workspace.database
      .prepare<[string], number>('SELECT max(seq) FROM job_events WHERE job = ?')
      .pluck();
    for await (const { seq } of host.queue.events(id, 0)) expect(stored.get(id)).toBeGreaterThanOrEqual(seq);
  });

  it('ends when the reader goes away', async () => {
    const host = await open();
    const id = host.order({ do: 'wait', how: 'obedient' });
    const gone = new AbortController();
    for await (const event of host.queue.events(id, 0, gone.signal)) if (event.type === 'progress') gone.abort();
    host.queue.cancel(id);
  });

  it('of an unknown job says so', async () => {
    const host = await open();
    await expect(eventsOf(host, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a short call', () => {
  it('answers without leaving a row, reports errors as they are, and can be abandoned', async () => {
    const host = await open({ spawnWorker: await processes() });
    expect(await host.queue.runOnce('calc', { do: 'echo', value: [1, 2] })).toEqual([1, 2]);
    await expect(host.queue.runOnce('calc', { do: 'fail', how: 'typed' })).rejects.toMatchObject({ code: 'SINGULAR' });
    await expect(host.queue.runOnce('calc', { do: 'exit', code: 0 })).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    const gone = new AbortController();
    const abandoned = host.queue.runOnce(
      'calc',
      { do: 'wait', how: 'obedient' },
      { signal: gone.signal, onProgress: () => gone.abort() },
    );
    await expect(abandoned).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(listJobs(host.workspace.database, { limit: 1, offset: 0 }).total).toBe(0);
  });

  it('fails when the host closes', async () => {
    const host = await open({ spawnWorker: await processes() });
    const begun = Promise.withResolvers<void>();
    const call = host.queue.runOnce('calc', { do: 'wait', how: 'deaf' }, { onProgress: () => begun.resolve() });
    const outcome = call.catch((error: unknown) => error);
    await begun.promise;
    await host.queue.close();
    expect(await outcome).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
