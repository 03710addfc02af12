import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { isoDayNumber } from '../calendar/iso-day';
import { tradingDays } from '../calendar/nyse';
import { scanQuality } from './quality';
import { QUALITY_DEFAULTS, type QualityReport } from './quality-report';

const ASSETS = ['AAA', 'BBB', 'CCC'];
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
type Fields = Record<(typeof FIELDS)[number], Float64Array>;

interface Sheet {
  dates: string[];
  readonly fields: Fields;
  /** Position of an asset on a date. */
  at(asset: string, t: number): number;
}

/** Three calm assets on the New York calendar: nothing to find but the missing benchmark and the missing membership. */
function calmSheet(): Sheet {
  const dates = tradingDays('2021-01-04', '2023-12-29');
  const random = createRandom(5);
  const empty = () => new Float64Array(dates.length * ASSETS.length);
  const fields: Fields = { open: empty(), high: empty(), low: empty(), close: empty(), volume: empty() };
  for (let n = 0; n < ASSETS.length; n++) {
    let price = 100;
    for (let t = 0; t < dates.length; t++) {
      const cell = t * ASSETS.length + n;
      fields.open[cell] = price;
      price *= 1 + 0.01 * Math.max(-3, Math.min(3, random.normal()));
      fields.close[cell] = price;
      fields.high[cell] = Math.max(price, fields.open[cell]) * 1.002;
      fields.low[cell] = Math.min(price, fields.open[cell]) * 0.998;
      fields.volume[cell] = 1000;
    }
  }
  return { dates, fields, at: (asset, t) => t * ASSETS.length + ASSETS.indexOf(asset) };
}

function scan(sheet: Sheet, given: { hasBenchmark?: boolean; hasMembership?: boolean } = {}): QualityReport {
  return scanQuality({
    panel: { dates: sheet.dates, assets: ASSETS, fields: sheet.fields },
    days: Int32Array.from(sheet.dates, isoDayNumber),
    hasBenchmark: given.hasBenchmark ?? true,
    hasMembership: given.hasMembership ?? true,
    fromReading: [],
    options: QUALITY_DEFAULTS,
  });
}

/** What a planted defect adds to the report of the calm sheet. */
function planted(change: (sheet: Sheet) => void): Record<string, { count: number; sample: unknown }> {
  const sheet = calmSheet();
  change(sheet);
  return Object.fromEntries(
    scan(sheet).findings.map(({ kind, count, samples }) => [kind, { count, sample: samples[0] }]),
  );
}

const erase = (sheet: Sheet, asset: string, from: number, to: number) => {
  for (let t = from; t < to; t++) for (const field of FIELDS) sheet.fields[field][sheet.at(asset, t)] = NaN;
};
const scale = (sheet: Sheet, asset: string, from: number, to: number, factor: number) => {
  for (let t = from; t < to; t++)
    for (const field of ['open', 'high', 'low', 'close'] as const) sheet.fields[field][sheet.at(asset, t)] *= factor;
};

describe('the quality report', () => {
  it('has nothing to say about a calm market', () => {
    const report = scan(calmSheet());
    expect(report.findings).toEqual([]);
    expect(report.coverageByYear).toEqual([
      { year: 2021, assets: 3, rows: 252 * 3, share: 1 },
      { year: 2022, assets: 3, rows: 251 * 3, share: 1 },
      { year: 2023, assets: 3, rows: 250 * 3, share: 1 },
    ]);
  });

  it('misses benchmark and membership', () => {
    const kinds = scan(calmSheet(), { hasBenchmark: false, hasMembership: false }).findings.map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['missing_benchmark', 'survivorship']);
  });

  it('finds missing cells', () => {
    const found = planted((sheet) => (sheet.fields.open[sheet.at('BBB', 40)] = NaN));
    expect(found).toEqual({
      missing_values: { count: 1, sample: { asset: 'BBB', date: '2021-03-03', value: null, note: 'open' } },
    });
  });

  it('finds bars that contradict themselves', () => {
    expect(planted(({ fields, at }) => (fields.high[at('AAA', 9)] = 1))).toMatchObject({
      high_below_low: { count: 1, sample: { asset: 'AAA' } },
    });
    expect(planted(({ fields, at }) => (fields.high[at('AAA', 9)] = fields.close[at('AAA', 9)] * 0.999))).toMatchObject(
      { close_outside_range: { count: 1 } },
    );
    expect(planted(({ fields, at }) => (fields.volume[at('AAA', 9)] = 0))).toEqual({
      zero_volume: expect.objectContaining({ count: 1 }),
    });
  });

  it('tells a jump from a spike and from a split', () => {
    expect(planted((sheet) => scale(sheet, 'CCC', 300, 754, 0.55))).toEqual({
      jumps: expect.objectContaining({ count: 1 }),
    });
    expect(planted((sheet) => scale(sheet, 'CCC', 300, 301, 0.7))).toEqual({
      reversal_spikes: expect.objectContaining({ count: 1 }),
    });
    expect(planted((sheet) => scale(sheet, 'CCC', 300, 754, 0.5))).toMatchObject({
      suspected_splits: { count: 1, sample: { asset: 'CCC', note: '2 for 1' } },
    });
    expect(planted((sheet) => scale(sheet, 'CCC', 300, 754, 10))).toMatchObject({
      suspected_splits: { count: 1, sample: { note: '1 for 10' } },
    });
  });

  it('finds stale and constant prices', () => {
    const freeze = (from: number, to: number) => (sheet: Sheet) => {
      for (let t = from; t < to; t++)
        for (const field of ['open', 'high', 'low', 'close'] as const) sheet.fields[field][sheet.at('AAA', t)] = 100;
    };
    expect(planted(freeze(5, 9))).toEqual({});
    expect(planted(freeze(5, 11))).toMatchObject({ stale_prices: { count: 1, sample: { asset: 'AAA', value: 6 } } });
    expect(planted(freeze(0, 754))).toEqual({ constant_prices: expect.objectContaining({ count: 1 }) });
  });

  it('finds gaps, and calls a long one a possible reuse of the ticker', () => {
    expect(planted((sheet) => erase(sheet, 'BBB', 100, 103))).toMatchObject({
      gaps: { count: 1, sample: { asset: 'BBB', value: 3, date: '2021-05-27' } },
    });
    expect(planted((sheet) => erase(sheet, 'BBB', 100, 300))).toMatchObject({
      gaps: { count: 1 },
      ticker_reuse: { count: 1, sample: { asset: 'BBB', value: 200 } },
    });
  });

  it('finds late starts and early ends', () => {
    expect(planted((sheet) => erase(sheet, 'AAA', 0, 50))).toEqual({
      late_start: { count: 1, sample: { asset: 'AAA', date: '2021-03-17', value: 50 } },
    });
    expect(planted((sheet) => erase(sheet, 'AAA', 700, 754))).toMatchObject({
      early_end: { count: 1, sample: { asset: 'AAA', value: 53 } },
    });
  });

  it('finds week-end and holiday rows and missing sessions', () => {
    const moved = (t: number, date: string) => planted((sheet) => (sheet.dates[t] = date));
    expect(moved(4, '2021-01-09')).toMatchObject({
      weekend_rows: { count: 3, sample: { date: '2021-01-09', value: 3 } },
      missing_sessions: { count: 1, sample: { date: '2021-01-08' } },
    });
    expect(moved(9, '2021-01-18')).toMatchObject({
      holiday_rows: { count: 3 },
      missing_sessions: { count: 1, sample: { date: '2021-01-15' } },
    });
  });
});
