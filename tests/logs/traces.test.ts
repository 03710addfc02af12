/** One trace from the request through operation and job to the stages of the worker; kept here, bounded, and sent nowhere unless allowed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Client } from '#contract/client';
import { privacyConfigSchema } from '#contract/privacy';
import { tracesConfigSchema } from '#contract/traces';
import { createInlineClient } from '#engine/api/inline';
import { createDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createSpanTable, type EndedSpan } from '#engine/traces/span-table';
import { readTraceparent, writeTraceparent } from '#engine/traces/traceparent';
import { serveWorkspace, type Served } from '#headless/serve';
import { createTestHost, openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY } from '../support/store-schemas';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
let workspace: string;
let served: Served;
let client: Client;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'sextant-traces-'));
  served = await serveWorkspace({ host: createTestHost({ workspace }), port: 0, rendererDir: null });
  client = createInlineClient(served.engine.router, 'test');
  const response = await fetch(`${served.url}/api/v1/datasets/generate`, {
    method: 'POST',
    headers: {
      'x-api-token': readFileSync(served.tokenFile, 'utf8'),
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-${PARENT}-01`,
    },
    body: '{}',
  });
  const { job } = (await response.json()) as { job: string };
  for await (const event of await client.jobs.events({ job })) void event;
  await vi.waitFor(async () => expect((await client.traces.list({ job })).total).toBeGreaterThan(1));
});

afterAll(async () => {
  await served.close();
  rmSync(workspace, { recursive: true, force: true });
});

it('takes the trace of the caller over and hangs operation, job and stages under it', async () => {
  const { spans } = await client.traces.list({ trace: TRACE });
  const named = (name: string) => spans.find((span) => span.name === name);
  const [http, call, job] = ['HTTP POST', 'datasets.generate', 'job generate-dataset'].map(named);
  expect(http).toMatchObject({ parent: PARENT, kind: 'server', attributes: { 'http.response.status_code': 200 } });
  expect(call?.parent).toBe(http?.span);
  expect(job?.parent).toBe(call?.span);
  const stages = spans.filter(({ name }) => name === 'worker stage');
  expect(stages.length).toBeGreaterThan(0);
  for (const stage of stages) expect(stage).toMatchObject({ parent: job?.span, job: job?.job });
  expect(new Set(spans.map(({ correlation }) => correlation)).size).toBe(1);
  expect(spans.every(({ durationMs, error }) => durationMs >= 0 && error === null)).toBe(true);
});

it('names the error of a call that failed, and nothing that was said', async () => {
  await expect(client.runs.show({ run: 'CANARY-run' })).rejects.toThrow();
  const { spans } = await client.traces.list({ limit: 500 });
  expect(spans.find(({ name }) => name === 'runs.show')).toMatchObject({ error: 'NOT_FOUND' });
  expect(JSON.stringify(spans)).not.toContain('CANARY');
});

it('exports a document that OTLP/JSON readers take', async () => {
  const { filename, text } = await client.traces.export({ trace: TRACE });
  expect(filename).toBe('traces.json');
  const { resourceSpans } = JSON.parse(text);
  const [{ spans }] = resourceSpans[0].scopeSpans;
  expect(spans.length).toBeGreaterThan(3);
  for (const span of spans) {
    expect(span).toMatchObject({ traceId: TRACE, status: { code: 1 } });
    expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true);
    expect(span.startTimeUnixNano).toMatch(/^\d{19}$/);
  }
  const ids = new Set(spans.map(({ spanId }: { spanId: string }) => spanId));
  const roots = spans.filter(({ parentSpanId }: { parentSpanId: string }) => !ids.has(parentSpanId));
  expect(roots.map(({ name }: { name: string }) => name)).toEqual(['HTTP POST']);
  expect(resourceSpans[0].resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'sextant' },
  });
});

it('property: reads back what it writes, and takes nothing else for a parent', () => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((id) => !/^0+$/.test(id));
  fc.assert(
    fc.property(hex(32), hex(16), fc.constantFrom(0, 1), (traceId, spanId, traceFlags) => {
      const context = { traceId, spanId, traceFlags };
      expect(readTraceparent(writeTraceparent(context))).toMatchObject(context);
    }),
  );
  const bad = ['', 'x', `00-${TRACE}-${PARENT}`, `ff-${TRACE}-${PARENT}-01`, `00-${'0'.repeat(32)}-${PARENT}-01`];
  for (const header of [
    ...bad,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01\n`,
    [TRACE],
    undefined,
  ]) {
    expect(readTraceparent(header)).toBeUndefined();
  }
});

it('keeps the newest spans only', () => {
  const database = createDatabase({ file: join(scratchFolder(), 'a.db'), key: TEST_KEY, migrations });
  const table = createSpanTable(database, 10);
  const span = (n: number): EndedSpan => ({
    trace: TRACE,
    span: String(n).padStart(16, '0'),
    parent: null,
    name: 'x',
    kind: 'internal',
    startUs: n,
    durationUs: 1,
    error: null,
    correlation: null,
    job: null,
    attributes: {},
  });
  for (let n = 0; n < 25; n++) table.append([span(n)]);
  expect(table.count({})).toBe(10);
  expect(table.list({}, { limit: 1, offset: 0 })[0]?.startUs).toBe(24);
  database.close();
});

it('records nothing where it is switched off', async () => {
  await using engine = await openTestEngine();
  await engine.client.traces.configure({ config: { enabled: false, endpoint: null } });
  const { spans } = await engine.client.traces.show({});
  await engine.client.runs.list({});
  expect((await engine.client.traces.show({})).spans).toBe(spans);
});

it('sends nothing to another machine in local-only mode, and refuses to be told so', async () => {
  await using engine = await openTestEngine();
  const { client: own } = engine;
  const endpoint = 'https://collector.example.com/v1/traces';
  await expect(own.traces.configure({ config: { enabled: true, endpoint } })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  expect((await own.traces.show({})).config).toEqual(tracesConfigSchema.parse({}));
  // Allowed once, and local only again: the endpoint is still named, and still nothing leaves.
  const allowing = { localOnly: false, allowedHosts: ['collector.example.com'] };
  await own.privacy.configure({ config: privacyConfigSchema.parse(allowing) });
  await own.traces.configure({ config: { enabled: false, endpoint } });
  await own.privacy.configure({ config: privacyConfigSchema.parse({}) });
  await own.traces.configure({ config: { enabled: true, endpoint: null } });
  await expect(own.traces.configure({ config: { enabled: true, endpoint } })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  expect((await own.privacy.connections({})).total).toBe(0);
});

it('sends batches to a collector on this machine where asked to, and says when one does not arrive', async () => {
  const bodies: string[] = [];
  let status = 200;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  try {
    await using engine = await openTestEngine();
    const endpoint = `http://127.0.0.1:${port}/v1/traces`;
    await engine.client.traces.configure({ config: { enabled: true, endpoint } });
    await engine.client.runs.list({});
    await expect.poll(async () => (await engine.client.traces.show({})).lastSentAt).not.toBeNull();
    expect(bodies.join('')).toContain('"name":"runs.list"');
    status = 503;
    await engine.client.runs.list({});
    await expect.poll(async () => (await engine.client.traces.show({})).problem).toBe('status 503');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
