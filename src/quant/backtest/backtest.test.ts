import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { mean, standardDeviation } from '../array/stats';
import { tradingDays } from '../calendar/nyse';
import { periodEndRows } from '../calendar/rebalance-dates';
import type { Panel } from '../panel';
import { FREE_TRADING, orderCost, type TradingCosts } from './costs';
import { DELISTED_AFTER_ROWS, prepareMarket } from './market';
import { recipeBacktest } from './recipe-backtest';
import { equityReturns } from './simulation';
import { type SimulationOptions, Simulator } from './simulator';

const DAYS = tradingDays('2020-01-02', '2021-12-31');

/** Geometric random walks on real trading days. */
function randomPanel(seed: number, assets: number, rows: number): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(rows * assets);
  for (let t = 0; t < rows; t++) {
    for (let i = 0; i < assets; i++) {
      const before = t === 0 ? 20 + 10 * i : close[(t - 1) * assets + i];
      close[t * assets + i] = before * Math.exp(0.015 * random.normal());
    }
  }
  return { dates: DAYS.slice(0, rows), assets: Array.from({ length: assets }, (_, i) => `A${i}`), fields: { close } };
}

function randomWeights(random: ReturnType<typeof createRandom>, n: number): Float64Array {
  const raw = Float64Array.from({ length: n }, () => random.uniform());
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((w) => w / sum);
}

const COSTS: TradingCosts = { bps: 10, halfSpreadBps: 0, minimum: 0 };

function options(panel: Panel, more: Partial<SimulationOptions> = {}): SimulationOptions {
  return {
    startRow: 0,
    endRow: panel.dates.length - 1,
    lag: 1,
    costs: FREE_TRADING,
    initialCapital: 1,
    delistingReturn: 0,
    ...more,
  };
}

/** Runs a strategy that decides at the given rows. */
function run(
  panel: Panel,
  rows: readonly number[],
  decide: (row: number, held: Float64Array) => Float64Array,
  more: Partial<SimulationOptions> = {},
) {
  const account = new Simulator(prepareMarket(panel), options(panel, more));
  const held: Float64Array[] = [];
  for (const row of rows) {
    account.advanceTo(row);
    held.push(account.weights());
    account.order(decide(row, account.weights()));
  }
  return { ...account.finish(), held };
}

