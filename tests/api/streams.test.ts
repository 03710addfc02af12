import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { silentLog } from '#base/log';
import { createClient, portLink, type Client } from '#contract/client';
import { createInlineClient } from '#engine/api/inline';
import { servePort } from '#engine/api/port';
import { noWatch } from '../support/no-watch';
import { createRouter } from '#engine/api/router';
import type { CallContext, Handlers } from '#engine/api/handlers';
import { startApiHost } from '../support/api-host';
import { recordingHandlers } from '../support/recording-handlers';

const JOB = '01JDA3N6X7Q8R9S0T1V2W3X4Y5';
const LAST = 40;
const event = (seq: number) => ({
  type: 'log' as const,
  seq,
  at: '2026-11-21T00:00:00Z',
  level: 'info' as const,
  message: `event ${seq}`,
});

async function* countUp({ after }: { after: number }): AsyncGenerator<ReturnType<typeof event>> {
  for (let seq = after + 1; seq <= LAST; seq++) yield event(seq);
}

const counting = (): Handlers => recordingHandlers([], { 'jobs.events': countUp });

interface Roads {
  readonly inline: Client;
  readonly port: Client;
  readonly http: Client;
}

async function onEveryRoad(handlers: Handlers, use: (roads: Roads) => Promise<void>): Promise<void> {
  await using host = await startApiHost(handlers);
  const { port1, port2 } = new MessageChannel();
  const router = createRouter(handlers, silentLog, noWatch);
  servePort(router, port1);
  port1.start();
  port2.start();
  try {
    await use({
      inline: createInlineClient(router, 'test'),
      port: createClient(portLink(port2)),
      http: host.client,
    });
  } finally {
    port1.close();
  }
}

async function readSome(client: Client, after: string | undefined, most: number): Promise<number[]> {
  const seen: number[] = [];
  const abort = new AbortController();
  const options = { signal: abort.signal, ...(after === undefined ? {} : { lastEventId: after }) };
  const events = await client.jobs.events({ job: JOB }, options);
  for await (const { seq } of events) {
    seen.push(seq);
    if (seen.length === most) break;
  }
  abort.abort();
  return seen;
}

test('a reader that is cut off anywhere and resumes from its last event misses none and sees none twice, on every road', async () => {
  await onEveryRoad(counting(), async (roads) => {
    for (const client of Object.values(roads) as Client[]) {
      // Object.values of an interface loses the type
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: LAST }), { minLength: 1, maxLength: 4 }), async (cuts) => {
          const seen: number[] = [];
          for (const cut of [...cuts, Infinity]) {
            seen.push(...(await readSome(client, seen.length === 0 ? undefined : String(seen.at(-1)), cut)));
          }
          expect(seen).toEqual(Array.from({ length: LAST }, (_, i) => i + 1));
        }),
        { numRuns: 15 },
      );
    }
  });
});

test('over HTTP every event carries its number as id, and an explicit end', async () => {
  await using host = await startApiHost(counting());
  const response = await host.fetch(`/api/v1/jobs/${JOB}/events?after=38`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith(':'));
  expect(lines).toEqual([
    'event: message',
    'id: 39',
    `data: ${JSON.stringify(event(39))}`,
    'event: message',
    'id: 40',
    `data: ${JSON.stringify(event(40))}`,
    'event: done',
    'data:',
  ]);
  const resumed = await host.fetch(`/api/v1/jobs/${JOB}/events`, { headers: { 'last-event-id': '39' } });
  expect((await resumed.text()).match(/^id: .*$/gm)).toEqual(['id: 40']);
});

test('an error in the middle of a stream arrives with its code after the events before it', async () => {
  async function* failing(): AsyncGenerator<ReturnType<typeof event>> {
    yield event(1);
    throw new AppError('WORKER_CRASHED', 'Expected a result, found exit code 1.', { data: { exit: 1 } });
  }
  await onEveryRoad(recordingHandlers([], { 'jobs.events': failing }), async (roads) => {
    for (const [road, client] of Object.entries(roads) as [string, Client][]) {
      // as above
      const seen: number[] = [];
      const read = async () => {
        for await (const { seq } of await client.jobs.events({ job: JOB })) seen.push(seq);
      };
      await expect(read(), road).rejects.toMatchObject({ code: 'WORKER_CRASHED', data: { exit: 1 } });
      expect(seen, road).toEqual([1]);
    }
  });
});

test('when the reader leaves, the handler behind the stream is told and cleans up, on every road', async () => {
  let open = 0;
  async function* waiting(_input: unknown, { signal }: CallContext): AsyncGenerator<ReturnType<typeof event>> {
    open++;
    try {
      yield event(1);
      await new Promise<void>((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      open--;
    }
  }
  await onEveryRoad(recordingHandlers([], { 'jobs.events': waiting }), async (roads) => {
    for (const [road, client] of Object.entries(roads) as [string, Client][]) {
      // as above
      expect(await readSome(client, undefined, 1), road).toEqual([1]);
      await expect.poll(() => open, { message: road }).toBe(0);
    }
  });
});

test('a stream that waits for its next event ends when its reader goes away in the middle of waiting', async () => {
  let ended = false;
  async function* silent(_input: unknown, { signal }: CallContext): AsyncGenerator<ReturnType<typeof event>> {
    try {
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
      yield* [];
    } finally {
      ended = true;
    }
  }
  await using host = await startApiHost(recordingHandlers([], { 'jobs.events': silent }));
  const abort = new AbortController();
  const response = await host.fetch(`/api/v1/jobs/${JOB}/events`, { signal: abort.signal });
  expect(response.status).toBe(200);
  abort.abort();
  await expect.poll(() => ended).toBe(true);
});

test('a slow reader does not make the host hold the whole stream in memory', async () => {
  let produced = 0;
  async function* flood(): AsyncGenerator<ReturnType<typeof event>> {
    for (let seq = 1; seq <= 20_000; seq++) {
      produced = seq;
      yield { ...event(seq), message: 'x'.repeat(10_000) };
    }
  }
  await using host = await startApiHost(recordingHandlers([], { 'jobs.events': flood }));
  const { connect } = await import('node:net');
  const socket = connect(host.server.port, '127.0.0.1');
  socket.pause();
  const head = [`GET /api/v1/jobs/${JOB}/events HTTP/1.1`, `Host: 127.0.0.1:${host.server.port}`];
  socket.write([...head, `X-API-Token: ${host.token}`, '', ''].join('\r\n'));
  await expect.poll(() => produced).toBeGreaterThan(10);
  let before = -1;
  await expect
    .poll(
      () => {
        const still = produced === before;
        before = produced;
        return still;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(produced).toBeLessThan(5_000);
  socket.destroy();
});
