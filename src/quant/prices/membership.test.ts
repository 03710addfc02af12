import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoDayNumber } from '../calendar/iso-day';
import { adjustmentFactors } from './adjustment';
import { fileRole, readIndexLevels, readSectors } from './companion-files';
import { membersOn, membershipMask, readMembership } from './membership';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('membership', () => {
  const intervals = readMembership(
    bytesOf('ticker,start_date,end_date\nB,2020-01-02,2020-03-02\nA,2020-02-03,\nB,2020-05-01,\n'),
    'm.csv',
  );

  it('starts on the start date and ends before the end date', () => {
    const on = (day: string) => membersOn(intervals, isoDayNumber(day));
    expect(on('2020-01-01')).toEqual([]);
    expect(on('2020-01-02')).toEqual(['B']);
    expect(on('2020-03-01')).toEqual(['A', 'B']);
    expect(on('2020-03-02')).toEqual(['A']);
    expect(on('2020-05-01')).toEqual(['A', 'B']);
  });

  it('is the same as a mask', () => {
    const first = isoDayNumber('2019-12-25');
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 30 }), (offsets) => {
        const days = offsets.sort((a, b) => a - b).map((offset) => first + offset);
        const mask = membershipMask(intervals, days, ['A', 'B', 'C']);
        days.forEach((day, t) => {
          const members = ['A', 'B', 'C'].filter((_, n) => mask[t * 3 + n] === 1);
          expect(members).toEqual(membersOn(intervals, day));
        });
      }),
    );
  });

  it.each([
    ['a,b\n1,2\n', /ticker, start_date and end_date/],
    ['ticker,start_date,end_date\nA,2020-13-01,\n', /m.csv, line 2.*ISO day/],
    ['ticker,start_date,end_date\nA,2020-02-01,2020-01-01\n', /line 2.*end after the start/],
  ])('%j is refused with its line', (text, message) => {
    expect(() => readMembership(bytesOf(text), 'm.csv')).toThrowError(message);
  });
});

describe('files beside prices', () => {
  it.each([
    ['ticker,start_date,end_date\nA,2020-01-02,\n', 'membership'],
    ['Exchange,Symbol,Shortname,Longname,Sector,Industry\nN,A,x,y,Energy,z\n', 'companies'],
    ['Symbol,Security,GICS Sector,Date added\nA,x,Energy,2000-01-01\n', 'companies'],
    ['Date,S&P500\n2020-01-02,3000\n', 'index'],
    ['Date,SPY\n2020-01-02,3000\n', 'prices'],
    ['date,open,high,low,close,volume,Name\n2020-01-02,1,1,1,1,1,A\n', 'prices'],
  ])('%j is %s', (text, role) => {
    expect(fileRole(bytesOf(text))).toBe(role);
  });

  it('give sectors by ticker and levels by day', () => {
    const sectors = readSectors(bytesOf('Symbol,Shortname,Sector\nA,"A, Inc",Energy\nB,"B\nCorp",\n'), 'c.csv');
    expect([...sectors]).toEqual([
      ['A', 'Energy'],
      ['B', ''],
    ]);
    const index = readIndexLevels(bytesOf('Date,S&P500\n2020-01-02,3000.5\n2020-01-03,\n2020-01-06,-4\n'), 'i.csv');
    expect(index.name).toBe('S&P500');
    expect([...index.levels]).toEqual([[isoDayNumber('2020-01-02'), 3000.5]]);
    expect(index.badLines).toEqual([4]);
  });
});

describe('back-adjustment', () => {
  const dates = ['2020-01-02', '2020-01-03', '2020-01-06', '2020-01-07'];

  it('takes splits and dividends out of returns', () => {
    const factors = adjustmentFactors({
      dates,
      close: Float64Array.of(100, 100, 50, 49),
      splits: [{ date: '2020-01-06', ratio: 2 }],
      dividends: [{ date: '2020-01-07', amount: 1 }],
    });
    expect(Array.from(factors)).toEqual([0.49, 0.49, 0.98, 1]);
  });

  it('refuses events without a row and dividends above the price', () => {
    const close = Float64Array.of(1, 1, 1, 1);
    expect(() =>
      adjustmentFactors({ dates, close, splits: [{ date: '2020-01-04', ratio: 2 }], dividends: [] }),
    ).toThrowError(/ex-date 2020-01-04/);
    expect(() =>
      adjustmentFactors({ dates, close, splits: [], dividends: [{ date: dates[1], amount: 1 }] }),
    ).toThrowError(/below the price/);
  });
});
