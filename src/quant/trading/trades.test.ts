import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tradesToTargets, type TradeInput } from './trades';

const input = (change: Partial<TradeInput>): TradeInput => ({
  targets: new Map([
    ['A', 0.5],
    ['B', 0.5],
  ]),
  prices: new Map([
    ['A', 10],
    ['B', 20],
  ]),
  holdings: new Map(),
  cash: 1000,
  lot: 1,
  costRate: 0,
  minimumCost: 0,
  ...change,
});

test('a first purchase buys whole lots worth the target weights', () => {
  const list = tradesToTargets(input({}));
  expect(list.trades.map(({ asset, side, shares }) => [asset, side, shares])).toEqual([
    ['A', 'buy', 50],
    ['B', 'buy', 25],
  ]);
  expect(list.turnover).toBeCloseTo(0.5, 12);
  expect(list.cashAfter).toBe(0);
});

test('a holding that is no longer wanted is sold completely, odd lots included', () => {
  const list = tradesToTargets(
    input({
      holdings: new Map([['C', 7]]),
      prices: new Map([
        ['A', 10],
        ['B', 20],
        ['C', 3],
      ]),
      lot: 5,
    }),
  );
  expect(list.trades[0]).toMatchObject({ asset: 'C', side: 'sell', shares: 7 });
});

test('a holding without a price is named and left alone', () => {
  expect(tradesToTargets(input({ holdings: new Map([['GONE', 3]]) })).unknown).toEqual(['GONE']);
});

test('an account worth nothing is refused with the amount found', () => {
  expect(() => tradesToTargets(input({ cash: 0 }))).toThrow(/worth more than 0, found 0/);
});

test('cash after the trades and their costs is never negative', () => {
  const money = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      money,
      money,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.02, noNaN: true }),
      (cash, shares, weight, costRate) => {
        fc.pre(cash > 1);
        const list = tradesToTargets(
          input({
            cash,
            holdings: new Map([['A', Math.floor(shares / 10)]]),
            targets: new Map([
              ['A', weight],
              ['B', 1 - weight],
            ]),
            costRate,
            minimumCost: 1,
          }),
        );
        // Sells alone may cost more than they bring when the least fee exceeds a tiny position.
        const fees = list.trades.filter((trade) => trade.side === 'sell').reduce((sum, trade) => sum + trade.cost, 0);
        expect(list.cashAfter).toBeGreaterThanOrEqual(Math.min(0, cash - fees) - 1e-6);
      },
    ),
  );
});
