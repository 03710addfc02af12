import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayNumberOf, formatIsoDay, isoDayNumber, weekdayOf } from './iso-day';
import { isTradingDay, nextTradingDay, nyseHolidays, tradingDays } from './nyse';
import { isPeriodEnd, nextRebalanceDate, periodEndRows, periodKey } from './rebalance-dates';

describe('iso days', () => {
  it('agree with the platform calendar on every day tried', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (n) => {
        const platform = new Date(n * 86_400_000);
        if (platform.getUTCFullYear() < 1900) return;
        expect(formatIsoDay(n)).toBe(platform.toISOString().slice(0, 10));
        expect((weekdayOf(n) + 1) % 7).toBe(platform.getUTCDay());
        expect(isoDayNumber(formatIsoDay(n))).toBe(n);
      }),
    );
  });

  it.each(['2023-02-29', '2024-13-01', '2024-1-1', '20240101', '2024-00-10', ''])('refuse %j', (text) => {
    expect(() => isoDayNumber(text)).toThrowError(/Expected an ISO day/);
  });
});

describe('NYSE calendar', () => {
  it('has the published holidays of 2024', () => {
    expect(nyseHolidays(2024).map(formatIsoDay)).toEqual([
      '2024-01-01',
      '2024-01-15',
      '2024-02-19',
      '2024-03-29',
      '2024-05-27',
      '2024-06-19',
      '2024-07-04',
      '2024-09-02',
      '2024-11-28',
      '2024-12-25',
    ]);
  });

  it('does not move a Saturday New Year to Friday, but moves a Sunday one to Monday', () => {
    expect(isTradingDay('2021-12-31')).toBe(true);
    expect(isTradingDay('2023-01-02')).toBe(false);
  });

  it('counts the published number of trading days a year', () => {
    const count = (year: number) => tradingDays(`${year}-01-01`, `${year}-12-31`).length;
    expect([2001, 2012, 2015, 2018, 2020, 2023, 2024].map(count)).toEqual([248, 250, 252, 251, 253, 250, 252]);
  });

  it('steps over week-ends, holidays and counts', () => {
    expect(nextTradingDay('2024-03-28')).toBe('2024-04-01');
    expect(nextTradingDay('2024-03-28', 2)).toBe('2024-04-02');
  });

  const spy = '../shared/golden/inputs/metrics_spy_and_stocks_2005_2024.csv.gz';
  it.skipIf(!existsSync(spy))(
    'equals the dates of twenty years of real prices (skipped where ../shared is absent)',
    () => {
      const lines = gunzipSync(readFileSync(spy)).toString('utf8').trim().split('\n').slice(1);
      const dates = lines.map((line) => line.slice(0, 10));
      expect(tradingDays(dates[0], dates[dates.length - 1])).toEqual(dates);
    },
  );
});

describe('rebalance dates', () => {
  it('are the last rows of periods that the data shows to be over', () => {
    const dates = tradingDays('2024-01-02', '2024-04-30');
    expect(periodEndRows(dates, 'month').map((t) => dates[t])).toEqual(['2024-01-31', '2024-02-29', '2024-03-28']);
    expect(periodEndRows(dates, 'quarter').map((t) => dates[t])).toEqual(['2024-03-28']);
    expect(periodEndRows([], 'month')).toEqual([]);
  });

  it('never include the last row and never skip a change of period', () => {
    const all = tradingDays('2019-01-02', '2021-12-31');
    fc.assert(
      fc.property(
        fc.subarray(all, { minLength: 1 }),
        fc.constantFrom('week', 'month', 'quarter', 'year'),
        (dates, f) => {
          const rows = periodEndRows(dates, f);
          expect(rows.length).toBe(new Set(dates.map((day) => periodKey(day, f))).size - 1);
          expect(rows).not.toContain(dates.length - 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('treat Monday to Sunday as one week across a year end', () => {
    expect(periodKey('2024-12-30', 'week')).toBe(periodKey('2025-01-05', 'week'));
    expect(periodKey('2024-12-29', 'week')).not.toBe(periodKey('2024-12-30', 'week'));
    expect(dayNumberOf({ year: 1970, month: 1, day: 1 })).toBe(0);
  });

  it('know the next month end from the exchange calendar', () => {
    expect(nextRebalanceDate('2024-03-05', 'month')).toBe('2024-03-28');
    expect(nextRebalanceDate('2024-03-28', 'month')).toBe('2024-04-30');
    expect(nextRebalanceDate('2024-03-28', 'week')).toBe('2024-04-05');
    expect(isPeriodEnd('2024-03-28', 'quarter')).toBe(true);
    expect(isPeriodEnd('2024-03-27', 'month')).toBe(false);
  });
});
