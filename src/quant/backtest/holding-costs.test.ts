import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { Panel } from '../panel';
import { capacityOf } from './capacity';
import { FREE_TRADING, impactCost } from './costs';
import { liquidityAt } from './liquidity';
import { type CorporateAction, prepareMarket } from './market';
import { type SimulationOptions, Simulator } from './simulator';
import { TranchedAccount } from './tranched-account';

const N = 4;
const DAYS = tradingDays('2020-01-02', '2020-12-31');
const impact = { coefficient: 1, exponent: 0.5, window: 20 };

function panel(seed: number, volume = 1e5): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(DAYS.length * N).fill(50);
  for (let at = N; at < close.length; at++) close[at] = close[at - N] * Math.exp(0.01 * random.normal());
  return { dates: DAYS, assets: ['A', 'B', 'C', 'D'], fields: { close, volume: close.map(() => volume) } };
}

function simulate(
  data: Panel,
  options: Partial<SimulationOptions> = {},
  targets = [0.25, 0.25, 0.25, 0.25],
  actions: readonly CorporateAction[] = [],
) {
  const account = new Simulator(prepareMarket(data, actions), {
    startRow: 30,
    endRow: DAYS.length - 1,
    lag: 1,
    costs: FREE_TRADING,
    initialCapital: 1e6,
    delistingReturn: 0,
    ...options,
  });
  for (let row = 30; row + 21 < DAYS.length; row += 21) {
    account.advanceTo(row);
    account.order(Float64Array.from(targets));
  }
  return account.finish();
}

const last = (x: Float64Array) => x[x.length - 1];

describe('market impact', () => {
  it('follows the power law: four times the order costs eight times at exponent ½', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), (notional) => {
        const one = impactCost(notional, 1e7, 0.02, impact);
        expect(impactCost(4 * notional, 1e7, 0.02, impact) / one).toBeCloseTo(8, 9);
      }),
    );
    // 10 % of daily volume at 2 % volatility: 0.02 √0.1 of the notional.
    expect(impactCost(1e6, 1e7, 0.02, impact)).toBeCloseTo(1e6 * 0.02 * Math.sqrt(0.1), 6);
    expect(impactCost(0, 1e7, 0.02, impact)).toBe(0);
  });

  it('changes nothing at coefficient 0 and rises with capital', () => {
    const free = simulate(panel(1));
    expect(simulate(panel(1), { costs: { ...FREE_TRADING, impact: { ...impact, coefficient: 0 } } }).equity).toEqual(
      free.equity,
    );
    const drag = (capital: number) => {
      const { equity, carry } = simulate(panel(1), {
        costs: { ...FREE_TRADING, impact },
        initialCapital: capital,
      });
      expect(carry.impact).toBeGreaterThan(0);
      return 1 - last(equity) / capital / (last(free.equity) / 1e6);
    };
    expect(drag(1e5)).toBeGreaterThan(0);
    expect(drag(1e7) / drag(1e5)).toBeGreaterThan(5);
  });

  it('reads volume and prices before the fill only', () => {
    const base = panel(2);
    const market = prepareMarket(base);
    const changed = base.fields.volume?.map((v, at) => (at >= 100 * N ? v * 9 : v)) ?? new Float64Array(0);
    const later = prepareMarket({ ...base, fields: { ...base.fields, volume: changed } });
    expect(liquidityAt(later, 99, 1, 20)).toEqual(liquidityAt(market, 99, 1, 20));
    expect(liquidityAt(later, 100, 1, 20).adv).toBeGreaterThan(liquidityAt(market, 100, 1, 20).adv);
  });

  it('asks for volume where there is none', () => {
    const { close } = panel(1).fields;
    const costs = { ...FREE_TRADING, impact };
    expect(() => simulate({ ...panel(1), fields: { close } }, { costs })).toThrowError(/Import volume/);
    expect(() => simulate(panel(1, 0), { costs })).toThrowError(/Expected traded volume of A/);
  });
});

