/**
 * One contract, five roads: inline, message port, HTTP client, raw REST and the command line give the same answer and the
 * same error code, on a real engine with a finished run. The command line is asked twice: attached to the host, and alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError, ERROR_CODES, isErrorCode } from '#base/errors';
import { createClient, httpLink, portLink, type Client } from '#contract/client';
import { findOperation, operations, type OperationInfo } from '#contract/derive/operations';
import { createInlineClient } from '#engine/api/inline';
import { servePort } from '#engine/api/port';
import { serveWorkspace, type Served } from '#headless/serve';
import { cliWords } from '../support/cli-words';
import { createTestHost } from '../support/engine-host';
import { buildProgram, runProgram } from '../support/program';

type Input = Record<string, unknown>;
type Call = (input: unknown) => Promise<unknown>;

const workspace = mkdtempSync(join(tmpdir(), 'sextant-parity-'));
const environment = { SEXTANT_KEY: '07'.repeat(32) };
const channel = new MessageChannel();
let served: Served;
let token: string;
let roads: Record<'inline' | 'port' | 'http', Client>;
let run: string;
let job: string;

beforeAll(async () => {
  served = await serveWorkspace({
    host: createTestHost({ workspace }),
    port: 0,
    rendererDir: null,
    perMinute: 100_000,
  });
  token = await readFile(served.tokenFile, 'utf8');
  servePort(served.engine.router, channel.port1);
  channel.port1.start();
  channel.port2.start();
  roads = {
    inline: createInlineClient(served.engine.router, 'test'),
    port: createClient(portLink(channel.port2)),
    http: createClient(httpLink({ url: served.url, token: () => token })),
  };
  const generated = await roads.inline.datasets.generate({});
  for await (const event of await roads.inline.jobs.events({ job: generated.job })) void event;
  const config = {
    data: { dataset: 'sample', from: '2021-01-01' },
    model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
    backtest: { window: { train: 126 }, lookback: 63 },
    experiment: { bootstrap: { replications: 100 } },
  };
  for (let i = 0; i < 2; i++) {
    const started = await roads.inline.runs.start({ config });
    for await (const event of await roads.inline.jobs.events({ job: started.job })) void event;
    ({ run, job } = started);
  }
  expect(await roads.inline.runs.show({ run })).toMatchObject({ status: 'succeeded' });
  await roads.inline.registry.register({ run });
  // One that is fresh, and drilled: the host makes none by itself while the roads are compared.
  await roads.inline.backups.create({});
  await roads.inline.backups.drill({});
  await buildProgram();
}, 180_000);

afterAll(async () => {
  channel.port1.close();
  await served.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** Every operation that reads, with inputs; a new one without a case fails the last test of this file. */
function readingCases(): readonly (readonly [string, Input])[] {
  return [
    ['system.info', {}],
    ['datasets.list', { limit: 1 }],
    ['datasets.show', { dataset: 'sample' }],
    ['datasets.quality', { dataset: 'latest' }],
    ['datasets.rejects', { dataset: 'sample', limit: 3, offset: 1 }],
    ['datasets.assets', { dataset: 'sample' }],
    ['datasets.lineage', { dataset: 'sample' }],
    ['datasets.versions', { dataset: 'sample' }],
    ['datasets.diff', { dataset: 'sample', against: 'sample@1' }],
    ['runs.list', { status: 'succeeded', dataset: 'sample' }],
    ['runs.show', { run: 'latest' }],
    ['runs.series', { run }],
    ['runs.weights', { run, strategy: 'equal-weight' }],
    ['runs.risk', { run, strategy: 'equal-weight' }],
    ['runs.luck', { run }],
    ['runs.metrics', { run }],
    ['runs.artifacts', { run }],
    ['runs.checksums', { run }],
    ['experiments.list', {}],
    ['registry.list', {}],
    ['registry.show', { version: 'sample-return21d-inverse-volatility' }],
    ['registry.verify', { version: 'sample-return21d-inverse-volatility@1' }],
    ['registry.policy', {}],
    ['api.show', {}],
    ['tokens.list', {}],
    ['runs.validate', { text: 'data: { dataset: sample, form: x }', file: 'a.yaml' }],
    ['portfolios.list', {}],
    ['portfolios.show', { portfolio: 'latest' }],
    ['portfolios.trades', { portfolio: 'latest', cash: 50_000, holdings: [{ asset: 'NONE', shares: 3 }] }],
    ['portfolios.export', { portfolio: 'latest' }],
    ['holdings.list', {}],
    ['orders.list', {}],
    ['orders.switch', {}],
    ['brokers.list', {}],
    ['limits.show', {}],
    ['limits.breaches', {}],
    ['limits.waivers', {}],
    ['reports.list', {}],
    ['jobs.list', { active: false }],
    ['jobs.show', { job }],
    ['jobs.memory', { job }],
    ['jobs.workers', {}],
    ['catalog.show', {}],
    ['models.list', {}],
    ['keys.show', {}],
    ['audit.list', { action: 'datasets.generate' }],
    ['flows.list', {}],
    ['flows.runs', {}],
    ['schedules.list', {}],
    ['topics.list', {}],
    ['topics.history', { topic: 'data.*' }],
    ['alerts.list', { all: true }],
    ['webhooks.list', {}],
    ['channels.list', {}],
    ['signals.sources', {}],
    ['signals.list', {}],
    ['signals.export', { day: '2026-01-05' }],
    ['privacy.show', {}],
    ['privacy.connections', {}],
    ['backups.list', {}],
  ];
}

