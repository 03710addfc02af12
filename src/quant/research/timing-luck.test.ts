import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { Panel } from '../panel';
import { researchConfigSchema } from './config';
import { countOverlaps, crossValidate, trainingRanges } from './cross-validation';
import { productPieces } from './pieces';
import { runResearch } from './run-research';
import { timingLuck } from './timing-luck';

const N = 10;
const DAYS = tradingDays('2019-01-02', '2021-06-30');
const context = { emit() {}, breathe: () => Promise.resolve() };

function market(seed: number): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(DAYS.length * N).fill(100);
  const volume = close.map(() => 1e6);
  for (let at = N; at < close.length; at++) close[at] = close[at - N] * Math.exp(0.012 * random.normal() + 0.0002);
  return {
    dates: DAYS,
    assets: Array.from({ length: N }, (_, i) => `A${i}`),
    sectors: Array.from({ length: N }, (_, i) => `S${i % 3}`),
    fields: { close, volume },
  };
}

function configuration(backtest: object = {}, model: object = {}) {
  return researchConfigSchema.parse({
    model: {
      forecast: { id: 'ridge' },
      horizon: 5,
      features: { set: ['momentum_1m', 'return_5d', 'volatility_20'] },
      optimizer: { id: 'top-n', params: {} },
      ...model,
    },
    backtest: { window: { train: 150 }, lookback: 60, costs: { bps: 10 }, ...backtest },
    experiment: { bootstrap: { replications: 100 } },
  });
}

const EQUAL = { forecast: null, optimizer: { id: 'inverse-volatility', params: {} } };

