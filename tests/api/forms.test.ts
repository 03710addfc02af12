/** The forms of answers over HTTP: entity tags and preconditions, CSV and Parquet of tables, read back by another program's reader. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { startApiHost, type ApiHost } from '../support/api-host';
import { HEALTHY, recordingHandlers, type Reached } from '../support/recording-handlers';
import { scratchFolder } from '../support/scratch';

const SERIES = {
  dates: ['2024-01-02', '2024-01-03'],
  strategies: ['a, "b"', '=cmd'].map((name, i) => ({
    name,
    role: 'primary',
    equity: [1, 1.1 + i],
    gross: [1, 1.2],
    drawdown: [0, -0.1],
    rollingSharpe: [null, 0.5],
    exposure: [1, 1],
    rebalances: [],
  })),
};
const PRICES = { dates: ['2024-01-02'], open: [1], high: [2], low: [null], close: [1.5], volume: [1e9] };

function tables(reached: Reached[] = []) {
  return recordingHandlers(reached, { 'runs.series': () => SERIES, 'datasets.prices': () => PRICES });
}

async function parquetRows(bytes: ArrayBuffer): Promise<unknown[]> {
  const file = join(scratchFolder(), 'table.parquet');
  writeFileSync(file, new Uint8Array(bytes));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
  const rows = reader.getRowObjectsJson();
  connection.closeSync();
  return rows;
}

const ask = async (host: ApiHost, path: string, headers: Record<string, string> = {}) => {
  const response = await host.fetch(path, { headers });
  return { response, bytes: await response.arrayBuffer() };
};

test('a table is CSV by ?format= and by Accept, safe in a spreadsheet, and JSON otherwise', async () => {
  await using host = await startApiHost(tables());
  const path = '/api/v1/runs/latest/series';
  const wanted = [
    'date,strategy,equity,gross,drawdown,rollingSharpe,exposure',
    '2024-01-02,"a, ""b""",1,1,0,,1',
    '2024-01-03,"a, ""b""",1.1,1.2,-0.1,0.5,1',
    "2024-01-02,'=cmd,1,1,0,,1",
    "2024-01-03,'=cmd,2.1,1.2,-0.1,0.5,1",
    '',
  ].join('\r\n');
  for (const asked of [
    await ask(host, `${path}?format=csv`),
    await ask(host, path, { accept: 'text/csv' }),
    await ask(host, path, { accept: 'text/html, text/csv;q=0.9, */*;q=0.1' }),
  ]) {
    expect(asked.response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(asked.response.headers.get('vary')).toBe('Accept');
    expect(Buffer.from(asked.bytes).toString()).toBe(wanted);
  }
  for (const { response, bytes } of [
    await ask(host, path),
    await ask(host, `${path}?format=json`, { accept: 'text/csv' }),
  ]) {
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(SERIES);
  }
  expect((await ask(host, `${path}?format=xls`)).response.status).toBe(400);
  // What is no table knows no form, and says so like any unknown field.
  expect((await ask(host, '/api/v1/runs/latest?format=csv')).response.status).toBe(400);
});

test('Parquet is read by DuckDB with names, types and nulls', async () => {
  await using host = await startApiHost(tables());
  const { response, bytes } = await ask(host, '/api/v1/runs/latest/series?format=parquet');
  expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
  expect(await parquetRows(bytes)).toEqual(
    SERIES.strategies.flatMap(({ name, ...values }) =>
      SERIES.dates.map((date, i) => ({
        date,
        strategy: name,
        equity: values.equity[i],
        gross: values.gross[i],
        drawdown: values.drawdown[i],
        rollingSharpe: values.rollingSharpe[i],
        exposure: values.exposure[i],
      })),
    ),
  );
  const prices = await ask(host, '/api/v1/datasets/x/prices/AAA', { accept: 'application/vnd.apache.parquet' });
  expect(await parquetRows(prices.bytes)).toEqual([
    { date: '2024-01-02', open: 1, high: 2, low: null, close: 1.5, volume: 1e9 },
  ]);
});

test('what is read carries a tag; with it at hand nothing is sent again, until it changes', async () => {
  let running = 0;
  const health = () => ({ ...HEALTHY['system.health'](), runningJobs: running });
  await using host = await startApiHost(
    recordingHandlers([], { 'system.health': health, 'runs.series': () => SERIES }),
  );
  const path = '/api/v1/system/health';
  const first = await ask(host, path);
  const tag = first.response.headers.get('etag') ?? '';
  expect(tag).toMatch(/^"[\w-]{27}"$/);
  for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await ask(host, path, { 'if-none-match': header });
    expect([again.response.status, again.bytes.byteLength, again.response.headers.get('etag')]).toEqual([304, 0, tag]);
  }
  running = 1;
  const changed = await ask(host, path, { 'if-none-match': tag });
  expect(changed.response.status).toBe(200);
  expect(changed.response.headers.get('etag')).not.toBe(tag);
  // The forms of a table are different things.
  const json = await ask(host, '/api/v1/runs/x/series');
  const csv = await ask(host, '/api/v1/runs/x/series?format=csv');
  expect(csv.response.headers.get('etag')).not.toBe(json.response.headers.get('etag'));
  expect((await ask(host, '/openapi.json')).response.headers.get('etag')).not.toBeNull();
});

test('of two writers who have read the same, one writes; the other is told that it has changed', async () => {
  const reached: Reached[] = [];
  let config = { perMinute: 60 };
  const full = () => ({
    port: 4517,
    screenPerMinute: 6000,
    strangersPerMinute: 1000,
    tokenDays: 365,
    idempotencyDays: 7,
    ...config,
  });
  const configure = async ({ config: next }: { config: { perMinute: number } }) => {
    await Promise.resolve();
    config = { perMinute: next.perMinute };
    return full();
  };
  await using host = await startApiHost(recordingHandlers(reached, { 'api.show': full, 'api.configure': configure }));
  const path = '/api/v1/api';
  const tag = (await ask(host, path)).response.headers.get('etag') ?? '';
  const write = async (perMinute: number, match: string) => {
    const response = await host.fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': match },
      body: JSON.stringify({ config: { perMinute } }),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const statuses = await Promise.all([1, 2, 3, 4, 5].map((perMinute) => write(perMinute, tag)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 412)).toHaveLength(4);
  expect(reached.filter(({ operation }) => operation === 'api.configure')).toHaveLength(1);
  expect(await write(9, '*')).toBe(200);
  const nothing = await host.fetch('/api/v1/system/shutdown', { method: 'POST', headers: { 'if-match': tag } });
  expect(nothing.status).toBe(400);
});