function failingCases(): readonly (readonly [string, Input])[] {
  return [
    ['datasets.show', { dataset: 'nothing-of-that-name' }],
    ['datasets.list', { limit: 1000 }],
    ['alerts.show', { alert: '01JDA3N6X7Q8R9S0T1V2W3X4Y5' }],
    ['webhooks.deliveries', { webhook: 'none' }],
    ['datasets.prices', { dataset: 'sample', asset: 'NOT-AN-ASSET' }],
    ['datasets.remove', { dataset: 'sample' }],
    ['datasets.import', { name: 'x', prices: ['/nowhere/at/all.csv'], options: { maxBadShare: 3 } }],
    ['models.show', { model: 'no-such-model' }],
    ['jobs.show', { job: 'short' }],
    ['jobs.show', { job: '01JDA3N6X7Q8R9S0T1V2W3X4Y5' }],
    ['runs.weights', { run, strategy: 'no-such-strategy' }],
    ['runs.risk', { run, strategy: 'no-such-strategy' }],
    ['runs.start', { config: { data: { dataset: 'sample' }, model: { optimizer: { id: 'no-such-optimizer' } } } }],
    ['runs.compare', { runs: ['latest'] }],
    ['runs.remove', { run }],
    ['registry.register', { run }],
    ['registry.show', { version: 'nothing@champion' }],
    ['runs.tag', { run, tags: ['phase=never'] }],
    ['portfolios.trades', { portfolio: 'latest', lot: -1 }],
  ];
}

function operationOf(id: string): OperationInfo {
  const [noun, name] = id.split('.');
  const operation = findOperation(noun, name);
  if (operation === undefined) throw new Error(`${id} is not in the contract`);
  return operation;
}

function callOn(client: Client, { noun, name }: OperationInfo): Call {
  return Reflect.get(Reflect.get(client, noun), name) as Call; // one procedure of the client, whose type depends on its name
}

async function rest(operation: OperationInfo, input: Input): Promise<{ status: number; body: unknown }> {
  const left = { ...input };
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(left[name]);
    delete left[name];
    return encodeURIComponent(value);
  });
  const isGet = operation.method === 'GET';
  const parts = Object.entries(left).flatMap(([name, value]): [string, string][] =>
    Array.isArray(value) ? value.map((item, i) => [`${name}[${i}]`, String(item)]) : [[name, String(value)]],
  );
  const query = isGet ? `?${new URLSearchParams(parts).toString()}` : '';
  const headers = { authorization: `Bearer ${token}`, ...(isGet ? {} : { 'content-type': 'application/json' }) };
  const body = isGet ? {} : { body: JSON.stringify(left) };
  const response = await fetch(`${served.url}/api/v1${path}${query}`, { method: operation.method, headers, ...body });
  return { status: response.status, body: await response.json() };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const inTest = async (id: string, input: Input): Promise<unknown> => {
  const words = cliWords(operationOf(id), input);
  const { code, stdout, stderr } = await runProgram(['--json', '--workspace', workspace, ...words], { environment });
  return { code, answer: stdout === '' ? stderr : (JSON.parse(stdout) as unknown) };
};

