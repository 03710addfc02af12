/** `/metrics` of a real host: what was asked of it is counted exactly, whatever was asked, and it answers while the store is damaged. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { operations } from '#contract/derive/operations';
import { serveApi } from '#engine/api/serve-api';
import { createTestHost, openTestEngine, type TestEngine } from '../support/engine-host';
import { readPrometheusText, total } from '../support/prometheus-text';
import { scratchFolder } from '../support/scratch';

async function serve({ engine, workspace }: TestEngine) {
  const api = await serveApi({
    engine,
    host: createTestHost({ workspace }),
    port: 0,
    rendererDir: null,
    perMinute: 1_000_000,
  });
  const headers = { 'x-api-token': readFileSync(api.tokenFile, 'utf8') };
  return {
    fetch: async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${api.url}${path}`, { headers, ...init });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    },
    [Symbol.asyncDispose]: () => api.close(),
  };
}

/** A path of an operation with anything in its parameters, or a path of nothing. */
const paths = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...operations.filter(({ kind, method }) => kind === 'call' && method === 'GET')),
      fc.constantFrom('AAPL', 'latest', '01JDA3N6X7Q8R9S0T1V2W3X4Y5', 'Müller', '"x"', '..', '%00'),
    )
    .filter(([{ id }]) => id !== 'system.devices')
    .map(([{ path }, value]) => `/api/v1${path.replaceAll(/\{\w+\}/g, encodeURIComponent(value))}`),
  fc.webPath({ size: 'small' }).map((path) => `/api/v1/nothing${path}`),
);

test('random traffic: every request is counted once under its template, and no word of it is in the scrape', async () => {
  await using host = await openTestEngine();
  await using api = await serve(host);
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(paths, { minLength: 1, maxLength: 12 }), async (batch) => {
      await Promise.all(batch.map((path) => api.fetch(path)));
      asked += batch.length;
    }),
    { numRuns: 25 },
  );
  const families = await vi.waitFor(async () => {
    const { status, type, text } = await api.fetch('/metrics');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).not.toMatch(/AAPL|01JDA3N6|Müller|M%C3%BCller|v1\/nothing/);
    expect(text.split('\n').length).toBeLessThan(4_000);
    const found = readPrometheusText(text);
    const scrapes = total(found, 'sextant_http_requests_total', { route: '/metrics' });
    expect(total(found, 'sextant_http_requests_total') - scrapes).toBe(asked);
    return found;
  });
  const allowed = new Set(['other', '/metrics', ...operations.map(({ path }) => `/api/v1${path}`)]);
  const routes = (families.get('sextant_http_requests_total')?.samples ?? []).map(({ labels }) => labels.route);
  expect(routes.filter((route) => !allowed.has(route))).toEqual([]);
});

test('the same text by the operation, for a token that may read; without one there is nothing to learn', async () => {
  await using host = await openTestEngine();
  await using api = await serve(host);
  const { text } = await host.client.system.metrics({});
  const names = (from: string) => [...readPrometheusText(from).keys()].filter((name) => !name.includes('_http_'));
  expect(names((await api.fetch('/metrics')).text).toSorted()).toEqual(expect.arrayContaining(names(text).toSorted()));
  const stranger = await api.fetch('/metrics', { headers: {} });
  expect(stranger.status).toBe(401);
  expect(stranger.text).not.toContain('sextant_');
  expect((await api.fetch('/metrics', { method: 'POST', body: '{}' })).status).toBeGreaterThanOrEqual(400);
});

test('jobs are measured once each, with what waits and what is kept', async () => {
  await using host = await openTestEngine();
  const { client } = host;
  for (const seed of [1, 2, 3]) await host.finished((await client.datasets.generate({ name: `d${seed}`, seed })).job);
  await client.backups.create({});
  const families = readPrometheusText((await client.system.metrics({})).text);
  const kind = { kind: 'generate-dataset' };
  expect(total(families, 'sextant_jobs', { ...kind, status: 'succeeded' })).toBe(3);
  expect(total(families, 'sextant_job_queue_wait_seconds_count', kind)).toBe(3);
  expect(total(families, 'sextant_job_duration_seconds_count', { ...kind, status: 'succeeded' })).toBe(3);
  expect(total(families, 'sextant_workers_started_total')).toBe(3);
  expect(total(families, 'sextant_datasets')).toBe(3);
  expect(total(families, 'sextant_backups')).toBe(1);
  expect(total(families, 'sextant_store_up')).toBe(1);
  expect(total(families, 'sextant_metrics_unreadable')).toBe(0);
  expect(total(families, 'sextant_audit_log_length')).toBe((await client.audit.list({})).total);
});

test('a damaged store: the scrape answers, says that the store is down, and a restore keeps the counters', async () => {
  const workspace = join(scratchFolder(), 'workspace');
  {
    await using host = await openTestEngine({ workspace });
    await host.client.backups.create({});
  }
  const file = openSync(join(workspace, 'workspace.db'), 'r+');
  writeSync(file, Buffer.alloc(64, 0x5a), 0, 64, 1000);
  closeSync(file);
  await using host = await openTestEngine({ workspace });
  const scrape = async () => readPrometheusText((await host.client.system.metrics({})).text);
  const broken = await scrape();
  expect(total(broken, 'sextant_store_up')).toBe(0);
  expect(broken.has('sextant_jobs')).toBe(false);
  await host.client.backups.restore({ backup: 'latest' });
  const mended = await scrape();
  expect(total(mended, 'sextant_store_up')).toBe(1);
  const calls = (families: typeof broken) => total(families, 'sextant_calls_total', { operation: 'system.metrics' });
  expect(calls(mended)).toBe(calls(broken) + 1);
});