describe('cash, shorts and financing', () => {
  const rates = { borrowBps: 0, cashRate: 0, financingSpread: 0 };

  it('earns interest on what is not invested', () => {
    const { equity, carry } = simulate(panel(3), { rates: { ...rates, cashRate: 0.0252 } }, [0, 0, 0, 0]);
    const days = DAYS.length - 31;
    expect(last(equity)).toBeCloseTo(1e6 * 1.0001 ** days, 3);
    expect(carry.interest).toBeCloseTo(last(equity) - 1e6, 3);
  });

  it('charges borrow on shorts and the spread on negative cash', () => {
    const flat: Panel = { ...panel(4), fields: { close: new Float64Array(DAYS.length * N).fill(10) } };
    const days = DAYS.length - 32;
    const short = simulate(flat, { rates: { ...rates, borrowBps: 252 } }, [-0.5, 0, 0, 0]);
    expect(short.carry.borrow).toBeGreaterThan(0);
    expect(1e6 - last(short.equity)).toBeCloseTo(short.carry.borrow, 4);
    expect(short.carry.borrow / (5e5 * 1e-4 * days)).toBeCloseTo(1, 1);
    const free = simulate(flat, { rates }, [-0.5, 0, 0, 0]);
    expect(last(free.equity)).toBeCloseTo(1e6, 6);
  });

  it('is the plain account, bit for bit, at zero rates', () => {
    expect(simulate(panel(5), { rates }).equity).toEqual(simulate(panel(5)).equity);
  });
});

describe('corporate actions on raw prices', () => {
  it('make a split invisible and book a dividend as cash', () => {
    const base = panel(6);
    const row = 100;
    const raw = base.fields.close.map((price, at) => (at % N === 1 && at >= row * N ? price / 4 : price));
    const split = [{ row, asset: 1, splitRatio: 4, cashPerShare: 0 }];
    const adjusted = simulate(base);
    const actual = simulate({ ...base, fields: { close: raw } }, {}, undefined, split);
    actual.equity.forEach((value, t) => {
      expect(value / adjusted.equity[t]).toBeCloseTo(1, 12);
    });
    const paid = base.fields.close.map((price, at) => (at % N === 1 && at >= row * N ? price - 2 : price));
    const dividend = [{ row, asset: 1, splitRatio: 1, cashPerShare: 2 }];
    const { equity, carry } = simulate({ ...base, fields: { close: paid } }, {}, undefined, dividend);
    expect(equity[row - 30] / adjusted.equity[row - 30]).toBeCloseTo(1, 12);
    expect(carry.dividends).toBeGreaterThan(0);
  });

  it('would show as a loss if it were left out (sabotage)', () => {
    const base = panel(6);
    const raw = base.fields.close.map((price, at) => (at % N === 1 && at >= 100 * N ? price / 4 : price));
    expect(last(simulate({ ...base, fields: { close: raw } }).equity)).toBeLessThan(0.9 * last(simulate(base).equity));
  });

  it('values a halted holding at its price after the split, and refuses impossible actions', () => {
    const base = panel(7);
    const close = base.fields.close.map((price, at) => (at === 50 * N ? NaN : price));
    const market = prepareMarket({ ...base, fields: { close } }, [
      { row: 50, asset: 0, splitRatio: 2, cashPerShare: 0 },
    ]);
    expect(market.valuation[50 * N]).toBe(base.fields.close[49 * N] / 2);
    expect(() => prepareMarket(base, [{ row: 5, asset: 0, splitRatio: 0, cashPerShare: 0 }])).toThrowError(/ratio 0/);
  });
});

