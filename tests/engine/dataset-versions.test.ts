/** Two versions of one dataset through the contract: what changed, what each came from, and which may go. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { predictableMarketCsv } from '../support/predictable-market';

const folder = mkdtempSync(join(tmpdir(), 'sextant-versions-'));
let host: TestEngine;

async function imported(text: string): Promise<void> {
  const file = join(folder, 'prices.csv');
  writeFileSync(file, text);
  const { job } = await host.client.datasets.import({ name: 'paces', prices: [file] });
  expect((await host.finished(job)).error).toBeNull();
}

const rows = predictableMarketCsv({ assets: 4, days: 500, drift: 0.001, noise: 0.01, seed: 3 }).trim().split('\n');

beforeAll(async () => {
  host = await openTestEngine();
  await imported(`${rows.slice(0, -4).join('\n')}\n`);
  const corrected = rows.map((row, i) => (i === 1 ? row.replace(/,[\d.]+,(\d+)$/, ',77.5,$1') : row));
  await imported(`${corrected.filter((row) => !row.includes(',A03,')).join('\n')}\n`);
  await imported(`${rows.join('\n')}\n`);
}, 60_000);

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('a diff names the new day, the missing ticker and the corrected value', async () => {
  const diff = await host.client.datasets.diff({ dataset: 'paces@2', against: 'paces@1' });
  expect(diff).toMatchObject({
    before: { version: 1 },
    after: { version: 2 },
    assets: { added: [], removed: ['A03'] },
  });
  expect(diff.dates.added).toHaveLength(1);
  expect(diff.fields.find(({ field }) => field === 'close')).toMatchObject({ added: 3, removed: 499, changed: 1 });
  expect(diff.samples.map(({ asset, field, after }) => [asset, field, after])).toContainEqual(['A00', 'close', 77.5]);
  expect(diff.changedAssets[0].asset).toBe('A03');
  const same = await host.client.datasets.diff({ dataset: 'paces@2', against: 'paces@2' });
  expect([same.changedAssets, same.samples]).toEqual([[], []]);
});

test('lineage leads from the files to the features that runs computed', async () => {
  const config = {
    data: { dataset: 'paces' },
    model: { forecast: { id: 'ridge' }, features: { set: ['momentum_1m', 'return_5d'] }, optimizer: { id: 'top-n' } },
    backtest: { window: { train: 126 }, lookback: 63 },
    experiment: { bootstrap: { replications: 100 } },
  };
  const { job } = await host.client.runs.start({ config });
  expect((await host.finished(job)).error).toBeNull();
  const { raw, cleaned, features } = await host.client.datasets.lineage({ dataset: 'paces' });
  expect(raw).toEqual([expect.objectContaining({ role: 'prices', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })]);
  expect(cleaned.arrays.map(({ role }) => role)).toEqual(expect.arrayContaining(['index', 'close', 'volume']));
  expect(features).toMatchObject([{ runs: 1, description: expect.stringContaining('momentum_1m, return_5d') }]);
});

test('a back-fill adds days and gaps as the next version, and keeps what is known', async () => {
  const { client } = host;
  const early = join(folder, 'early.csv');
  const [header, ...lines] = rows;
  writeFileSync(early, `${[header, ...lines.slice(0, 60)].join('\n')}\n`);
  const late = join(folder, 'late.csv');
  writeFileSync(
    late,
    `${[header, ...lines.slice(40).map((line) => line.replace(/,[\d.]+,(\d+)$/, ',1.5,$1'))].join('\n')}\n`,
  );
  await host.finished((await client.datasets.import({ name: 'grown', prices: [late] })).job);
  const { job, dataset } = await client.datasets.backfill({ dataset: 'grown', prices: [early] });
  expect((await host.finished(job)).error).toBeNull();
  const grown = await client.datasets.show({ dataset });
  expect(grown).toMatchObject({
    name: 'grown',
    version: 2,
    manifest: { rows: 2000, assets: 4, firstDate: lines[0].slice(0, 10) },
  });
  expect(grown.manifest.sources.map(({ name }) => name.split('/').at(-1))).toEqual(['late.csv', 'early.csv']);
  const { fields } = await client.datasets.diff({ dataset: 'grown@2', against: 'grown@1' });
  expect(fields.find(({ field }) => field === 'close')).toMatchObject({ added: 40, removed: 0, changed: 0 });
  const { findings } = await client.datasets.quality({ dataset });
  expect(findings.find(({ kind }) => kind === 'backfill-conflict')?.count).toBeGreaterThan(0);
});

test('pruning lists first, removes only what no run uses, and keeps the newest', async () => {
  const { client } = host;
  const listed = await client.datasets.prune({ dataset: 'paces', keep: 1 });
  expect([listed.removed, listed.versions.map(({ version }) => version)]).toEqual([false, [2, 1]]);
  expect(
    (await client.datasets.versions({ dataset: 'paces' })).versions.map(({ version, runs }) => [version, runs]),
  ).toEqual([
    [3, 1],
    [2, 0],
    [1, 0],
  ]);
  expect((await client.datasets.prune({ dataset: 'paces', keep: 1, confirm: true })).removed).toBe(true);
  expect((await client.datasets.versions({ dataset: 'paces' })).versions.map(({ version }) => version)).toEqual([3]);
  await expect(client.datasets.show({ dataset: 'paces@1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
