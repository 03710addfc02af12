import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { Model, ModelSpec } from '../models/model';
import type { Optimizer, OptimizerSpec } from '../optimizers/optimizer';
import type { Panel } from '../panel';
import { type ResearchConfig, researchConfigSchema } from './config';
import type { ResearchContext, ResearchProgress } from './context';
import type { ResearchPieces } from './pieces';
import type { ResearchResult } from './result';
import { runResearch } from './run-research';

const N = 8;
const DAYS = tradingDays('2018-01-02', '2019-12-31');

/** Random walks whose next return leans on the last one, so that a forecast has something to find. */
function market(seed: number, days: readonly string[] = DAYS, assets = N): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(days.length * assets);
  const last = new Float64Array(assets);
  for (let t = 0; t < days.length; t++) {
    for (let i = 0; i < assets; i++) {
      last[i] = 0.2 * last[i] + 0.01 * random.normal() + 0.0003;
      close[t * assets + i] = (t === 0 ? 50 + i : close[(t - 1) * assets + i]) * Math.exp(last[i]);
    }
  }
  return {
    dates: days,
    assets: Array.from({ length: assets }, (_, i) => `A${i}`),
    fields: { close },
    sectors: Array.from({ length: assets }, (_, i) => (i % 2 === 0 ? 'Even' : 'Odd')),
  };
}

const described = { title: 'For tests', summary: 'For tests.', references: [] };
const nothing = z.strictObject({});

/** Slope of the outcome on the first feature. */
const slope: Model<unknown, number> = {
  fit: ({ X, y, featureNames }) => {
    let xy = 0;
    let xx = 0;
    for (let row = 0; row < y.length; row++) {
      xy += X[row * featureNames.length] * y[row];
      xx += X[row * featureNames.length] ** 2;
    }
    return xx > 0 ? xy / xx : 0;
  },
  forecast: (b, X) => Float64Array.from({ length: X.length / 2 }, (_, row) => b * X[row * 2]),
};
const slopeSpec: ModelSpec = { ...described, id: 'slope', params: nothing, minRows: (k) => 10 * k };

/** Weights fall with volatility and rise with what is held, so that drifted weights matter. */
const cautious: Optimizer = {
  optimize: ({ assets, returns, currentWeights, constraints }) => {
    const n = assets.length;
    if (n * constraints.maxWeight < 1) throw new AppError('INFEASIBLE', 'maxWeight leaves no room.', { data: { n } });
    const scores = Float64Array.from(assets, (_, i) => {
      let squares = 0;
      for (let t = i; t < returns.length; t += n) squares += returns[t] ** 2;
      return 1 / Math.sqrt(squares) + (currentWeights?.[i] ?? 0);
    });
    const sum = scores.reduce((a, b) => a + b, 0);
    return { weights: scores.map((score) => score / sum), diagnostics: {} };
  },
};
const best: Optimizer = {
  optimize: ({ expectedReturns = new Float64Array(0) }) => {
    const ranked = [...expectedReturns.keys()].sort((a, b) => expectedReturns[b] - expectedReturns[a] || a - b);
    const weights = new Float64Array(expectedReturns.length);
    for (const i of ranked.slice(0, 3)) weights[i] = 1 / 3;
    return { weights, diagnostics: {} };
  },
};
const optimizers: Readonly<Record<string, { spec: OptimizerSpec; optimizer: Optimizer }>> = {
  cautious: { spec: { ...described, id: 'cautious', params: nothing, needsForecast: false }, optimizer: cautious },
  best: { spec: { ...described, id: 'best', params: nothing, needsForecast: true }, optimizer: best },
};