describe('the same call by every road', () => {
  test('gives the same answer', { timeout: 300_000 }, async () => {
    for (const [id, input] of readingCases()) {
      const operation = operationOf(id);
      const inline = plain(await callOn(roads.inline, operation)(input));
      expect(plain(await callOn(roads.port, operation)(input)), `${id} by port`).toEqual(inline);
      expect(plain(await callOn(roads.http, operation)(input)), `${id} by HTTP`).toEqual(inline);
      expect(await rest(operation, input), `${id} by REST`).toEqual({ status: 200, body: inline });
      expect(await inTest(id, input), `${id} by command line`).toEqual({ code: 0, answer: inline });
    }
  });

  test('gives the same error code, message and facts', { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    for (const [id, input] of failingCases()) {
      const operation = operationOf(id);
      const error: unknown = await callOn(roads.inline, operation)(input).catch((reason: unknown) => reason);
      if (!(error instanceof AppError)) throw new Error(`${id} did not fail as it should: ${JSON.stringify(error)}`);
      const { code, message, data } = error;
      seen.add(code);
      for (const road of ['port', 'http'] as const) {
        const other: unknown = await callOn(roads[road], operation)(input).catch((reason: unknown) => reason);
        expect(other, `${id} by ${road}`).toBeInstanceOf(AppError);
        expect(other, `${id} by ${road}`).toMatchObject({ code, message, ...(data === undefined ? {} : { data }) });
      }
      const { status, body } = await rest(operation, input);
      expect([status, body], `${id} by REST`).toMatchObject([ERROR_CODES[code].status, { code, detail: message }]);
      expect(await inTest(id, input), `${id} by command line`).toMatchObject({
        code: ERROR_CODES[code].exit,
        answer: { error: { code } },
      });
    }
    expect([...seen].every(isErrorCode)).toBe(true);
    expect(seen.size).toBeGreaterThanOrEqual(4);
  });

  test('streams the same events', { timeout: 60_000 }, async () => {
    const read = async (client: Client) => {
      const events: unknown[] = [];
      for await (const event of await client.runs.events({ run, after: 2 })) events.push(plain(event));
      return events;
    };
    const inline = await read(roads.inline);
    expect(inline.length).toBeGreaterThan(2);
    expect(await read(roads.port)).toEqual(inline);
    expect(await read(roads.http)).toEqual(inline);
    const words = ['--json', '--workspace', workspace, 'runs', 'events', run, '--after', '2'];
    const { stdout } = await runProgram(words, { environment });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(inline);
  });

  test('covers every operation that reads', () => {
    const covered = new Set(readingCases().map(([id]) => id));
    // tests/hooks makes them first.
    const made = ['channels.deliveries', 'webhooks.show', 'webhooks.deliveries'];
    const elsewhere = [
      ...made,
      'alerts.show',
      'system.load',
      'system.storage', // how much is free changes from one call to the next
      'datasets.prices',
      'datasets.preview',
      'runs.compare',
      'reports.show',
    ];
    // There is no model here; a probe measures anew; and reads that are written down change what the logs say.
    elsewhere.push('flows.show', 'flows.logs', 'schedules.upcoming', 'models.show', 'system.devices');
    // Holdings come first; tests/orders imports them.
    elsewhere.push('holdings.show', 'holdings.check', 'orders.preview', 'orders.show', 'orders.export');
    // Measured anew each time; asked for in tests/metrics.
    elsewhere.push('system.metrics', 'system.health', 'slos.list');
    // Two references are one text for the command line.
    elsewhere.push('registry.compare');
    // What only a run with a network answers is asked in tests/engine/network-run.test.ts.
    elsewhere.push('models.predict', 'models.forecast', 'runs.training');
    // A report must be made first; tests/reports asks for them.
    elsewhere.push('reports.preview');
    // Every call adds a line or a span to them; tests/logs asks them over HTTP and inline.
    elsewhere.push('logs.list', 'traces.list', 'traces.export', 'traces.show');
    elsewhere.push('audit.verify', 'audit.accesses', 'privacy.retention');
    const missing = operations.filter(
      ({ id, kind, scope, method }) =>
        kind === 'call' && (scope === 'read' || method === 'GET') && !covered.has(id) && !elsewhere.includes(id),
    );
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});

describe('without a host', () => {
  test('the command line opens the workspace itself and gives the same answers', { timeout: 300_000 }, async () => {
    const cases = readingCases().filter(([id]) => !id.startsWith('system.') && id !== 'catalog.show');
    const expected = new Map<string, unknown>();
    for (const [id, input] of cases) expected.set(id, plain(await callOn(roads.inline, operationOf(id))(input)));
    await served.close();
    for (const [id, input] of cases) {
      expect(await inTest(id, input), id).toEqual({ code: 0, answer: expected.get(id) });
    }
  });
});
