import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { RiskReportInput } from './report-types';
import { riskReport } from './risk-report';

const N = 4;
const DATES = tradingDays('2019-01-02', '2021-06-30');
const START = 150;
const context = { breathe: () => Promise.resolve() };

/** Two rebalances of four assets; the last asset may stop trading. */
function input(change: (close: Float64Array, levels: Float64Array) => void = () => undefined): RiskReportInput {
  const random = createRandom(4);
  const T = DATES.length;
  const close = new Float64Array(T * N).fill(50);
  const levels = new Float64Array(T).fill(1_000);
  for (let t = 1; t < T; t++) {
    const common = 0.01 * random.normal();
    levels[t] = levels[t - 1] * (1 + common);
    for (let i = 0; i < N; i++) close[t * N + i] = close[(t - 1) * N + i] * (1 + common + 0.01 * random.normal());
  }
  change(close, levels);
  const days = DATES.slice(START);
  return {
    dates: DATES,
    assets: ['A', 'B', 'C', 'D'],
    sectors: ['x', 'x', 'y', ''],
    close,
    benchmark: { name: 'index', levels },
    strategy: {
      name: 'test',
      dates: days,
      equity: Float64Array.from(days, (_, t) => levels[START + t] / levels[START]),
      fills: [DATES[START + 1], DATES[START + 100]],
      weights: Float64Array.of(0.25, 0.25, 0.25, 0.25, 0.4, 0.4, 0, 0.2),
    },
  };
}

describe('a risk report', () => {
  test('knows at a rebalance only what was known at the close before it', async () => {
    const cut = START + 100;
    const future = await riskReport(
      input((close, levels) => {
        for (let k = cut * N; k < close.length; k++) close[k] *= 1 + 0.3 * Math.sin(k);
        for (let t = cut; t < levels.length; t++) levels[t] *= 1 + 0.3 * Math.cos(t);
      }),
      context,
    );
    const plain = await riskReport(input(), context);
    expect(future.exposures).toEqual(plain.exposures);
    expect(plain.exposures.beta[1]).toBeGreaterThan(0.5);
    // The mutation is felt where the future is part of the question.
    expect(future.portfolio).not.toEqual(plain.portfolio);
  });

  test('leaves out what has no price on the last day, and is silent about nothing', async () => {
    const report = await riskReport(
      input((close) => {
        for (let t = DATES.length - 5; t < DATES.length; t++) close[t * N + 3] = NaN;
      }),
      context,
    );
    expect(report.portfolio?.assets.map(({ name }) => name).sort()).toEqual(['A', 'B']);
    expect(report.portfolio?.total.weight).toBeLessThan(0.9);
    expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity/);
  });

  test('says why it has no portfolio, and still answers the rest', async () => {
    const report = await riskReport(
      input((close) => {
        for (let t = 1; t < DATES.length; t += 2) close[t * N] = NaN;
        close[(DATES.length - 1) * N] = 50;
      }),
      context,
    );
    expect(report.portfolio).toBeNull();
    expect(report.portfolioReason).toMatch(/at least 60 days with a return of everything held, found \d+/);
    expect(report.tails.every(({ strategyVar, portfolioVar }) => strategyVar !== null && portfolioVar === null)).toBe(
      true,
    );
    expect(report.drawdowns.length).toBeGreaterThan(0);
  });

  test('works without a benchmark and without variation', async () => {
    const { benchmark: _benchmark, ...rest } = input();
    const alone = await riskReport({ ...rest, benchmark: null }, context);
    expect(alone.exposures.beta).toEqual([null, null]);
    expect(alone.portfolio?.factors).toEqual([]);
    const flat = { ...rest.strategy, equity: rest.strategy.equity.map(() => 1) };
    const still = await riskReport({ ...rest, benchmark: null, strategy: flat }, context);
    expect(still.coverage).toEqual([]);
    expect(still.drawdowns).toEqual([]);
    expect(still.tails.find(({ model }) => model === 'gaussian')?.reason).toMatch(/vary/);
  });

  test('refuses shapes and days that do not fit, with the numbers', async () => {
    const good = input();
    await expect(riskReport({ ...good, sectors: ['x'] }, context)).rejects.toThrow(/4 sectors/);
    const late = { ...good.strategy, dates: [...good.strategy.dates.slice(0, -1), '2030-01-02'] };
    await expect(riskReport({ ...good, strategy: late }, context)).rejects.toThrow(/consecutive days/);
    const unfilled = { ...good.strategy, fills: [], weights: new Float64Array(0) };
    await expect(riskReport({ ...good, strategy: unfilled }, context)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_DATA',
    });
  });
});
