import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPriceFile } from '../prices/normalize';
import { SECTORS } from './companies';
import { generateMarket, type Market } from './market';
import { companyChunks, marketFiles, priceChunks } from './market-files';
import { PREDICTABILITY } from './preset';

const market = generateMarket('small', 1);

function ranks(values: readonly number[]): number[] {
  const result: number[] = [];
  [...values.keys()].sort((a, b) => values[a] - values[b]).forEach((i, rank) => (result[i] = rank));
  return result;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
  return sum((i) => (a[i] - ma) * (b[i] - mb)) / Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2));
}

/** Rank correlation of the score at t with the next 21 days, every 21 days. */
function monthlyIcs({ companies, dates, fields, score }: Market): number[] {
  const width = companies.length;
  const found: number[] = [];
  for (let t = 5; t + 21 < dates.length; t += 21) {
    const listed = companies.flatMap((company, n) => (company.from <= t && t + 21 < company.to ? [n] : []));
    const next = listed.map((n) => fields.close[(t + 21) * width + n] / fields.close[t * width + n] - 1);
    found.push(correlation(ranks(listed.map((n) => score[t * width + n])), ranks(next)));
  }
  return found;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the sample market', () => {
  it('is the same, bit for bit, for the same seed, and another one for another seed', () => {
    const again = generateMarket('small', 1);
    expect(again).toEqual(market);
    expect(generateMarket('small', 2).fields.close).not.toEqual(market.fields.close);
  });

  it('quotes bars that do not contradict themselves, inside the life of each company only', () => {
    const { companies, dates, fields } = market;
    const width = companies.length;
    companies.forEach((company, n) => {
      for (let t = 0; t < dates.length; t++) {
        const cell = t * width + n;
        const alive = t >= company.from && t < company.to;
        expect(Number.isNaN(fields.close[cell])).toBe(!alive);
        if (!alive) continue;
        const [o, h, l, c] = [fields.open[cell], fields.high[cell], fields.low[cell], fields.close[cell]];
        if (!(l > 0 && l <= Math.min(o, c) && h >= Math.max(o, c)))
          expect.fail(`${company.ticker} ${dates[t]} ${o} ${h} ${l} ${c}`);
        expect(fields.volume[cell]).toBe(Math.round(fields.volume[cell]));
      }
    });
  });

  it('has every sector, late listings, delistings, a crash and clustered volatility', () => {
    expect(new Set(market.companies.map(({ sector }) => sector)).size).toBe(SECTORS.length);
    expect(market.companies.filter(({ from }) => from > 0)).toHaveLength(5);
    expect(market.companies.filter(({ to }) => to < market.dates.length)).toHaveLength(3);
    expect(new Set(market.companies.map(({ ticker }) => ticker)).size).toBe(60);
    let peak = 0;
    const drawdown = Math.min(...market.index.map((level) => level / (peak = Math.max(peak, level)) - 1));
    expect(drawdown).toBeLessThan(-0.2);
    const squared = Array.from(market.index.slice(1), (level, t) => Math.log(level / market.index[t]) ** 2);
    expect(correlation(squared.slice(1), squared.slice(0, -1))).toBeGreaterThan(0.1);
  });

  it('keeps about the wanted number of members, all of them listed', () => {
    for (const date of market.dates.filter((_, t) => t % 50 === 0)) {
      const members = market.membership.filter(({ start, end }) => start <= date && (end === null || end > date));
      expect(members.length).toBeGreaterThan(40);
      expect(members.length).toBeLessThan(60);
      for (const { ticker } of members) {
        const company = market.companies.find((candidate) => candidate.ticker === ticker);
        expect(market.dates[company?.from ?? -1] <= date).toBe(true);
      }
    }
  });

  it('has the weak predictability that it documents, on average over seeds', () => {
    const ics = Array.from({ length: 12 }, (_, i) => mean(monthlyIcs(generateMarket('small', 100 + i))));
    expect(mean(ics)).toBeGreaterThan(PREDICTABILITY.monthlyRankIc - 0.015);
    expect(mean(ics)).toBeLessThan(PREDICTABILITY.monthlyRankIc + 0.015);
  });

  it('comes back from its own price file as it was', () => {
    const bytes = new TextEncoder().encode([...priceChunks(market)].join(''));
    const { rows, layout, rejects } = readPriceFile(bytes, 'sample_stocks.csv');
    expect(layout).toBe('kaggle-all-stocks');
    expect(rejects).toEqual([]);
    const row = new Map(market.dates.map((date, t) => [date, t]));
    const column = new Map(market.companies.map(({ ticker }, n) => [ticker, n]));
    expect(rows.length).toBe(market.companies.reduce((sum, { from, to }) => sum + to - from, 0));
    fc.assert(
      fc.property(fc.nat(rows.length - 1), (i) => {
        const date = new Date(rows.day[i] * 86_400_000).toISOString().slice(0, 10);
        const cell =
          (row.get(date) ?? -1) * market.companies.length + (column.get(rows.symbols.texts[rows.symbol[i]]) ?? -1);
        for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
          expect(rows.columns.get(field)?.[i]).toBe(market.fields[field][cell]);
        }
      }),
    );
  });

  it('writes the four files of an import', () => {
    expect(marketFiles(market).map(({ name }) => name)).toEqual([
      'sample_stocks.csv',
      'sample_companies.csv',
      'sample_index.csv',
      'sample_membership.csv',
    ]);
    expect([...companyChunks(market)].join('').split('\n')).toHaveLength(62);
  });
});
