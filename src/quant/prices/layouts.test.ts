import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIsoDay, isoDayNumber } from '../calendar/iso-day';
import { symbolOfFileName } from './column-roles';
import { findFileIssues } from './file-issues';
import { detectLayout } from './layouts';
import { readPriceFile, type FileRead } from './normalize';
import { PRESET_FORMATS, type Bar } from './vendor-fixtures.test-data';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const FIRST = isoDayNumber('2021-06-01');

const cents = (least: number, most: number) => fc.integer({ min: least, max: most }).map((value) => value / 100);

/** Daily bars of one ticker, ascending, at least one day above 12. */
const barSeries: fc.Arbitrary<Bar[]> = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 4 }), cents(500, 400_000), cents(0, 300), cents(0, 300), fc.nat(99_999_999)),
    { minLength: 15, maxLength: 40 },
  )
  .map((steps) => {
    let day = FIRST;
    return steps.map(([gap, close, up, down, volume]) => {
      day += gap;
      const round = (value: number) => Math.round(value * 100) / 100;
      return {
        date: formatIsoDay(day),
        open: round(close + up / 2),
        high: round(close + up),
        low: round(Math.max(0.01, close - down)),
        close,
        volume,
      };
    });
  });

function barsOf(read: FileRead): Bar[] {
  const of = (field: 'open' | 'high' | 'low' | 'close' | 'volume', row: number) =>
    read.rows.columns.get(field)?.[row] ?? NaN;
  return Array.from(read.order, (row) => ({
    date: formatIsoDay(read.rows.day[row]),
    open: of('open', row),
    high: of('high', row),
    low: of('low', row),
    close: of('close', row),
    volume: of('volume', row),
  }));
}

describe('every vendor layout', () => {
  it.each(PRESET_FORMATS)('$layout comes back as it was written', ({ layout, fileName, write, lossyVolume }) => {
    fc.assert(
      fc.property(barSeries, (bars) => {
        const read = readPriceFile(bytesOf(write(bars)), fileName);
        expect(read.layout).toBe(layout);
        expect(read.rejects).toEqual([]);
        expect(read.rows.symbols.texts).toEqual(['XYZ']);
        const found = barsOf(read);
        const comparable = (bar: Bar) => (lossyVolume ? { ...bar, volume: 0 } : bar);
        expect(found.map(comparable)).toEqual(bars.map(comparable));
      }),
      { numRuns: 30 },
    );
  });
});

describe('wide tables', () => {
  it('may have tickers that are also names of fields', () => {
    const header = ['Date', 'A', 'C', 'O', 'H', 'L', 'V', 'T', 'LOW', 'OPEN', 'AAPL', 'X', 'Y'];
    const text = `${header.join(',')}\n2024-01-02,${header
      .slice(1)
      .map((_, i) => i + 1)
      .join(',')}\n`;
    const plan = detectLayout(bytesOf(text), 'closes.csv');
    expect(plan.layout).toBe('wide-close');
    expect(plan.wide.map(({ symbol }) => symbol)).toEqual(header.slice(1));
  });

  it('may have the date last, quotes and numbers as names', () => {
    const plan = detectLayout(bytesOf('"MSFT","600519","Date"\n1.5,2.5,"2024-01-02"\n'), 'closes.csv');
    expect(plan.wide.map(({ symbol }) => symbol)).toEqual(['MSFT', '600519']);
  });
});

describe('ticker from a file name', () => {
  it.each([
    ['aapl_us_d.csv', 'AAPL'],
    ['aapl.us.txt', 'AAPL'],
    ['BRK-B.US.csv', 'BRK-B'],
    ['AAPL Historical Data.csv', 'AAPL'],
    ['AAPL Historical Data (1).csv', 'AAPL'],
    ['HistoricalData_JPM.csv', 'JPM'],
    ['HistoricalQuotes_JPM.csv', 'JPM'],
    ['daily_MSFT.csv', 'MSFT'],
    ['WIKI-GE.csv', 'GE'],
    ['wkn_BMW_historic.csv', 'BMW'],
    ['XOM_Daily.csv', 'XOM'],
    ['KO.Last.txt', 'KO'],
    ['yahoo_IBM.csv.gz', 'IBM'],
    ['A_data.csv', 'A'],
    ['some/folder/tiingo_GE.json', 'GE'],
    ['NVDA.csv', 'NVDA'],
  ])('%s → %s', (name, symbol) => {
    expect(symbolOfFileName(name)).toBe(symbol);
  });
});