describe('rebalance-timing luck', () => {
  it('runs the strategy at all 21 offsets of a month, and tranches are their sum', async () => {
    const luck = await timingLuck(configuration(), market(1), context);
    expect(luck.offsets.map(({ offset }) => offset)).toEqual(Array.from({ length: 21 }, (_, k) => k));
    const total = luck.offsets.reduce((sum, { growth }) => sum + growth, 0) / 21;
    expect(luck.tranched.growth).toBeCloseTo(total, 12);
    expect(luck.sharpe?.high).toBeGreaterThan(luck.sharpe?.low ?? NaN);
    expect(luck.maxDrawdown.low).toBeLessThanOrEqual(luck.maxDrawdown.high);
    expect(luck.cagr.low).toBeLessThanOrEqual(luck.cagr.median);
    expect(luck.verdict).toMatch(/timing luck/);
    expect(new Set(luck.offsets.map(({ growth }) => growth)).size).toBe(21);
  });

  it('at offset 0 is the plain backtest, bit for bit, where nothing is fitted', async () => {
    const config = configuration({}, EQUAL);
    const plain = await runResearch(config, market(2), null, context);
    const luck = await timingLuck(config, market(2), context);
    const { equity } = plain.strategies[0];
    expect(luck.offsets[0].growth).toBeCloseTo(equity[equity.length - 1], 12);
    expect(luck.days).toBe(equity.length);
  });

  it('is small for a strategy that only keeps what it holds', async () => {
    const flat = market(3);
    const pieces = {
      ...productPieces,
      optimizer: (id: string, params: unknown) => ({
        ...productPieces.optimizer(id, params),
        optimize: ({ assets, currentWeights }: { assets: readonly string[]; currentWeights?: Float64Array }) => ({
          weights: currentWeights ?? new Float64Array(assets.length).fill(1 / assets.length),
          diagnostics: {},
        }),
      }),
    };
    const luck = await timingLuck(configuration({ costs: { bps: 0 } }, EQUAL), flat, context, pieces);
    // What is left is the drift between a decision and its fill.
    expect(luck.cagr.high - luck.cagr.low).toBeLessThan(0.01);
  });

  it('is averaged by tranches in a normal run, whose weights still sum to one', async () => {
    const result = await runResearch(configuration({ tranches: 3 }), market(4), null, context);
    const { rebalances, weights, metrics } = result.strategies[0];
    const plain = await runResearch(configuration(), market(4), null, context);
    expect(rebalances.length).toBeGreaterThan(2.5 * plain.strategies[0].rebalances.length);
    for (let k = 0; k < rebalances.length; k++) {
      const row = weights.subarray(k * N, (k + 1) * N);
      expect(row.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
      expect(rebalances[k].filled > rebalances[k].decided).toBe(true);
    }
    expect(metrics['sharpe'].value).not.toBe(plain.strategies[0].metrics['sharpe'].value);
    expect(result.trials[0].key).not.toBe(plain.trials[0].key);
    expect(result.audit.passed).toBe(true);
  });

  it('refuses more tranches than the period has days', async () => {
    await expect(runResearch(configuration({ tranches: 22 }), market(1), null, context)).rejects.toThrowError(
      /at most 21 tranches/,
    );
  });
});

describe('combinatorial purged cross-validation of a strategy', () => {
  it('gives k·C(N,k)/N paths over the same days, none with a training label in its test', async () => {
    const report = await crossValidate(configuration(), market(5), { groups: 5, testGroups: 2 }, context);
    expect(report.splits).toHaveLength(10);
    expect(report.paths).toHaveLength(4);
    expect(new Set(report.paths.map((path) => path.length)).size).toBe(1);
    for (const { train, test } of report.splits) expect(countOverlaps(train, test, 6, 0)).toBe(0);
    expect(report.distribution.low).toBeLessThanOrEqual(report.distribution.median);
    expect(report.verdict).toMatch(/4 out-of-sample paths from 10 fits/);
  });

  it('catches a split that purges one row too few (sabotage)', () => {
    const honest = trainingRanges(0, 500, [[200, 260]], 6, 0);
    expect(honest).toEqual([
      [0, 193],
      [267, 500],
    ]);
    expect(countOverlaps(honest, [[200, 260]], 6, 0)).toBe(0);
    expect(countOverlaps(trainingRanges(0, 500, [[200, 260]], 5, 0), [[200, 260]], 6, 0)).toBe(2);
  });

  it('finds nothing in noise: the median path of many markets is near zero', async () => {
    const medians: number[] = [];
    for (let seed = 20; seed < 26; seed++) {
      const config = configuration({ costs: { bps: 0 } });
      const driftless = market(seed);
      const report = await crossValidate(config, driftless, { groups: 4, testGroups: 2 }, context);
      const equal = await runResearch(configuration({ costs: { bps: 0 } }, EQUAL), driftless, null, context);
      medians.push(report.distribution.median - (equal.strategies[0].metrics['sharpe'].value ?? 0));
    }
    expect(Math.abs(medians.reduce((a, b) => a + b, 0) / medians.length)).toBeLessThan(0.6);
  });

  it('says why a strategy that fits nothing has no paths, and how many decisions are needed', async () => {
    const options = { groups: 5, testGroups: 2 };
    await expect(crossValidate(configuration({}, EQUAL), market(1), options, context)).rejects.toThrowError(
      /fits nothing/,
    );
    await expect(
      crossValidate(configuration(), market(1), { groups: 30, testGroups: 2 }, context),
    ).rejects.toThrowError(/at least 60 decisions for 30 groups/);
  });
});

describe('tuning inside the training window', () => {
  const tune = { grid: { relativeAlpha: [0.01, 0.1, 1, 10] }, folds: 3, metric: 'mse' };

  it('chooses from the grid at every fit and enters another trial', async () => {
    const plain = await runResearch(configuration(), market(6), null, context);
    const tuned = await runResearch(configuration({}, { forecast: { id: 'ridge', tune } }), market(6), null, context);
    for (const { metrics } of tuned.folds) expect(tune.grid.relativeAlpha).toContain(metrics['tuned_relativeAlpha']);
    expect(plain.folds[0].metrics).not.toHaveProperty('tuned_relativeAlpha');
    expect(tuned.trials[0].key).not.toBe(plain.trials[0].key);
  });

  it('decides nothing with later prices, bit for bit', async () => {
    const base = market(7);
    const config = configuration({}, { forecast: { id: 'ridge', tune } });
    const original = (await runResearch(config, base, null, context)).strategies[0];
    for (const cut of [420, 500, 560]) {
      const close = base.fields.close.map((price, at) => (at < (cut + 1) * N ? price : price * (1 + ((at * 7) % 5))));
      const changed = (await runResearch(config, { ...base, fields: { close } }, null, context)).strategies[0];
      const until = original.rebalances.filter(({ decided }) => decided <= base.dates[cut]).length * N;
      expect(until).toBeGreaterThan(0);
      expect(changed.weights.slice(0, until)).toEqual(original.weights.slice(0, until));
    }
  });

  it('prefers heavy shrinkage in noise and little where a feature foretells the return', async () => {
    const chosen = async (panel: Panel) => {
      const { folds } = await runResearch(configuration({}, { forecast: { id: 'ridge', tune } }), panel, null, context);
      const values = folds.map(({ metrics }) => Math.log10(metrics['tuned_relativeAlpha'] ?? NaN));
      return values.reduce((a, b) => a + b, 0) / values.length;
    };
    const random = createRandom(9);
    const close = new Float64Array(DAYS.length * N).fill(100);
    const drift = Float64Array.from({ length: N }, (_, i) => 0.004 * (i - 4.5));
    for (let at = N; at < close.length; at++) {
      close[at] = close[at - N] * Math.exp(0.005 * random.normal() + drift[at % N]);
    }
    expect(await chosen({ ...market(1), fields: { close } })).toBeLessThan(await chosen(market(8)));
  });

  it('refuses grids with unknown parameters, one combination or folds that do not fit', async () => {
    const attempt = (change: object) =>
      runResearch(
        configuration({}, { forecast: { id: 'ridge', tune: { ...tune, ...change } } }),
        market(1),
        null,
        context,
      );
    await expect(attempt({ grid: { alfa: [1, 2] } })).rejects.toThrowError(/model.forecast.tune.grid/);
    await expect(attempt({ grid: { alpha: [1] } })).rejects.toThrowError(/found 1 of which 1 differ/);
    await expect(attempt({ folds: 20 })).rejects.toThrowError(/at least 160 training days to tune with 20 folds/);
  });
});
