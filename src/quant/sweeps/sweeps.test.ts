import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { mean, standardDeviation } from '../array/stats';
import { recipeBacktest } from '../backtest/recipe-backtest';
import { recipeWeights } from '../backtest/recipe-weights';
import { equityReturns } from '../backtest/simulation';
import { tradingDays } from '../calendar/nyse';
import type { Frame, Panel } from '../panel';
import { researchConfigSchema } from '../research/config';
import { productPieces, type ResearchPieces } from '../research/pieces';
import { runResearch } from '../research/run-research';
import { momentumSweep, type MomentumSweepOptions } from './momentum-sweep';
import { sweepPoints, sweepResearch } from './research-sweep';

const DAYS = tradingDays('2018-01-02', '2020-12-31');

function walk(seed: number, n: number, round = false): Frame {
  const random = createRandom(seed);
  const values = new Float64Array(DAYS.length * n).fill(64);
  for (let at = n; at < values.length; at++) {
    const next = values[at - n] * Math.exp(0.02 * random.normal());
    values[at] = round ? Math.max(1, Math.round(next)) : next;
  }
  return { dates: DAYS, assets: Array.from({ length: n }, (_, i) => `A${i}`), values };
}

function plain(prices: Frame, lookback: number, size: number, options: MomentumSweepOptions): number {
  const { equity } = recipeBacktest(
    prices,
    {
      lookback: Math.max(...options.lookbacks),
      frequency: options.frequency,
      costRate: options.costRate,
      lag: options.lag,
    },
    recipeWeights(prices, { method: 'momentum', lookback, top: size, linkage: 'single', upper: 1 }),
  );
  const returns = equityReturns(equity);
  return (mean(returns) / standardDeviation(returns)) * Math.sqrt(252);
}

describe('momentum sweep', () => {
  const options: MomentumSweepOptions = {
    lookbacks: [42, 126, 252],
    sizes: [1, 5, 12, 30],
    frequency: 'month',
    costRate: 0.002,
    lag: 1,
  };

  it.each([
    ['random walks', walk(1, 30), options],
    ['no lag, weekly', walk(2, 30), { ...options, lag: 0, frequency: 'week' as const }],
    ['many ties', walk(3, 30, true), options],
    ['sizes out of order and twice', walk(4, 30), { ...options, sizes: [12, 1, 5, 12] }],
  ])('equals the plain loop to 1e-12: %s', (_, prices, chosen) => {
    const sweep = momentumSweep(prices, chosen);
    const loop = sweep.trials.map(({ lookback, size }) => plain(prices, lookback, size, chosen));
    sweep.trials.forEach(({ sharpe }, i) => {
      expect(Math.abs(sharpe - loop[i])).toBeLessThan(1e-12);
    });
    expect(sweep.trials[sweep.best].sharpe).toBeCloseTo(Math.max(...loop), 12);
  });

  it('gives every configuration its own trial key', () => {
    const { trials } = momentumSweep(walk(5, 30), options);
    expect(new Set(trials.map(({ key }) => key)).size).toBe(12);
    const dearer = momentumSweep(walk(5, 30), { ...options, costRate: 0.01 });
    expect(dearer.trials[0].key).not.toBe(trials[0].key);
  });

  it('decides nothing with later prices', () => {
    const prices = walk(6, 30);
    const cut = 600;
    const values = prices.values.map((price, at) => (at < cut * 30 ? price : price * (1 + (at % 7))));
    const kept = { ...options, keepReturns: true };
    const a = momentumSweep(prices, kept);
    const b = momentumSweep({ ...prices, values }, kept);
    a.trials.forEach(({ returns }, i) => {
      const until = cut - a.firstRow - 1;
      expect(b.trials[i].returns?.slice(0, until)).toEqual(returns?.slice(0, until));
    });
  });

  it('refuses sizes beyond the assets, short look-backs, gaps and short histories', () => {
    expect(() => momentumSweep(walk(1, 10), options)).toThrowError(/sizes from 1 to 10 .* found 12/);
    expect(() => momentumSweep(walk(1, 30), { ...options, lookbacks: [21] })).toThrowError(/found 21/);
    expect(() => momentumSweep(walk(1, 30), { ...options, lookbacks: [5000] })).toThrowError(/after 5000 rows/);
    const gap = walk(1, 30);
    gap.values[50] = NaN;
    expect(() => momentumSweep(gap, options)).toThrowError(/found a gap/);
  });
});

const context = { emit() {}, breathe: () => Promise.resolve() };

function panel(seed: number): Panel {
  const { dates, assets, values } = walk(seed, 9);
  return { dates, assets, sectors: assets.map((_, i) => `S${i % 2}`), fields: { close: values } };
}

const config = researchConfigSchema.parse({
  model: {
    forecast: { id: 'ridge' },
    horizon: 5,
    features: { set: ['momentum_1m', 'return_5d', 'volatility_20'] },
    optimizer: { id: 'top-n', params: {} },
  },
  backtest: { window: { train: 150 }, lookback: 60 },
  experiment: { bootstrap: { replications: 100 } },
});

describe('research sweep', () => {
  const axes = {
    'model.forecast.params.relativeAlpha': [0.1, 1],
    'model.constraints.maxWeight': [0.4, 0.6],
    'backtest.costs.bps': [0, 25],
  };

  it('equals one run per configuration to 1e-12, and counts what it shared', async () => {
    const market = panel(1);
    const sweep = await sweepResearch(config, axes, market, context);
    const points = sweepPoints(config, axes);
    expect(sweep.trials).toHaveLength(8);
    for (const [i, point] of points.entries()) {
      const single = await runResearch(point.config, market, null, context);
      expect(sweep.trials[i].key).toBe(single.trials[0].key);
      const expected = single.strategies[0].metrics['sharpe'].value ?? NaN;
      expect(Math.abs((sweep.trials[i].sharpe ?? NaN) - expected)).toBeLessThan(1e-12);
    }
    expect(sweep.computed).toEqual({
      configurations: 8,
      featureSets: 1,
      trainingTables: 1,
      forecasts: 2,
      weightSets: 4,
    });
  });

  it('shares no weights of an optimizer that looks at what is held', async () => {
    const calls = { free: 0, held: 0 };
    const pieces = (kind: 'free' | 'held'): ResearchPieces => ({
      ...productPieces,
      optimizer: (id, params) => ({
        ...productPieces.optimizer(id, params),
        optimize: (input) => {
          calls[kind] += 1;
          const tilt = kind === 'held' ? (input.currentWeights?.[0] ?? 0) : 0;
          const n = input.assets.length;
          return { weights: new Float64Array(n).fill((1 - 0.1 * tilt) / n), diagnostics: {} };
        },
      }),
    });
    const costs = { 'backtest.costs.bps': [0, 10, 20, 30] };
    for (const kind of ['free', 'held'] as const) await sweepResearch(config, costs, panel(2), context, pieces(kind));
    // Only the first decision, made with nothing held, is shared.
    expect(calls.held - 3).toBeGreaterThan(3.5 * (calls.free - 3));
  });

  it('names the value that is not allowed', () => {
    expect(() => sweepPoints(config, { 'backtest.lag': [0] })).toThrowError(/"backtest.lag":0.*backtest.lag/);
    expect(() => sweepPoints(config, { 'backtest.lagg': [1] })).toThrowError(/lagg/);
    expect(() => sweepPoints(config, { 'backtest.lag': [] })).toThrowError(/found 0/);
  });
});