describe('issues of a file', () => {
  const csv = (bars: readonly Bar[]) =>
    `Date,Open,High,Low,Close,Volume\n${bars.map((bar) => `${bar.date},${bar.open},${bar.high},${bar.low},${bar.close},${bar.volume}`).join('\n')}\n`;
  /** A calm series, so that nothing but the planted defect is wrong. */
  const calm: Bar[] = Array.from({ length: 20 }, (_, i) => ({
    date: formatIsoDay(FIRST + i),
    open: 100 + i,
    high: 102 + i,
    low: 98 + i,
    close: 101 + i,
    volume: 1000,
  }));
  const issues = (text: string) => findFileIssues(bytesOf(text), 'x.csv');
  const changed = (i: number, change: Partial<Record<keyof Bar, unknown>>) =>
    csv(calm.map((bar, k) => (k === i ? ({ ...bar, ...change } as Bar) : bar)));

  it('has none in a clean file, up or down in time', () => {
    expect(issues(csv(calm))).toEqual({ issues: [], usableRows: 20 });
    expect(issues(csv([...calm].reverse()))).toEqual({ issues: [], usableRows: 20 });
  });

  it('finds the one that was planted, wherever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 18 }), fc.constantFrom('open', 'high', 'low', 'close'), (i, field) => {
        const { date } = calm[i];
        expect(issues(changed(i, { [field]: -5 }))).toMatchObject({
          issues: [{ kind: 'non_positive_price', date, field }],
          usableRows: 19,
        });
        expect(issues(changed(i, { [field]: 'abc' }))).toMatchObject({
          issues: [{ kind: 'non_numeric', date, field }],
          usableRows: 20,
        });
        expect(issues(changed(i, { high: calm[i].low, low: calm[i].high }))).toMatchObject({
          issues: [{ kind: 'ohlc_inconsistent', date }],
          usableRows: 20,
        });
        for (const factor of [0.1, 0.01, 10, 100]) {
          const spike = {
            open: calm[i].open * factor,
            high: calm[i].high * factor,
            low: calm[i].low * factor,
            close: calm[i].close * factor,
          };
          expect(issues(changed(i, spike))).toEqual({ issues: [{ kind: 'price_spike', date }], usableRows: 20 });
        }
        expect(issues(csv([...calm, calm[i]]))).toMatchObject({
          issues: [{ kind: 'duplicate_date', date, conflicting: false }],
          usableRows: 20,
        });
        const other = { ...calm[i], close: calm[i].close + 0.5 };
        expect(issues(csv([...calm, other]))).toMatchObject({
          issues: [{ kind: 'duplicate_date', date, conflicting: true }],
          usableRows: 20,
        });
        expect(issues(csv([...calm.slice(i), ...calm.slice(0, i)]))).toEqual({
          issues: i === 0 ? [] : [{ kind: 'unsorted' }],
          usableRows: 20,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('finds a row that was cut off, with its line', () => {
    const whole = csv(calm);
    const cut = whole.slice(0, whole.lastIndexOf(',') - 2);
    expect(issues(cut.slice(0, cut.lastIndexOf(',')))).toMatchObject({
      issues: [{ kind: 'truncated_row', row: 21 }],
      usableRows: 19,
    });
  });

  it('never throws for damaged files', () => {
    const source = bytesOf(csv(calm));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }),
        fc.nat(source.length),
        (edits, length) => {
          const bytes = source.slice();
          for (const [at, value] of edits) bytes[at] = value;
          findFileIssues(bytes.subarray(0, length), 'x.csv');
        },
      ),
      { numRuns: 3000 },
    );
  });
});
