/** The main job through the contract: sample market → run → verdict → weights → trades → report, and again with the same bits. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '#contract/runs';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const CONFIG = {
  data: { dataset: 'sample' },
  model: { forecast: { id: 'ridge' }, optimizer: { id: 'mean-variance' }, constraints: { maxWeight: 0.1 } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: {
    name: 'main job',
    bootstrap: { replications: 200 },
    compare: [{ name: 'hrp', forecast: null, optimizer: { id: 'hrp' } }],
  },
};

let host: TestEngine;
let first: Run;

beforeAll(async () => {
  host = await openTestEngine();
  const { job } = await host.client.datasets.generate({});
  expect((await host.finished(job)).error).toBeNull();
  const started = await host.client.runs.start({ config: CONFIG });
  expect((await host.finished(started.job)).error).toBeNull();
  first = await host.client.runs.show({ run: started.run });
}, 120_000);

afterAll(() => host[Symbol.asyncDispose]());

describe('a finished run', () => {
  test('is compared with equal weight and the index on the same dates', () => {
    const roles = first.strategies.map((strategy) => strategy.role);
    expect(roles).toContain('primary');
    expect(roles).toContain('baseline');
    expect(roles).toContain('benchmark');
    expect(first.headline?.verdict).toMatch(/\w/);
  });

  test('has an interval and a PSR beside its Sharpe ratio, and counts its trials', () => {
    const primary = first.strategies.find((strategy) => strategy.role === 'primary');
    expect(primary?.metrics['sharpe']).toMatchObject({
      value: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
    });
    expect(primary?.metrics['psr']?.value).toBeGreaterThanOrEqual(0);
    expect(first.trials?.onDataset).toBe(first.trials?.inRun);
    expect(first.trials?.inRun).toBeGreaterThanOrEqual(2);
  });

  test('deflates its Sharpe ratio by the ledger, which is the run itself on an untouched dataset', () => {
    const { deflatedSharpe, onDataset } = first.trials ?? {};
    const primary = first.strategies.find((strategy) => strategy.role === 'primary');
    expect(deflatedSharpe?.trials).toBe(onDataset);
    expect(deflatedSharpe?.value).toBeCloseTo(primary?.metrics['dsr']?.value ?? NaN, 9);
    expect(deflatedSharpe?.value).toBeLessThan(primary?.metrics['psr']?.value ?? NaN);
  });

  test('states how much money it could carry, or why nobody knows', () => {
    const { capacity } = first;
    expect(capacity?.estimate?.orders).toBeGreaterThan(0);
    expect(capacity?.estimate?.impact).toMatchObject({ coefficient: 1, exponent: 0.5, assumed: true });
    expect(capacity?.estimate?.capital).toBe(1_000_000);
    const excess = capacity?.estimate?.excessReturn ?? NaN;
    if (excess > 0) expect(capacity?.netAssetValue.value).toBeGreaterThan(0);
    else expect(capacity?.netAssetValue.value).toBe(0);
    expect(capacity?.verdict).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('states where it comes from', () => {
    expect(first.provenance).toMatchObject({
      seed: 42,
      device: 'cpu',
      resultHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(first.audit).toMatchObject({ overlaps: 0, sameBarFills: 0, passed: true });
  });

  test('leaves weights that keep every constraint, trades, a CSV and a report', async () => {
    const portfolio = await host.client.portfolios.show({ portfolio: 'latest' });
    expect(portfolio.checks.every((check) => check.satisfied)).toBe(true);
    expect(portfolio.weights.reduce((sum, item) => sum + item.weight, portfolio.cash)).toBeCloseTo(1, 9);
    const trades = await host.client.portfolios.trades({ portfolio: 'latest', cash: 1_000_000 });
    expect(trades.trades.length).toBeGreaterThan(0);
    expect(trades.cashAfter).toBeGreaterThanOrEqual(0);
    expect((await host.client.portfolios.export({ portfolio: 'latest' })).text).toMatch(/^asset,sector,weight/);
    const { report, job } = await host.client.reports.create({});
    expect((await host.finished(job)).error).toBeNull();
    const { html } = await host.client.reports.preview({ report });
    expect(html).toContain(first.provenance.datasetHash.slice(0, 12));
    expect(html.replace(/<script>.*<\/script>/s, '')).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shows finite daily series and the weights of every rebalance', async () => {
    const series = await host.client.runs.series({ run: 'latest' });
    for (const { equity } of series.strategies) {
      expect(equity).toHaveLength(series.dates.length);
      expect(equity.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
    }
    const { dates, weights, assets } = await host.client.runs.weights({ run: 'latest', strategy: 'hrp' });
    expect(weights).toHaveLength(dates.length);
    for (const row of weights) {
      expect(row).toHaveLength(assets.length);
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
    }
  });
});

test('a rerun has the same identity and the same bits, and is not counted as a new trial', async () => {
  const again = await host.client.runs.rerun({ run: first.id });
  await host.finished(again.job);
  const second = await host.client.runs.show({ run: again.run });
  expect(second.provenance.identity).toBe(first.provenance.identity);
  expect(second.provenance.resultHash).toBe(first.provenance.resultHash);
  expect(second.trials).toEqual(first.trials);
  expect(second.capacity).toEqual(first.capacity);
  const difference = await host.client.runs.compare({ runs: [first.id, second.id] });
  expect(difference).toMatchObject({ parameters: [], metrics: [], sameIdentity: true });
}, 60_000);

test('another seed is another identity', async () => {
  const config = { ...CONFIG, experiment: { ...CONFIG.experiment, seed: 43 } };
  const started = await host.client.runs.start({ config });
  await host.finished(started.job);
  const other = await host.client.runs.show({ run: started.run });
  expect(other.provenance.identity).not.toBe(first.provenance.identity);
}, 60_000);

test('what was tried since deflates a rerun more, and leaves its bits alone', async () => {
  const other = {
    ...CONFIG,
    experiment: {
      ...CONFIG.experiment,
      compare: [{ name: 'ols', forecast: { id: 'ols' }, optimizer: { id: 'top-n' } }],
    },
  };
  const tried = await host.client.runs.start({ config: other });
  expect((await host.finished(tried.job)).error).toBeNull();
  const again = await host.client.runs.rerun({ run: first.id });
  await host.finished(again.job);
  const later = await host.client.runs.show({ run: again.run });
  expect(later.trials?.inRun).toBe(first.trials?.inRun);
  expect(later.trials?.onDataset).toBe((first.trials?.onDataset ?? 0) + 1);
  expect(later.trials?.deflatedSharpe.trials).toBe(later.trials?.onDataset);
  expect(later.trials?.deflatedSharpe.value).not.toBe(first.trials?.deflatedSharpe.value);
  expect(later.provenance.resultHash).toBe(first.provenance.resultHash);
  expect(later.strategies).toEqual(first.strategies);
}, 60_000);

test('constraints that cannot hold fail the run with what conflicts and what would help', async () => {
  const config = { ...CONFIG, model: { ...CONFIG.model, constraints: { maxWeight: 0.01 } } };
  const started = await host.client.runs.start({ config });
  const job = await host.finished(started.job);
  expect(job.status).toBe('failed');
  expect(job.error?.code).toBe('INFEASIBLE');
  expect(job.error?.message).toMatch(/weight/i);
  expect((await host.client.runs.show({ run: started.run })).strategies).toEqual([]);
}, 60_000);

test('a date range without data says what the dataset spans', async () => {
  const config = { ...CONFIG, data: { dataset: 'sample', from: '2035-01-01' } };
  const started = await host.client.runs.start({ config });
  expect((await host.finished(started.job)).error).toMatchObject({
    code: 'NOT_ENOUGH_DATA',
    message: expect.stringContaining('2023-12-29'),
  });
});

test('an unknown model is refused by name before anything is stored', async () => {
  const before = (await host.client.runs.list({})).total;
  const start = host.client.runs.start({ config: { ...CONFIG, model: { forecast: { id: 'oracle' } } } });
  await expect(start).rejects.toThrow(/found "oracle"/);
  expect((await host.client.runs.list({})).total).toBe(before);
});

test('a dataset that a run uses is not removed', async () => {
  await expect(host.client.datasets.remove({ dataset: 'sample' })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('constraints on assets, sectors, positions and liquidity hold and are listed with their slack', async () => {
  const { weights } = await host.client.portfolios.show({ portfolio: 'latest' });
  const [first] = weights;
  const constraints = {
    maxWeight: 0.1,
    assetCaps: { [first.asset]: 0.02 },
    minPosition: 0.01,
    liquidity: { volumeShare: 0.1, days: 5, portfolioValue: 10_000_000 },
  };
  const started = await host.client.runs.start({ config: { ...CONFIG, model: { ...CONFIG.model, constraints } } });
  expect((await host.finished(started.job)).error).toBeNull();
  const portfolio = await host.client.portfolios.show({ portfolio: started.run });
  const check = (name: string) => portfolio.checks.find(({ constraint }) => constraint === name);
  expect(check(`Cap of ${first.asset}`)).toMatchObject({ limit: 0.02, satisfied: true });
  expect(check('Smallest position')).toMatchObject({ limit: 0.01, satisfied: true });
  expect(check('Days to trade a position')).toMatchObject({ limit: 5, satisfied: true });
  expect(check('Days to trade a position')?.value).toBeGreaterThan(0);
}, 60_000);
