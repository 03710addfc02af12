import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradingDays } from '../calendar/nyse';
import { buyAndHoldFinal, equalWeightIndex, lastOfPeriod, returnFrame, returnsOf, selectAssets } from './returns';

const prices = fc.array(fc.double({ min: 0.5, max: 500, noNaN: true }), { minLength: 4, maxLength: 60 });

describe('returns', () => {
  it('compound back to the price path, simple and log', () => {
    fc.assert(
      fc.property(prices, (path) => {
        const p = Float64Array.from(path);
        const growth = returnsOf(p, 1).reduce((product, r) => product * (1 + r), 1);
        const logSum = returnsOf(p, 1, 'log').reduce((sum, r) => sum + r, 0);
        expect(growth).toBeCloseTo(p[p.length - 1] / p[0], 6);
        expect(logSum).toBeCloseTo(Math.log(p[p.length - 1] / p[0]), 9);
      }),
    );
  });

  it('are missing on the date of a missing price and on the next one', () => {
    const returns = returnsOf(Float64Array.of(10, 11, NaN, 12, 13), 1);
    expect([...returns].map(Number.isNaN)).toEqual([false, true, true, false]);
  });

  it('of an empty or one-row table are empty', () => {
    expect(returnsOf(new Float64Array(0), 3)).toHaveLength(0);
    expect(returnsOf(Float64Array.of(1, 2, 3), 3)).toHaveLength(0);
  });
});

describe('resampling', () => {
  it('keeps the true last date of each month and the unfinished last one', () => {
    const dates = tradingDays('2024-01-02', '2024-03-12');
    const frame = { dates, assets: ['A'], values: Float64Array.from(dates.keys()) };
    const monthly = lastOfPeriod(frame, 'month');
    expect(monthly.dates).toEqual(['2024-01-31', '2024-02-29', '2024-03-12']);
    expect([...monthly.values].map((t) => dates[t])).toEqual(monthly.dates);
    expect(returnFrame(monthly).dates).toEqual(['2024-02-29', '2024-03-12']);
  });
});

describe('columns', () => {
  it('come in the order asked for, and an absent one is named', () => {
    const frame = { dates: ['2024-01-02'], assets: ['A', 'B', 'C'], values: Float64Array.of(1, 2, 3) };
    expect([...selectAssets(frame, ['C', 'A']).values]).toEqual([3, 1]);
    expect(() => selectAssets(frame, ['D'])).toThrowError(/"D".*A, B, C/);
  });
});

describe('equal weight', () => {
  it('follows the mean of the returns that exist', () => {
    expect([...equalWeightIndex(Float64Array.of(0.1, 0.3, NaN, -0.5, NaN, NaN), 2)]).toEqual([1.2, 0.6, 0.6]);
  });

  it('bought once ends at the mean growth', () => {
    expect(buyAndHoldFinal(Float64Array.of(1, 2, NaN, 3, 2, 5), 3)).toBe(2);
  });
});