describe('tranches', () => {
  it('of one are the plain account, bit for bit; of three they add up and average', () => {
    const market = prepareMarket(panel(8));
    const options: SimulationOptions = {
      startRow: 30,
      endRow: DAYS.length - 1,
      lag: 1,
      costs: { bps: 10, halfSpreadBps: 0, minimum: 0 },
      initialCapital: 9e5,
      delistingReturn: 0,
    };
    const targets = Float64Array.of(0.4, 0.3, 0.2, 0.1);
    const run = (count: number) => {
      const account = new TranchedAccount(market, options, count);
      for (let row = 30, k = 0; row + 2 < DAYS.length; row += 7, k++) {
        account.advanceTo(row);
        account.order(k === 0 ? Array.from({ length: count }, (_, j) => j) : [k % count], () => targets);
      }
      return account.finish();
    };
    const one = run(1);
    expect(one.whole).toBe(one.tranches[0]);
    const { whole, tranches } = run(3);
    whole.equity.forEach((value, t) => {
      expect(value).toBeCloseTo(tranches[0].equity[t] + tranches[1].equity[t] + tranches[2].equity[t], 6);
    });
    for (const record of whole.rebalances) {
      if (record.fillRow < 0) continue;
      expect(record.executed?.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
      expect(record.equityBefore - record.cost).toBeCloseTo(record.equityAfter, 6);
    }
    expect(whole.finalWeights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
  });
});

describe('capacity', () => {
  const options = { impact, capital: 1e6, excessReturn: 0.03, participation: 0.1 };
  const rotating = (data: Panel, changes: Partial<SimulationOptions> = {}) => {
    const account = new Simulator(prepareMarket(data), {
      startRow: 30,
      endRow: DAYS.length - 1,
      lag: 1,
      costs: FREE_TRADING,
      initialCapital: 1e6,
      delistingReturn: 0,
      ...changes,
    });
    for (let row = 30, k = 0; row + 21 < DAYS.length; row += 21, k++) {
      account.advanceTo(row);
      account.order(Float64Array.from({ length: N }, (_, i) => (i === k % N ? 0.7 : 0.1)));
    }
    return account.finish();
  };

  it('is where impact equals the excess return: four times the volume carries four times the money', () => {
    const market = prepareMarket(panel(9));
    const simulation = rotating(panel(9));
    const found = capacityOf(market, simulation, options);
    const there = capacityOf(market, simulation, { ...options, capital: found.capacity });
    expect(there.impactDrag).toBeCloseTo(0.03, 12);
    const deep = capacityOf(prepareMarket(panel(9, 4e5)), simulation, options);
    expect(deep.capacity / found.capacity).toBeCloseTo(4, 9);
    expect(deep.participation.largest * 4).toBeCloseTo(found.participation.largest, 9);
    expect(found.daysToTrade.worst).toBeCloseTo(found.participation.largest / 0.1, 9);
  });

  it('predicts what the account pays', () => {
    const capital = 1e5;
    const { carry } = rotating(panel(10), { costs: { ...FREE_TRADING, impact }, initialCapital: capital });
    const free = rotating(panel(10), { initialCapital: capital });
    const { impactDrag } = capacityOf(prepareMarket(panel(10)), free, { ...options, capital });
    const years = (DAYS.length - 32) / 252;
    // The account also pays for its first purchase, and drifts a little.
    expect(carry.impact / capital / (impactDrag * years)).toBeGreaterThan(0.85);
    expect(carry.impact / capital / (impactDrag * years)).toBeLessThan(1.3);
  });

  it('is 0 without an excess return and says so; too few rebalances are named', () => {
    const market = prepareMarket(panel(9));
    expect(capacityOf(market, rotating(panel(9)), { ...options, excessReturn: -0.01 })).toMatchObject({
      capacity: 0,
      verdict: expect.stringContaining('capacity is 0'),
    });
    const once = simulate(panel(9), { endRow: 40 });
    expect(() => capacityOf(market, { ...once, rebalances: once.rebalances.slice(0, 1) }, options)).toThrowError(
      /at least 2 filled rebalances/,
    );
  });
});