describe('the simulated account', () => {
  it('equals the written recipe where prices are complete', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1, 2, 5),
        (seed, n, lag) => {
          const panel = randomPanel(seed, n, 180);
          const { dates, assets, fields } = panel;
          const weightsAt = (row: number) => randomWeights(createRandom(seed + row), n);
          const recipe = recipeBacktest(
            { dates, assets, values: fields.close },
            { lookback: 20, frequency: 'month', costRate: 0.002, lag },
            weightsAt,
          );
          const rows = periodEndRows(dates, 'month').filter((row) => row >= 20);
          const account = run(panel, rows, weightsAt, { lag, costs: { ...COSTS, bps: 20 }, startRow: rows[0] });
          const net = account.equity.subarray(recipe.firstRow - account.firstRow);
          net.forEach((value, t) => {
            expect(value).toBeCloseTo(recipe.equity[t], 12);
          });
          recipe.rebalances.forEach((rebalance, k) => {
            expect(account.rebalances[k].fillRow).toBe(rebalance.fillRow);
            expect(2 * account.rebalances[k].turnover).toBeCloseTo(rebalance.turnover, 12);
            expect(account.rebalances[k].cost).toBeCloseTo(rebalance.cost, 12);
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives the same bits twice', () => {
    const panel = randomPanel(7, 6, 250);
    const rows = periodEndRows(panel.dates, 'month');
    const once = () => run(panel, rows, (row) => randomWeights(createRandom(row), 6), { costs: COSTS });
    expect(new Uint8Array(once().equity.buffer)).toEqual(new Uint8Array(once().equity.buffer));
  });

  it('without costs is its own gross equity, and costs only scale it', () => {
    const panel = randomPanel(3, 5, 250);
    const rows = periodEndRows(panel.dates, 'month');
    const decide = (row: number) => randomWeights(createRandom(row), 5);
    const free = run(panel, rows, decide);
    const paid = run(panel, rows, decide, { costs: { bps: 30, halfSpreadBps: 5, minimum: 1e-4 } });
    expect([...free.grossEquity]).toEqual([...free.equity]);
    paid.grossEquity.forEach((value, t) => {
      expect(value).toBeCloseTo(free.equity[t], 12);
    });
    expect(paid.equity[paid.equity.length - 1]).toBeLessThan(free.equity[free.equity.length - 1]);
  });

  it('keeps what is not invested in cash that earns nothing', () => {
    const panel = randomPanel(5, 2, 30);
    const account = run(panel, [0], () => Float64Array.of(0.25, 0), { initialCapital: 1000 });
    const { close } = panel.fields;
    expect(account.equity[1]).toBeCloseTo(1000, 10);
    expect(account.equity[29]).toBeCloseTo(750 + (250 * close[58]) / close[2], 9);
  });

  it('drifts between rebalances and reports the weights of every day', () => {
    const panel = randomPanel(11, 2, 40);
    const { close } = panel.fields;
    const account = run(panel, [0, 20], () => Float64Array.of(0.5, 0.5), { keepDailyWeights: true });
    const a = close[40] / close[2];
    const b = close[41] / close[3];
    expect(account.held[1][0]).toBeCloseTo(a / (a + b), 12);
    expect(account.dailyWeights?.[2 * 20]).toBe(account.held[1][0]);
    expect(account.rebalances[1].turnover).toBeGreaterThan(0);
  });

  it('leaves a decision on the last row unfilled', () => {
    const panel = randomPanel(2, 2, 10);
    const account = run(panel, [9], () => Float64Array.of(0.5, 0.5));
    expect(account.rebalances[0]).toMatchObject({ fillRow: -1, executed: undefined });
    expect([...account.equity]).toEqual(new Array(10).fill(1));
  });

  it('fills at the open where asked', () => {
    const panel = randomPanel(4, 1, 5);
    const open = panel.fields.close.map((price) => price * 0.98);
    const account = run({ ...panel, fields: { ...panel.fields, open } }, [0], () => Float64Array.of(1), {
      fillAt: 'open',
    });
    expect(account.equity[1]).toBeCloseTo(1 / 0.98, 12);
    expect(() => run(panel, [0], () => Float64Array.of(1), { fillAt: 'open' })).toThrowError(/opening prices/);
  });
});

describe('look-ahead', () => {
  const base = randomPanel(21, 6, 120);
  const rows = periodEndRows(base.dates, 'week').filter((row) => row < 119);
  /** A decision that depends on prices and on the drifted weights, so that any leak shows. */
  const decide = (panel: Panel, peek: number) => (row: number, held: Float64Array) => {
    const n = panel.assets.length;
    const price = (i: number) => panel.fields.close[Math.min(119, row + peek) * n + i];
    const scores = held.map((w, i) => 1 + w + (Number.isNaN(price(i)) ? 0 : price(i)));
    const sum = scores.reduce((a, b) => a + b, 0);
    return scores.map((score) => score / sum);
  };
  const changedAfter = (cut: number, gone: boolean): Panel => {
    const close = base.fields.close.map((price, at) =>
      at < (cut + 1) * 6 ? price : gone ? NaN : price * (1 + (at % 7)),
    );
    return { ...base, fields: { close } };
  };
  const differs = (cut: number, gone: boolean, peek: number) => {
    const original = run(base, rows, decide(base, peek), { costs: COSTS });
    const changed = run(changedAfter(cut, gone), rows, decide(changedAfter(cut, gone), peek), { costs: COSTS });
    return rows.some(
      (row, k) =>
        row <= cut &&
        (original.rebalances[k].targets.some((w, i) => !Object.is(w, changed.rebalances[k].targets[i])) ||
          original.held[k].some((w, i) => !Object.is(w, changed.held[k][i]))),
    );
  };

  it('is absent: changing or ending every price after a row changes no weight at or before it, bit for bit', () => {
    for (let cut = 0; cut < 119; cut += 1) {
      expect(differs(cut, false, 0)).toBe(false);
      expect(differs(cut, true, 0)).toBe(false);
    }
  });

  it('is found by the same test in a strategy that peeks one row ahead (sabotage)', () => {
    expect(rows.some((row) => differs(row, false, 1))).toBe(true);
  });

  it('cannot enter through the execution lag', () => {
    const panel = randomPanel(2, 3, 20);
    for (const lag of [0, -1, NaN])
      expect(() => run(panel, [], () => new Float64Array(3), { lag })).toThrowError(/lag/);
  });

  it('pays nothing for knowing the return of the decision day, and a lot for knowing the next one (sabotage)', () => {
    const n = 8;
    const panel = randomPanel(99, n, 500);
    const { close } = panel.fields;
    const best = (known: number) => (row: number) => {
      const weights = new Float64Array(n);
      let winner = 0;
      const growth = (i: number) =>
        close[Math.min(499, row + known) * n + i] / close[Math.max(0, row + known - 1) * n + i];
      for (let i = 1; i < n; i++) if (growth(i) > growth(winner)) winner = i;
      weights[winner] = 1;
      return weights;
    };
    const daily = Array.from({ length: 499 }, (_, t) => t);
    const z = (known: number) => {
      const r = equityReturns(run(panel, daily, best(known)).equity).subarray(1);
      return (mean(r) / standardDeviation(r)) * Math.sqrt(r.length);
    };
    expect(Math.abs(z(0))).toBeLessThan(4);
    expect(Math.abs(z(1))).toBeLessThan(4);
    expect(z(2)).toBeGreaterThan(10);
  });
});

describe('missing prices', () => {
  const flat = (rows: number, n: number): Panel => ({
    dates: DAYS.slice(0, rows),
    assets: Array.from({ length: n }, (_, i) => `A${i}`),
    fields: { close: new Float64Array(rows * n).fill(10) },
  });

  it('keep a holding at its last price and stop it from being bought or sold', () => {
    const panel = flat(12, 2);
    panel.fields.close[6 * 2] = NaN;
    const account = run(panel, [0, 5], (row) => (row === 0 ? Float64Array.of(0.4, 0.6) : Float64Array.of(0, 1)));
    expect([...account.equity]).toEqual(new Array(12).fill(1));
    const executed = account.rebalances[1].executed ?? new Float64Array(2);
    expect(executed[0]).toBeCloseTo(0.4, 12);
    expect(executed[1]).toBeCloseTo(0.6, 12);
    const unbought = run(panel, [5], () => Float64Array.of(0.5, 0.5)).rebalances[0];
    expect([...(unbought.executed ?? [])]).toEqual([0, 0.5]);
  });

  it('never borrow: cash stays at or above zero whatever is missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = createRandom(seed);
        const panel = randomPanel(seed, 5, 90);
        for (let at = 5; at < panel.fields.close.length; at++)
          if (random.uniform() < 0.25) panel.fields.close[at] = NaN;
        const account = run(panel, periodEndRows(panel.dates, 'week'), (row) => randomWeights(createRandom(row), 5), {
          costs: { bps: 20, halfSpreadBps: 0, minimum: 0 },
          keepDailyWeights: true,
        });
        const weights = account.dailyWeights ?? new Float64Array(0);
        for (let t = 0; t < 90; t++) {
          expect(weights.subarray(t * 5, t * 5 + 5).reduce((a, b) => a + b, 0)).toBeLessThan(1 + 1e-9);
        }
        expect(account.equity.every((value) => value > 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('for long mean that the asset ended: the holding becomes cash with the stated return', () => {
    const panel = flat(20, 2);
    for (let t = 10; t < 20; t++) panel.fields.close[t * 2] = NaN;
    const account = run(panel, [0], () => Float64Array.of(0.5, 0.5), { delistingReturn: -0.3 });
    const booked = 10 + DELISTED_AFTER_ROWS - 1;
    expect(account.equity[booked - 1]).toBe(1);
    expect(account.equity[booked]).toBeCloseTo(0.85, 12);
    expect(account.delistingLoss).toBeCloseTo(0.15, 12);
    expect(account.finalWeights[0]).toBe(0);
  });

  it('are told from wrong ones', () => {
    const panel = flat(3, 1);
    panel.fields.close[1] = 0;
    expect(() => prepareMarket(panel)).toThrowError(/positive prices.*found 0 for A0/);
  });
});

describe('costs', () => {
  it('have a minimum per order and add half the spread', () => {
    const costs = { bps: 10, halfSpreadBps: 5, minimum: 2 };
    expect(orderCost(0, costs)).toBe(0);
    expect(orderCost(1000, costs)).toBeCloseTo(2.5, 12);
    expect(orderCost(100_000, costs)).toBeCloseTo(150, 12);
  });

  it('above the account are explained', () => {
    const panel = randomPanel(1, 3, 5);
    const ruinous = { bps: 0, halfSpreadBps: 0, minimum: 1 };
    expect(() => run(panel, [0], () => Float64Array.of(0.5, 0.25, 0.25), { costs: ruinous })).toThrowError(
      /costs below/,
    );
  });
});
