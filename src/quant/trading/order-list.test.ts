/** Order lists over random books: cash, lots, minimums and shares of volume hold in every one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderList, type OrderListInput } from './order-list';

const asset = fc.record({
  weight: fc.double({ min: 0, max: 1, noNaN: true }),
  price: fc.double({ min: 0.5, max: 900, noNaN: true }),
  held: fc.integer({ min: 0, max: 5_000 }),
  adv: fc.double({ min: 1, max: 1e7, noNaN: true }),
});
const book = fc
  .record({
    assets: fc.array(asset, { minLength: 1, maxLength: 12 }),
    cash: fc.double({ min: 1, max: 1e6, noNaN: true }),
    lot: fc.constantFrom(1, 10, 100),
    costRate: fc.double({ min: 0, max: 0.01, noNaN: true }),
    minimumCost: fc.constantFrom(0, 1, 25),
    minimumNotional: fc.constantFrom(0, 100, 5_000),
    maxAdvShare: fc.constantFrom(null, 0.01, 0.1),
  })
  .map(({ assets, ...rules }): OrderListInput => {
    const total = assets.reduce((sum, { weight }) => sum + weight, 0) || 1;
    const by = <T>(value: (one: (typeof assets)[number]) => T) =>
      new Map(assets.map((one, i) => [`A${i}`, value(one)] as const));
    return {
      ...rules,
      targets: by(({ weight }) => weight / total),
      prices: by(({ price }) => price),
      holdings: by(({ held }) => held),
      adv: by(({ adv }) => adv),
    };
  });

describe('orderList', () => {
  it('never overdraws, never sells what is not held, keeps lots, minimums and shares of volume', () => {
    fc.assert(
      fc.property(book, (input) => {
        const { trades, leftOut, cashAfter, cost } = orderList(input);
        expect(cashAfter).toBeGreaterThanOrEqual(-1e-6);
        let cash = input.cash;
        let lastSide = 'sell';
        for (const { asset: name, side, shares, price, notional, cost: own } of trades) {
          expect(lastSide === 'buy' && side === 'sell').toBe(false);
          lastSide = side;
          const held = input.holdings.get(name) ?? 0;
          if (side === 'sell') expect(shares).toBeLessThanOrEqual(held);
          const closes = side === 'sell' && shares === held;
          if (!closes && held % input.lot === 0) expect(shares % input.lot).toBe(0);
          expect(notional).toBeCloseTo(shares * price, 6);
          if (input.maxAdvShare !== null) {
            expect(notional).toBeLessThanOrEqual(input.maxAdvShare * (input.adv.get(name) ?? 0) + 1e-6);
          }
          if (!closes) expect(notional).toBeGreaterThanOrEqual(Math.min(input.minimumNotional, notional));
          cash += (side === 'sell' ? notional : -notional) - own;
          // In their own order, too: at no moment is more spent than there is.
          expect(cash).toBeGreaterThanOrEqual(-1e-6);
        }
        expect(cash).toBeCloseTo(cashAfter, 4);
        expect(cost).toBeCloseTo(
          trades.reduce((sum, trade) => sum + trade.cost, 0),
          6,
        );
        const traded = new Set(trades.map(({ asset: name }) => name));
        for (const { asset: name, reason } of leftOut) {
          expect(traded.has(name)).toBe(false);
          expect(reason).not.toBe('');
        }
      }),
      { numRuns: 400 },
    );
  });

  it('refuses to trade what has no volume while volume is limited', () => {
    const input: OrderListInput = {
      targets: new Map([['A', 1]]),
      prices: new Map([['A', 10]]),
      holdings: new Map(),
      cash: 1_000,
      lot: 1,
      costRate: 0,
      minimumCost: 0,
      minimumNotional: 0,
      maxAdvShare: 0.1,
      adv: new Map(),
    };
    expect(() => orderList(input)).toThrow('traded volume of A');
    expect(orderList({ ...input, maxAdvShare: null }).trades).toHaveLength(1);
    const cut = orderList({ ...input, adv: new Map([['A', 2_000]]) });
    expect([cut.trades[0].shares, cut.cut.get('A')]).toEqual([20, 100]);
  });
});
