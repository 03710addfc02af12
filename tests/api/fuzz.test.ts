/**
 * Whatever a caller sends, the answer is the operation's or a problem that says what was wrong: never a 500, never silence.
 * The requests are made from the OpenAPI document, against a real engine with a dataset and a finished run behind it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInlineClient } from '#engine/api/inline';
import { serveWorkspace, type Served } from '#headless/serve';
import { startApiHost } from '../support/api-host';
import { createTestHost } from '../support/engine-host';
import { recordingHandlers } from '../support/recording-handlers';
import { fuzzedRequests, type ApiDocument, type FuzzedRequest, type KnownWords } from '../support/schema-fuzz';

const REQUESTS = process.env.SEXTANT_LONG === '1' ? 10_000 : 400;

/** They stop the host, put another workspace in its place, or take minutes by design. */
const WITHOUT = [
  'system.shutdown',
  'privacy.erase',
  'backups.restore',
  'keys.rotate',
  'keys.recovery',
  'system.devices',
];

const root = mkdtempSync(join(tmpdir(), 'sextant-fuzz-'));
const home = process.cwd();
let served: Served;
let token: string;
let document: ApiDocument;
let known: KnownWords;

beforeAll(async () => {
  // Relative paths of requests lead nowhere else.
  process.chdir(root);
  served = await serveWorkspace({
    host: createTestHost({ workspace: join(root, 'workspace') }),
    port: 0,
    rendererDir: null,
    perMinute: 1_000_000,
  });
  token = readFileSync(served.tokenFile, 'utf8');
  const client = createInlineClient(served.engine.router, 'test');
  const generated = await client.datasets.generate({});
  for await (const event of await client.jobs.events({ job: generated.job })) void event;
  const config = {
    data: { dataset: 'sample', from: '2021-01-01' },
    model: { forecast: null, optimizer: { id: 'inverse-volatility' as const } },
    backtest: { window: { train: 126 }, lookback: 63 },
    experiment: { bootstrap: { replications: 100 } },
  };
  const started = await client.runs.start({ config });
  for await (const event of await client.jobs.events({ job: started.job })) void event;
  known = {
    run: ['latest', started.run],
    dataset: ['sample'],
    job: [started.job],
    portfolio: ['latest'],
    strategy: ['equal-weight', 'inverse-volatility'],
    asset: ['AAA', 'A001'],
    flow: ['backup', 'data-refresh'],
  };
  const response = await fetch(`${served.url}/openapi.json`, { headers: { 'x-api-token': token } });
  document = (await response.json()) as ApiDocument;
}, 120_000);
afterAll(async () => {
  await served.close();
  process.chdir(home);
  rmSync(root, { recursive: true, force: true });
});

/** Status of the answer; of a stream only its beginning. */
async function ask(
  address: { readonly url: string; readonly token: string },
  { method, target, body }: FuzzedRequest,
): Promise<{ status: number; text: string }> {
  const abort = new AbortController();
  const response = await fetch(`${address.url}/api/v1${target}`, {
    method,
    headers: { 'x-api-token': address.token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)]),
  });
  if (response.headers.get('content-type') === 'text/event-stream') {
    abort.abort();
    return { status: response.status, text: '' };
  }
  return { status: response.status, text: await response.text() };
}

test(`${REQUESTS} requests made from the OpenAPI document: no 500`, { timeout: 3_600_000 }, async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fuzzedRequests(document, { known, without: WITHOUT }), async (request) => {
      const { status, text } = await ask({ url: served.url, token }, request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 400) expect(JSON.parse(text), request.operation).toHaveProperty('code');
      expect(status, `${request.method} ${request.target} ${request.body}: ${text}`).not.toBe(500);
    }),
    { numRuns: REQUESTS },
  );
  console.log(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)));
  expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 10);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(REQUESTS / 10);
});

test('sabotage: an operation that does not expect what it gets is found', async () => {
  const careless = () => {
    throw new TypeError('x is not iterable');
  };
  await using host = await startApiHost(recordingHandlers([], { 'runs.show': careless }));
  const outcome = await fc.check(
    fc.asyncProperty(fuzzedRequests(document, { known, without: WITHOUT }), async (request) => {
      const { status } = await ask({ url: host.server.url, token: host.token }, request);
      return status !== 500;
    }),
    { numRuns: 2_000, endOnFailure: true },
  );
  expect(outcome.failed).toBe(true);
  expect(outcome.counterexample?.[0].operation).toBe('runs.show');
});
