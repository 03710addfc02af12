/** What networks are given by mistake, through the contract: every one is answered in words, or with finite numbers, and never with a crash. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const FEATURES = ['momentum_1m', 'return_5d'];
const SMALL = { seeds: 1, epochs: 1, stride: 21, device: 'wasm' };
const LSTM = { ...SMALL, lookback: 5, hidden: 4, layers: 1, batch: 256 };
const GAT = { ...SMALL, heads: 2, channels: 4, layers: 1, graphWindow: 63 };

const folder = mkdtempSync(join(tmpdir(), 'sextant-network-bad-'));
let host: TestEngine;

const config = (id: string, params: object, features = FEATURES, dataset = 'sample') => ({
  data: { dataset, ...(dataset === 'sample' && { from: '2020-06-01' }) },
  model: { forecast: { id, params: { ...params } }, features: { set: features }, constraints: { maxWeight: 1 } },
  backtest: { window: { train: 252, refit: 'year' as const }, lookback: 126 },
  experiment: { name: id, bootstrap: { replications: 100 }, baselines: false },
});

async function runOf(given: ReturnType<typeof config>) {
  const { run, job } = await host.client.runs.start({ config: given });
  return { run, error: (await host.finished(job)).error };
}

/** One close a day of each asset. */
async function importMarket(
  name: string,
  days: number,
  assets: readonly string[],
  close: (day: number, k: number) => number,
) {
  const lines = ['date,symbol,close,volume'];
  const first = Date.UTC(2018, 0, 1);
  for (let day = 0, at = first; day < days; at += 86_400_000) {
    const date = new Date(at);
    if (date.getUTCDay() === 0 || date.getUTCDay() === 6) continue;
    assets.forEach((asset, k) => lines.push(`${date.toISOString().slice(0, 10)},${asset},${close(day, k)},1000`));
    day += 1;
  }
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const { error } = await host.finished((await host.client.datasets.import({ name, prices: [file] })).job);
  expect(error).toBeNull();
}

const wave = (day: number, k: number): number => 100 + 10 * Math.sin(day / (7 + k)) + day / 50;

beforeAll(async () => {
  host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({})).job);
}, 60_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('a graph without edges: every node is answered alone, as in a graph of one', { timeout: 90_000 }, async () => {
  const { run, error } = await runOf(config('gat', GAT));
  expect(error).toBeNull();
  const [{ id }] = (await host.client.models.list({ run })).models;
  const { manifest } = await host.client.models.show({ model: id });
  const features = manifest.features.map(({ name }) => name);
  const values = [0, 1, 2].flatMap((row) =>
    manifest.features.map(({ mean, deviation }) => mean + (row - 1) * 0.3 * deviation),
  );
  const ask = async (rows: string[], given: number[], rowStart: number[]) => {
    const frame = { rows, features, values: given };
    const { predictions } = await host.client.models.predict({
      model: id,
      frame,
      graph: { rowStart, columns: [] },
      date: manifest.trained.cutoff,
    });
    return predictions.map(({ value }) => value);
  };
  const together = await ask(['A', 'B', 'C'], values, [0, 0, 0, 0]);
  for (const [k, value] of together.entries()) {
    expect(value).toBeTypeOf('number');
    const alone = await ask(['X'], values.slice(k * features.length, (k + 1) * features.length), [0, 0]);
    expect(alone[0]).toBeCloseTo(value ?? NaN, 9);
  }
  const broken = host.client.models.predict({
    model: id,
    frame: { rows: ['A'], features, values: values.slice(0, features.length) },
    graph: { rowStart: [0, 1], columns: [7] },
    date: manifest.trained.cutoff,
  });
  await expect(broken).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringMatching(/Expected edges between nodes/),
  });
});

test('a checkpoint of another feature order is refused with both orders', { timeout: 90_000 }, async () => {
  const { run, error } = await runOf(config('lstm', LSTM));
  expect(error).toBeNull();
  const [{ name }] = (await host.client.models.list({ run })).models;
  const turned = await runOf(config('lstm', { ...LSTM, pretrained: name }, FEATURES.toReversed()));
  expect(turned.error).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringMatching(/in this order/) });
  expect((await runOf(config('lstm', { ...LSTM, pretrained: name }))).error).toBeNull();
});

test('a look-back longer than the history is refused with the days needed', { timeout: 60_000 }, async () => {
  await importMarket('short', 420, ['A', 'B', 'C'], wave);
  const { error } = await runOf(config('lstm', { ...LSTM, lookback: 500 }, FEATURES, 'short'));
  expect(error).toMatchObject({ code: 'NOT_ENOUGH_DATA', message: expect.stringMatching(/\d+/) });
});

test.each(['lstm', 'gat'])('one asset alone is refused in words: %s', { timeout: 60_000 }, async (id) => {
  await importMarket(`one-${id}`, 700, ['ONLY'], wave);
  const { error } = await runOf(config(id, id === 'lstm' ? LSTM : GAT, FEATURES, `one-${id}`));
  expect(error).toMatchObject({ code: 'NOT_ENOUGH_DATA', message: expect.stringMatching(/at least 2/) });
});

test('a feature without variance adds nothing, and the forecasts stay finite', { timeout: 90_000 }, async () => {
  await importMarket('flat-volume', 700, ['A', 'B', 'C', 'D'], wave);
  const [{ id: constant }] = (await host.client.catalog.show({})).features.filter(({ id }) => /volume/.test(id));
  const { run, error } = await runOf(config('lstm', LSTM, [...FEATURES, constant], 'flat-volume'));
  expect(error).toBeNull();
  const [{ id }] = (await host.client.models.list({ run })).models;
  const { manifest } = await host.client.models.show({ model: id });
  expect(manifest.features.find(({ name }) => name === constant)?.deviation).toBe(0);
  const { forecasts } = await host.client.models.forecast({ model: id });
  expect(forecasts.length).toBeGreaterThan(0);
  for (const { forecast } of forecasts) expect(Number.isFinite(forecast)).toBe(true);
});