/** Two features: the last return and the one before; `peek` rows of look-ahead for the sabotage twin. */
function testPieces(peek = 0): ResearchPieces {
  return {
    optimizer: (id) => {
      const { spec, optimizer } = optimizers[id];
      return { spec, optimize: (input) => optimizer.optimize(input, {}) };
    },
    model: () => Promise.resolve({ spec: slopeSpec, model: slope }),
    features: (_, { dates, assets, fields }) => {
      const n = assets.length;
      const columns = [0, 1].map((back) =>
        fields.close.map((_price, cell) => {
          const t = Math.floor(cell / n);
          const at = Math.min(dates.length - 1, t + peek - back) * n + (cell % n);
          return t < 2 ? NaN : fields.close[at] / fields.close[at - n] - 1;
        }),
      );
      return Promise.resolve({
        table: { dates, assets, names: ['last', 'before'], columns, lookback: 2, warmUp: 2 },
        notes: [],
      });
    },
  };
}

function configuration(changes: Record<string, unknown> = {}): ResearchConfig {
  return researchConfigSchema.parse({
    model: { forecast: { id: 'slope' }, horizon: 5, optimizer: { id: 'best' } },
    backtest: { window: { train: 60 }, lookback: 40, costs: { bps: 5 } },
    experiment: {
      seed: 7,
      bootstrap: { replications: 200 },
      compare: [{ name: 'calm', forecast: null, optimizer: { id: 'cautious' } }],
    },
    ...changes,
  });
}

function silent(events: ResearchProgress[] = [], signal?: AbortSignal): ResearchContext {
  return {
    emit: (progress) => events.push(progress),
    breathe: () => (signal?.aborted ? Promise.reject(new AppError('CANCELLED', 'Cancelled.')) : Promise.resolve()),
    ...(signal ? { signal } : {}),
  };
}

const index = (panel: Panel) => ({
  name: 'INDEX',
  levels: Float64Array.from(panel.dates, (_, t) => panel.fields.close[t * panel.assets.length] * 10),
});

function run(
  panel: Panel,
  config = configuration(),
  pieces = testPieces(),
  context = silent(),
): Promise<ResearchResult> {
  return runResearch(config, panel, index(panel), context, pieces);
}

