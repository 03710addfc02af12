/**
 * A sealed run through every door that can write: whatever is asked of the contract, by a caller in the process and over HTTP, the evidence
 * stays bit for bit what it was. A new writing operation on runs without a case here fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '#contract/client';
import { findOperation, operations } from '#contract/derive/operations';
import { createInlineClient } from '#engine/api/inline';
import { openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { serveWorkspace, type Served } from '#headless/serve';
import { createTestHost } from '../support/engine-host';

const workspace = mkdtempSync(join(tmpdir(), 'sextant-sealed-'));
let served: Served;
let client: Client;
let token: string;
let run: string;

beforeAll(async () => {
  served = await serveWorkspace({
    host: createTestHost({ workspace }),
    port: 0,
    rendererDir: null,
    perMinute: 100_000,
  });
  token = await readFile(served.tokenFile, 'utf8');
  client = createInlineClient(served.engine.router, 'test');
  const ended = async (job: string) => {
    for await (const event of await client.jobs.events({ job })) void event;
  };
  await ended((await client.datasets.generate({})).job);
  const started = await client.runs.start({
    config: {
      data: { dataset: 'sample', from: '2021-01-01' },
      model: { forecast: null, optimizer: { id: 'inverse-volatility' } },
      backtest: { window: { train: 126 }, lookback: 63 },
      experiment: { bootstrap: { replications: 100 } },
    },
  });
  await ended(started.job);
  ({ run } = started);
}, 60_000);

afterAll(async () => {
  await served.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** Everything about a run that is no word about it. */
async function evidence(): Promise<string> {
  const {
    tags: _tags,
    note: _note,
    archived: _archived,
    leakage: _leakage,
    ...shown
  } = await client.runs.show({ run });
  return JSON.stringify([
    shown,
    await client.runs.series({ run }),
    await client.runs.metrics({ run }),
    await client.runs.artifacts({ run }),
    await client.runs.weights({ run, strategy: 'equal-weight' }),
    (await client.portfolios.show({ portfolio: run })).weights,
  ]);
}

const folder = join(workspace, 'exported');
/** What each operation is asked beside the run. */
const ASKED: Readonly<Record<string, object>> = {
  'runs.tag': { tags: ['phase=live', 'owner=nobody'] },
  'runs.note': { note: 'It was better than this.' },
  'runs.archive': { archived: true },
  'runs.remove': {},
  'runs.cancel': {},
  'runs.rerun': {},
  'runs.audit': {},
  'registry.register': {},
  'interchange.export': { to: folder },
  'interchange.log': { server: 'http://127.0.0.1:9' },
  'reports.create': { kind: 'executive' },
};

const writing = operations.filter(
  ({ kind, method, input }) => kind === 'call' && method !== 'GET' && Object.hasOwn(input.properties ?? {}, 'run'),
);

test('every writing operation that names a run is asked here', () => {
  expect(Object.keys(ASKED).sort()).toEqual(writing.map(({ id }) => id).sort());
});

const splitId = (id: string): [string, string] => [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)];

test('none of them changes the evidence, in the process or over HTTP', { timeout: 120_000 }, async () => {
  const before = await evidence();
  const outcomes = new Map<string, string>();
  for (const [id, asked] of Object.entries(ASKED)) {
    const [noun, name] = splitId(id);
    const operation = findOperation(noun, name);
    const call = Reflect.get(Reflect.get(client, noun), name) as (input: unknown) => Promise<unknown>; // one procedure of the client
    outcomes.set(
      id,
      await call({ run, ...asked }).then(
        () => 'done',
        (error: unknown) => String(Reflect.get(error ?? {}, 'code')),
      ),
    );
    expect(await evidence(), id).toBe(before);
    const path = (operation?.path ?? '').replace('{run}', run);
    const response = await fetch(`${served.url}/api/v1${path}`, {
      method: operation?.method ?? 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(path.includes(run) ? asked : { run, ...asked }),
    });
    await response.arrayBuffer();
    expect(await evidence(), `${id} over HTTP, ${response.status}`).toBe(before);
  }
  expect(outcomes.get('runs.tag')).toBe('done');
  expect(outcomes.get('runs.remove')).toBe('CONFLICT');
  await expect(client.interchange.import({ from: folder })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await evidence()).toBe(before);
});

test('sabotage: without its guard a changed number is seen', async () => {
  const before = await evidence();
  const database = openDatabase({ file: join(workspace, 'workspace.db'), key: Buffer.alloc(32, 7), migrations });
  const change = `UPDATE run_metrics SET value = value + 1 WHERE run = '${run}'`;
  expect(() => database.exec(change)).toThrowError(/does not change/);
  expect(await evidence()).toBe(before);
  database.exec(`DROP TRIGGER metrics_do_not_change; ${change}`);
  database.close();
  expect(await evidence()).not.toBe(before);
});
