/** One id from the request to the last line of its job; ids of callers never become more than an id. */
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '#contract/client';
import { createInlineClient } from '#engine/api/inline';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import { correlationOf, currentScope, inScope } from '#engine/logs/call-scope';
import { logFiles } from '#engine/logs/log-file';
import { loadProductJob } from '#compute/job';
import { serveJob } from '#compute/serve-job';
import { serveWorkspace, type Served } from '#headless/serve';
import { createTestHost } from '../support/engine-host';

const FORM = /^[A-Za-z0-9._-]{1,64}$/;
let workspace: string;
let served: Served;
let client: Client;
let token: string;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'sextant-correlation-'));
  served = await serveWorkspace({
    host: createTestHost({
      workspace,
      spawnWorker: inlineLauncher((port) =>
        serveJob(port, async (name) => {
          const job = await loadProductJob(name);
          return async (input, context) => {
            context.log('info', 'said by the worker');
            return job(input, context);
          };
        }),
      ),
    }),
    port: 0,
    rendererDir: null,
  });
  client = createInlineClient(served.engine.router, 'test');
  token = readFileSync(served.tokenFile, 'utf8');
});

afterAll(async () => {
  await served.close();
  rmSync(workspace, { recursive: true, force: true });
});

function ask(path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
  return fetch(`${served.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-token': token, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

it('goes from the request through operation, job and worker to the stored events and the log', async () => {
  const response = await ask('/datasets/generate', { 'x-request-id': 'order-7.a_b' }, {});
  expect(response.status).toBe(200);
  expect(response.headers.get('x-request-id')).toBe('order-7.a_b');
  const { job } = (await response.json()) as { job: string };
  const events = [];
  for await (const event of await client.jobs.events({ job })) events.push(event);
  expect(events.length).toBeGreaterThan(2);
  expect(new Set(events.map(({ correlation }) => correlation))).toEqual(new Set(['order-7.a_b']));
  expect((await client.jobs.show({ job })).correlation).toBe('order-7.a_b');
  const { lines } = await client.logs.list({ correlation: 'order-7.a_b' });
  expect(lines.find(({ component }) => component === 'api')).toMatchObject({
    message: 'call',
    fields: { operation: 'datasets.generate', code: 'OK' },
  });
  expect(lines.find(({ component }) => component === 'worker')).toMatchObject({
    job,
    fields: { line: 'said by the worker' },
  });
  expect((await client.logs.list({ job })).lines.length).toBeGreaterThan(0);
});

it('is in every problem, and in the log of the call that had it', async () => {
  const response = await ask('/runs/nothing-of-that-name', {});
  const problem = (await response.json()) as { requestId: string };
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
  expect((await client.logs.list({ correlation: problem.requestId })).lines[0]?.fields.code).toBe('NOT_FOUND');
});

it('differs from call to call, on every road', async () => {
  const seen = new Set<string | null>();
  for (let i = 0; i < 3; i++) seen.add((await ask('/system/health', {})).headers.get('x-request-id'));
  await client.system.health({});
  const { lines } = await client.logs.list({ component: 'api', limit: 4 });
  for (const line of lines) seen.add(line.correlation);
  expect(seen.size).toBe(4); // the call of the list itself is not written yet
});

it('is taken from a caller only where it is an id, and is one line whatever it was', async () => {
  const hostile = [
    'x'.repeat(65),
    'x'.repeat(8_000),
    'a b',
    'a"},{"level":"error',
    'é',
    '%0d%0aSet-Cookie: a=b',
    '../../etc',
    '\u001b[31m'.slice(1),
    '',
    '07'.repeat(32),
  ];
  for (const id of hostile) {
    const response = await ask('/system/health', { 'x-request-id': Buffer.from(id).toString('latin1') });
    const given = response.headers.get('x-request-id') ?? '';
    expect(given).toMatch(FORM);
    expect(given).not.toBe(id);
  }
  const text = logFiles(join(workspace, 'logs'))
    .map(({ name }) => readFileSync(join(workspace, 'logs', name), 'utf8'))
    .join('');
  const lines = text.trimEnd().split('\n');
  expect(lines.every((line) => FORM.test((JSON.parse(line) as { correlation: string }).correlation ?? 'none'))).toBe(
    true,
  );
  expect(text).not.toContain('Set-Cookie');
});

it('property: what is taken is well-formed, what is well-formed is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (id) => {
      const taken = correlationOf(id);
      expect(taken).toMatch(FORM);
      if (!FORM.test(id)) expect(taken).not.toBe(id);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,40}$/), (id) => {
      expect(correlationOf(id)).toBe(id);
    }),
  );
  expect(correlationOf(['a', 'b'])).toMatch(FORM);
});

it('stays with its own work while others go on beside it', async () => {
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((correlation) =>
      inScope({ correlation }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return currentScope()?.correlation;
      }),
    ),
  );
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(currentScope()).toBeUndefined();
});

it('follows the log as it is written, filtered', async () => {
  const abort = new AbortController();
  const tail = await client.logs.tail({ lines: 0, level: 'error' }, { signal: abort.signal });
  const first = tail[Symbol.asyncIterator]().next();
  await new Promise((resolve) => setImmediate(resolve));
  served.engine.observation.logbook.log.info('Not this one.');
  served.engine.observation.logbook.log.error('This one.', { found: 'a thing' });
  expect((await first).value).toMatchObject({ level: 'error', message: 'This one.', fields: { found: 'a thing' } });
  abort.abort();
});