const strategy = (result: ResearchResult, name: string) => {
  const found = result.strategies.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('a research run', () => {
  it('reports every strategy, the baseline and the index on the same days', async () => {
    const result = await run(market(1));
    expect(result.strategies.map(({ name, role }) => [name, role])).toEqual([
      ['slope-best', 'primary'],
      ['calm', 'compare'],
      ['equal-weight', 'baseline'],
      ['INDEX', 'benchmark'],
    ]);
    for (const { equity, gross, exposure, rollingSharpe } of result.strategies) {
      for (const series of [equity, gross, exposure, rollingSharpe]) expect(series).toHaveLength(result.dates.length);
      expect(equity[0]).toBe(1);
      expect(equity.every((value, t) => value <= gross[t] * (1 + 1e-12))).toBe(true);
    }
    expect(result.comparisons.map(({ strategy: s, against }) => `${s}>${against}`)).toEqual([
      'slope-best>equal-weight',
      'slope-best>INDEX',
      'calm>equal-weight',
      'calm>INDEX',
      'equal-weight>INDEX',
    ]);
    expect(result.trials).toHaveLength(2);
    expect(result.audit).toMatchObject({ overlaps: 0, sameBarFills: 0, passed: true });
    expect(result.audit.checkedPairs).toBeGreaterThan(60);
    expect(result.folds.every(({ purged, trainRows }) => purged === 6 && trainRows === 60 * N)).toBe(true);
  });

  it('never states a number that is not one', async () => {
    const result = await run(market(2));
    for (const { metrics } of result.strategies) {
      for (const measure of Object.values(metrics)) {
        if (measure.value === null) expect(measure.reason).toMatch(/\.$/);
        else expect(Number.isFinite(measure.value)).toBe(true);
      }
    }
    const { sharpe, psr } = strategy(result, 'slope-best').metrics;
    expect(sharpe.low).toBeLessThan(sharpe.value ?? NaN);
    expect(sharpe.high).toBeGreaterThan(sharpe.value ?? NaN);
    expect(psr.value).toBeGreaterThan(0);
    expect(result.verdict).toMatch(/^slope-best: Sharpe ratio .* (than|from) equal-weight .* and .*INDEX/);
  });

  it('gives the same bits for the same configuration, panel and seed, and other intervals for another seed', async () => {
    const a = await run(market(3));
    expect(await run(market(3))).toEqual(a);
    const other = await run(market(3), configuration({ experiment: { ...configuration().experiment, seed: 8 } }));
    expect(strategy(other, 'calm').equity).toEqual(strategy(a, 'calm').equity);
    expect(strategy(other, 'calm').metrics.sharpe.low).not.toBe(strategy(a, 'calm').metrics.sharpe.low);
  });

  it('finds what is there to be found, and a leak shows as too much (sabotage)', async () => {
    const rankIc = async (peek: number) => {
      const { folds } = await run(market(4), configuration(), testPieces(peek));
      const known = folds.map(({ metrics }) => metrics.rank_ic).filter((ic) => ic !== null);
      return known.reduce((sum, ic) => sum + ic, 0) / known.length;
    };
    const honest = await rankIc(0);
    expect(Math.abs(honest)).toBeLessThan(0.3);
    expect(await rankIc(4)).toBeGreaterThan(honest + 0.2);
  });

  it('proposes the next portfolio from the last date, with every constraint checked', async () => {
    const panel = market(5);
    const { next } = await run(
      panel,
      configuration({ model: { ...configuration().model, constraints: { sectorCap: 0.7 } } }),
    );
    expect(next.decidedOn).toBe(panel.dates[panel.dates.length - 1]);
    expect(next.fillOn).toBe('2020-01-02');
    expect(next.weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(next.weights.every(({ forecast, price }) => Number.isFinite(forecast) && price > 0)).toBe(true);
    const checks = Object.fromEntries(next.checks.map((check) => [check.constraint, check]));
    expect(checks['Budget']).toMatchObject({ satisfied: true });
    expect(checks['Largest weight']).toMatchObject({ limit: 1, satisfied: true });
    expect(checks['Sector Even'].limit).toBe(0.7);
    expect(checks['Turnover']).toMatchObject({ limit: null, slack: null });
  });

  it('tells its progress and stops when cancelled', async () => {
    const events: ResearchProgress[] = [];
    await run(market(6), configuration(), testPieces(), silent(events));
    expect(new Set(events.map(({ stage }) => stage))).toEqual(
      new Set(['fit', 'backtest', 'statistics', 'comparisons']),
    );
    expect(events.every(({ step, of }) => step <= of)).toBe(true);
    const controller = new AbortController();
    controller.abort();
    await expect(run(market(6), configuration(), testPieces(), silent([], controller.signal))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('look-ahead of the whole pipeline', () => {
  /** Weights decided on or before a date, as bits. */
  const decidedUntil = (result: ResearchResult, name: string, date: string) => {
    const { rebalances, weights } = strategy(result, name);
    const count = rebalances.filter(({ decided }) => decided <= date).length;
    return [...new Uint8Array(weights.slice(0, count * N).buffer)];
  };
  const leaks = async (cut: number, peek: number) => {
    const base = market(9);
    const close = base.fields.close.map((price, at) => (at < (cut + 1) * N ? price : price * (1 + (at % 5))));
    const original = await run(base, configuration(), testPieces(peek));
    const changed = await run({ ...base, fields: { close } }, configuration(), testPieces(peek));
    return ['slope-best', 'calm', 'equal-weight'].some(
      (name) =>
        decidedUntil(original, name, base.dates[cut]).join() !== decidedUntil(changed, name, base.dates[cut]).join(),
    );
  };

  it('is absent: no weight decided at or before a row depends on any later price, bit for bit', async () => {
    for (let cut = 200; cut < DAYS.length - 2; cut += 29) expect(await leaks(cut, 0)).toBe(false);
  });

  it('is caught by the same test in features that see one row ahead (sabotage)', async () => {
    const caught = [];
    for (let cut = 200; cut < DAYS.length - 2; cut += 29) caught.push(await leaks(cut, 1));
    expect(caught).toContain(true);
  });
});

describe('data that are too little or wrong', () => {
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error: unknown) => (error instanceof AppError ? `${error.code}: ${error.message}` : String(error)),
    );
  const cut = (rows: number, assets = N) => market(1, DAYS.slice(0, rows), assets);

  it.each([
    ['an empty range', () => run(cut(0)), /NOT_ENOUGH_DATA: .*found 0 days/],
    ['10 days', () => run(cut(10)), /NOT_ENOUGH_DATA: Expected at least about \d+ trading days .*found 10 from/],
    ['one asset', () => run(cut(100, 1)), /NOT_ENOUGH_DATA: Expected at least 2 assets, found 1/],
    [
      'prices that never move',
      () => run({ ...cut(300), fields: { close: new Float64Array(300 * N).fill(10) } }),
      /INVALID_DATA: Expected prices that change, found 8 assets.*300 days/,
    ],
    [
      'too few training rows',
      () =>
        run(market(1), configuration({ model: { horizon: 5, forecast: { id: 'slope' }, optimizer: { id: 'best' } } }), {
          ...testPieces(),
          model: () => Promise.resolve({ spec: { ...slopeSpec, minRows: () => 10_000 }, model: slope }),
        }),
      /NOT_ENOUGH_DATA: Expected at least 10000 training rows .*found 480/,
    ],
    [
      'a purge that is too short',
      () => run(market(1), configuration({ backtest: { window: { train: 60 }, lookback: 40, purge: 2 } })),
      /INVALID_CONFIG: Expected a purge of at least 6/,
    ],
    [
      'a constraint set that cannot hold',
      () =>
        run(
          market(1),
          configuration({ model: { forecast: null, optimizer: { id: 'cautious' }, constraints: { maxWeight: 0.1 } } }),
        ),
      /INFEASIBLE: cautious on 2018-\d\d-\d\d: maxWeight leaves no room/,
    ],
    [
      'an optimizer without its forecast',
      () => run(market(1), configuration({ model: { forecast: null, optimizer: { id: 'best' } } })),
      /INVALID_CONFIG: Expected a forecast model for the optimizer "best"/,
    ],
    [
      'an unknown parameter',
      () =>
        run(
          market(1),
          configuration({ model: { forecast: { id: 'slope', params: { depth: 3 } }, optimizer: { id: 'best' } } }),
        ),
      /INVALID_CONFIG: .*model\.forecast\.params/,
    ],
    [
      'two strategies of one name',
      () => run(market(1), configuration({ experiment: { compare: [{ name: 'x' }, { name: 'x' }] } })),
      /INVALID_CONFIG: Expected different names.*"x"/,
    ],
  ])('%s is an explained error', async (_, attempt, expected) => {
    expect(await code(attempt())).toMatch(expected);
  });

  it('counts sales that the universe forces against the turnover limit', async () => {
    const panel = market(12);
    const membership = new Uint8Array(panel.fields.close.length).fill(1);
    for (let cell = 300 * N; cell < membership.length; cell++) if (cell % N < 5) membership[cell] = 0;
    const limited = configuration({
      model: { forecast: null, optimizer: { id: 'cautious' }, constraints: { turnoverLimit: 0.1 } },
      experiment: { bootstrap: { replications: 100 } },
    });
    expect(await code(run({ ...panel, membership }, limited))).toMatch(
      /INFEASIBLE: cautious on 2019-.*at most 10 %, found that selling what left the universe alone takes \d+\.?\d* %/,
    );
  });

  it('three assets are enough', async () => {
    const result = await run(market(1, DAYS, 3));
    expect(result.next.weights).toHaveLength(3);
  });

  it('survives an asset that lists late, one that ends, and one that never moves', async () => {
    const panel = market(8);
    const { close } = panel.fields;
    for (let t = 0; t < DAYS.length; t++) {
      if (t < 200) close[t * N + 1] = NaN;
      if (t > 300) close[t * N + 2] = NaN;
      close[t * N + 3] = 42;
    }
    const result = await run(panel);
    const held = strategy(result, 'equal-weight').rebalances.map(({ holdings }) => holdings);
    expect(Math.min(...held)).toBeGreaterThanOrEqual(5);
    expect(result.next.weights.every(({ asset }) => asset !== 'A2' && asset !== 'A3')).toBe(true);
  });
});
