/** The risk of a finished run through the contract: parts add up, nothing is invented, and refusals say what to do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine } from '../support/engine-host';

const CONFIG = {
  data: { dataset: 'sample' },
  model: { forecast: { id: 'ridge' }, optimizer: { id: 'mean-variance' }, constraints: { maxWeight: 0.1 } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: {
    name: 'risk',
    bootstrap: { replications: 100 },
    compare: [{ name: 'hrp', forecast: null, optimizer: { id: 'hrp' } }],
  },
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

let host: TestEngine;
let report: Awaited<ReturnType<TestEngine['client']['runs']['risk']>>;

beforeAll(async () => {
  host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({})).job);
  const { job } = await host.client.runs.start({ config: CONFIG });
  expect((await host.finished(job)).error).toBeNull();
  report = await host.client.runs.risk({ run: 'latest' });
}, 120_000);

afterAll(() => host[Symbol.asyncDispose]());

describe('the risk of a run', () => {
  test('has a tail for every model and level, worse at 99 % than at 95 %', () => {
    expect(report.tails).toHaveLength(8);
    for (const { model, level, strategyVar, portfolioShortfall, portfolioVar, reason } of report.tails) {
      if (model === 'cornish-fisher' && reason !== null) {
        expect(reason).toMatch(/skewness/);
        continue;
      }
      expect(strategyVar, model).toBeGreaterThan(0);
      if (portfolioVar !== null) expect(portfolioShortfall).toBeGreaterThanOrEqual(portfolioVar);
      const milder = report.tails.find((row) => row.model === model && row.level === 0.95);
      if (level === 0.99) expect(strategyVar).toBeGreaterThan(milder?.strategyVar ?? Infinity);
    }
  });

  test('says of every model whether it kept its promise', () => {
    expect(report.coverage.map(({ model }) => model)).toContain('filtered-historical');
    for (const { verdict, exceptions, days } of report.coverage) {
      expect(verdict).toMatch(/promised: /);
      expect(exceptions).toBeLessThan(days);
    }
  });

  test('splits the risk of what is held by asset, sector and benchmark without remainder', () => {
    const { portfolio } = report;
    if (portfolio === null) throw new Error(report.portfolioReason ?? '');
    for (const measure of ['volatility', 'valueAtRisk', 'shortfall'] as const) {
      for (const rows of [portfolio.assets, portfolio.sectors, portfolio.factors]) {
        expect(sum(rows.map((row) => row[measure]))).toBeCloseTo(portfolio.total[measure], 12);
      }
    }
    expect(portfolio.effectiveBets.value).toBeGreaterThan(1);
    expect(portfolio.date).toBe(report.to);
  });

  test('follows exposures from rebalance to rebalance', async () => {
    const { exposures } = report;
    const { weights } = await host.client.runs.weights({ run: 'latest', strategy: report.strategy });
    expect(exposures.dates).toHaveLength(weights.length);
    for (const [k, row] of weights.entries()) {
      expect(sum(exposures.sectors.map((sector) => sector.weights[k]))).toBeCloseTo(sum(row), 12);
      expect(exposures.effectiveHoldings[k]).toBeLessThanOrEqual(exposures.holdings[k] + 1e-9);
    }
    expect(exposures.beta.filter((beta) => beta !== null).length).toBeGreaterThan(exposures.beta.length / 2);
  });

  test('holds the portfolio through past declines, the worst of the data among them', () => {
    expect(report.stress.map(({ id }) => id)).toContain('worst-21d');
    expect(report.stress.map(({ id }) => id)).toContain('covid-2020');
    expect(report.skipped.map(({ id }) => id)).toContain('financial-crisis-2007');
    for (const { assets, others, covered, ...row } of report.stress) {
      expect(sum(assets.map(({ contribution }) => contribution)) + others).toBeCloseTo(row.return, 12);
      expect(covered).toBeGreaterThan(0);
    }
  });

  test('books every drawdown of the run to its assets and sectors', async () => {
    const { strategies } = await host.client.runs.show({ run: 'latest' });
    const deepest = strategies.find(({ role }) => role === 'primary')?.drawdowns[0];
    expect(report.drawdowns[0].depth).toBeCloseTo(deepest?.depth ?? NaN, 9);
    expect(report.drawdowns[0].trough).toBe(deepest?.trough);
    for (const { assets, others, sectors, residual, depth } of report.drawdowns) {
      expect(sum(assets.map(({ contribution }) => contribution)) + others + residual).toBeCloseTo(depth, 12);
      expect(sum(sectors.map(({ contribution }) => contribution)) + residual).toBeCloseTo(depth, 12);
      // Holdings explain nearly all of it; the rest is the cost of trading.
      expect(Math.abs(residual)).toBeLessThan(0.1 * Math.abs(depth) + 0.01);
    }
  });

  test('answers for another strategy by name, and gives the same answer twice', async () => {
    const hrp = await host.client.runs.risk({ run: 'latest', strategy: 'hrp' });
    expect(hrp.strategy).toBe('hrp');
    expect(await host.client.runs.risk({ run: 'latest', strategy: 'hrp' })).toEqual(hrp);
  });

  test('refuses unknown strategies and the index by name', async () => {
    await expect(host.client.runs.risk({ run: 'latest', strategy: 'oracle' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('hrp'),
    });
    const { strategies } = await host.client.runs.show({ run: 'latest' });
    const index = strategies.find(({ role }) => role === 'benchmark')?.name ?? '';
    await expect(host.client.runs.risk({ run: 'latest', strategy: index })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('days that a run kept sealed stay sealed in its risk report', async () => {
  const holdout = '2023-01-03';
  const config = { ...CONFIG, data: { ...CONFIG.data, holdout } };
  const { run, job } = await host.client.runs.start({ config });
  expect((await host.finished(job)).error).toBeNull();
  const sealed = await host.client.runs.risk({ run });
  const open = await host.client.runs.risk({ run: 'latest', strategy: 'hrp' });
  expect(sealed.to < holdout).toBe(true);
  expect(open.to < holdout).toBe(true);
  expect(JSON.stringify(sealed)).not.toMatch(/"2023-/);
}, 60_000);
