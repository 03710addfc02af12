import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { mean, standardDeviation, variance } from '../array/stats';
import { deflatedSharpe, sharpeSample } from '../inference/sharpe';
import { auditSplits } from '../validation/split-audit';
import { purgedKFold } from '../validation/splits';
import type { Panel } from '../panel';
import { alteredFuture } from './altered-future';
import { BitDigest, firstDifference } from './bits';
import { GUARD_IDS } from './guard';
import { beforeHoldout } from './holdout-seal/withheld';
import { lagFinding } from './lag-stress/guard';
import { rankIcScore, returnScore } from './noise-market/scores';
import { noisePrices } from './noise-prices';
import { guardSpecs } from './registry';
import { countOverlaps } from './split-structure/row-sets';
import { todaysMembers } from './survivorship';
import type { Trace } from './study';

const LONG = process.env['SEXTANT_LONG'] === '1';

it('every guard has a spec that says what it proves and what its gate is', () => {
  expect(guardSpecs.map(({ id }) => id)).toEqual([...GUARD_IDS]);
  for (const { title, proves, gate } of guardSpecs)
    for (const text of [title, proves, gate]) expect(text).toMatch(/\w/);
});

describe('bits', () => {
  it('differ for every number, order, name and shape that differs', () => {
    const hex = (value: unknown) => new BitDigest().add(value).hex();
    const values = [
      0,
      -0,
      1,
      '1',
      [1],
      [1, 2],
      [2, 1],
      [[1], 2],
      { a: 1 },
      { b: 1 },
      { a: 1, b: 2 },
      '',
      [],
      NaN,
      1e-300,
      null,
    ];
    expect(new Set(values.map(hex)).size).toBe(values.length);
    expect(hex({ a: 1, b: 2 })).toBe(hex({ b: 2, a: 1 }));
    expect(hex(Float64Array.of(NaN))).toBe(hex(Float64Array.of(-NaN)));
  });
  it('change with any single bit of a number', () => {
    const whole = new Float64Array(50).map((_, i) => i / 7);
    const reference = new BitDigest().add(whole).hex();
    const words = new Uint32Array(whole.buffer);
    for (let word = 0; word < words.length; word++) {
      for (let bit = 0; bit < 32; bit++) {
        words[word] ^= 1 << bit;
        expect(new BitDigest().add(whole).hex()).not.toBe(reference);
        words[word] ^= 1 << bit;
      }
    }
  });
  it('of two arrays are compared up to a position, missing values being equal', () => {
    expect(firstDifference(Float64Array.of(1, NaN, 3), Float64Array.of(1, NaN, 4), 2)).toBe(-1);
    expect(firstDifference(Float64Array.of(1, NaN, 3), Float64Array.of(1, NaN, 4), 3)).toBe(2);
    expect(firstDifference(Float64Array.of(1, 2), Float64Array.of(1, NaN), 2)).toBe(1);
    expect(firstDifference(Float64Array.of(0), Float64Array.of(-0), 1)).toBe(0);
  });
});

function panelOf(rows: number, n: number): Panel {
  const random = createRandom(3);
  const close = Float64Array.from({ length: rows * n }, () => 10 + random.uniform());
  return {
    dates: Array.from({ length: rows }, (_, t) => new Date(Date.UTC(2020, 0, 1 + t)).toISOString().slice(0, 10)),
    assets: Array.from({ length: n }, (_, i) => `A${i}`),
    fields: { close, volume: close.map((price) => Math.round(price * 100)) },
    membership: new Uint8Array(rows * n).fill(1),
  };
}

describe('another future', () => {
  const panel = panelOf(120, 30);
  const data = { panel, benchmark: { name: 'I', levels: Float64Array.from(panel.dates, (_, t) => 100 + t) } };
  const past = (values: ArrayLike<number>, rows: number) => Array.from(values).slice(0, rows * 30);

  it.each([0, 1, 57, 117])('keeps everything up to row %i and changes every kind of thing after it', (lastKnown) => {
    const other = alteredFuture(data, { lastKnown, seed: 5 });
    const rows = lastKnown + 1;
    expect(past(other.panel.fields.close, rows)).toEqual(past(panel.fields.close, rows));
    expect(past(other.panel.fields.volume ?? [], rows)).toEqual(past(panel.fields.volume ?? [], rows));
    expect(past(other.panel.membership ?? [], rows)).toEqual(past(panel.membership ?? [], rows));
    expect(other.panel.dates.slice(0, rows + 1)).toEqual(panel.dates.slice(0, rows + 1));
    expect([...(other.benchmark?.levels ?? [])].slice(0, rows)).toEqual([...data.benchmark.levels].slice(0, rows));
    const later = (values: ArrayLike<number>) => Array.from(values).slice(rows * 30);
    expect(later(other.panel.fields.close).every((price, k) => price !== panel.fields.close[rows * 30 + k])).toBe(true);
    expect(later(other.panel.fields.close).some(Number.isNaN)).toBe(true);
    expect(later(other.panel.membership ?? []).some((member) => member === 0)).toBe(true);
    expect(other.panel.dates[119] === panel.dates[119]).toBe(lastKnown >= 118);
    expect(new Set(other.panel.dates).size).toBe(120);
    expect(other.panel.dates.toSorted()).toEqual(other.panel.dates);
  });
  it('can be one that has not happened, or one in which only existence changes', () => {
    expect(alteredFuture(data, { lastKnown: 40, seed: 1, rowsAfter: 0 }).panel.dates).toEqual(panel.dates.slice(0, 41));
    const { panel: other } = alteredFuture(data, { lastKnown: 40, seed: 1, channel: 'existence' });
    expect(other.dates).toEqual(panel.dates);
    other.fields.close.forEach((price, cell) => {
      if (!Number.isNaN(price)) expect(price).toBe(panel.fields.close[cell]);
    });
    expect(other.fields.close.some(Number.isNaN)).toBe(true);
  });
});

describe('noise prices', () => {
  const source = { panel: panelOf(2000, 12), benchmark: null };
  it('keep shape and fields, have mean zero returns and volatility that clusters', () => {
    const zs: number[] = [];
    const clustering: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const { panel } = noisePrices(source, { assets: 6, rows: 1500 }, seed);
      expect([panel.dates.length, panel.assets.length, Object.keys(panel.fields)]).toEqual([
        1500,
        6,
        ['close', 'volume'],
      ]);
      const r = Float64Array.from(
        { length: 1499 },
        (_, t) => panel.fields.close[(t + 1) * 6] / panel.fields.close[t * 6] - 1,
      );
      zs.push((mean(r) / standardDeviation(r)) * Math.sqrt(r.length));
      const squares = r.map((x) => x * x);
      const center = mean(squares);
      const product = mean(squares.subarray(1).map((x, t) => (x - center) * (squares[t] - center)));
      clustering.push(product / variance(squares));
    }
    expect(Math.abs(mean(zs)) * Math.sqrt(zs.length)).toBeLessThan(4);
    expect(standardDeviation(zs)).toBeLessThan(1.6);
    expect(mean(clustering)).toBeGreaterThan(0.05);
  });
});

describe('the structural split audit', () => {
  /** What an overlap is, by definition: every pair of samples, every row of both labels. */
  function oracle(
    train: readonly number[],
    test: readonly number[],
    h: number,
    lag: number,
    before: number,
    after: number,
  ) {
    return train.filter((s) =>
      test.some((t) => {
        const reads = Array.from({ length: h + 1 }, (_, k) => s + lag + k);
        const unknown = Array.from({ length: h + lag + before + after }, (_, k) => t + 1 - before + k);
        return unknown.some((row) => reads.includes(row));
      }),
    ).length;
  }

  it('agrees with the definition in 10,000 random splits, horizons, lags, embargoes and calendars', () => {
    const random = createRandom(11);
    let clean = 0;
    for (let round = 0; round < 10_000; round++) {
      const rows = 5 + random.integer(30);
      // A calendar with holes: some days are in no sample.
      const days = Array.from({ length: rows }, (_, row) => row).filter(() => random.uniform() < 0.8);
      const share = random.uniform();
      const contiguous = random.uniform() < 0.5;
      const cut = random.integer(rows);
      const isTest = (row: number) => (contiguous ? row >= cut : random.uniform() < share);
      const test = days.filter(isTest);
      const train = days.filter((row) => !test.includes(row) && row < cut + random.integer(rows));
      const [horizon, lag, before, after] = [
        1 + random.integer(6),
        1 + random.integer(3),
        random.integer(4),
        random.integer(4),
      ];
      const counted = countOverlaps({ train, test, horizon, lag, embargoBefore: before, embargoAfter: after });
      const expected = oracle(train, test, horizon, lag, before, after);
      if (counted !== expected) expect({ train, test, horizon, lag, before, after, counted }).toEqual({ expected });
      if (counted === 0) clean += 1;
    }
    expect(clean).toBeGreaterThan(500);
    expect(clean).toBeLessThan(9_500);
  });

  it('agrees with the audit of walk-forward plans, in both directions', () => {
    const numbers = fc.record({
      trainLength: fc.integer({ min: 1, max: 30 }),
      gap: fc.integer({ min: 0, max: 15 }),
      testLength: fc.integer({ min: 1, max: 10 }),
      horizon: fc.integer({ min: 1, max: 6 }),
      lag: fc.integer({ min: 1, max: 3 }),
      embargo: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(numbers, ({ trainLength, gap, testLength, horizon, lag, embargo }) => {
        const last = trainLength - 1;
        const first = last + gap;
        const train = Array.from({ length: trainLength }, (_, row) => row);
        const test = Array.from({ length: testLength }, (_, k) => first + k);
        const fold = {
          fitRow: first,
          firstTrainRow: 0,
          lastTrainRow: last,
          firstTestRow: first,
          lastTestRow: first + testLength - 1,
        };
        const overlaps = countOverlaps({ train, test, horizon, lag, embargoBefore: embargo, embargoAfter: 0 });
        expect(auditSplits([fold], horizon, lag, embargo).ok).toBe(overlaps === 0);
      }),
      { numRuns: LONG ? 10_000 : 2_000 },
    );
  });

  it('finds no overlap in purged K-folds, and some in every one that is purged for too short a horizon (sabotage)', () => {
    for (const [samples, folds, horizon, embargo] of [
      [100, 5, 5, 0],
      [97, 3, 10, 4],
      [60, 6, 1, 1],
    ]) {
      const overlapsFor = (h: number) =>
        purgedKFold(samples, folds, horizon, embargo).reduce((sum, { train, test }) => {
          const rows = train.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, k) => a + k));
          const tested = Array.from({ length: test[1] - test[0] + 1 }, (_, k) => test[0] + k);
          return (
            sum +
            countOverlaps({ train: rows, test: tested, horizon: h, lag: 0, embargoBefore: 0, embargoAfter: embargo })
          );
        }, 0);
      expect(overlapsFor(horizon)).toBe(0);
      expect(overlapsFor(horizon + 2)).toBeGreaterThan(0);
    }
  });
});

describe('scores of skill', () => {
  const trace = (ics: readonly number[], assets: number): Trace => ({
    dates: [],
    assets: [],
    features: null,
    steps: [],
    folds: ics.map((rankIc, k) => ({
      fitRow: k,
      train: [[0, 0]],
      test: [[k, k]],
      statedRows: 1,
      fittedRows: 1,
      rankIc,
      decisions: 1,
    })),
    strategies: [],
    offered: [],
    forecastCounts: [assets],
    stopped: null,
  });
  it('measure the mean rank IC in exact standard errors of independent ranks', () => {
    const score = rankIcScore([trace([0.5, -0.5, 0.5, -0.5], 26)], 1);
    expect(score?.value).toBeCloseTo(0, 12);
    expect(score?.standardError).toBeCloseTo(Math.sqrt(1 / 25 / 4), 12);
    expect(rankIcScore([trace([], 26)], 1)).toBeNull();
    expect(rankIcScore([trace([0.1, 0.1], 26)], 4)?.standardError).toBeCloseTo(Math.sqrt((4 * 1) / 25 / 2), 12);
  });
  it('pool the t statistics of independent returns', () => {
    const random = createRandom(1);
    const series = Array.from({ length: 50 }, () => Float64Array.from({ length: 400 }, () => random.normal()));
    expect(Math.abs(returnScore(series)?.z ?? 9)).toBeLessThan(4);
    expect(returnScore(series.map((r) => r.map((x) => x + 0.1)))?.z).toBeGreaterThan(10);
    expect(returnScore([new Float64Array(5)])).toBeNull();
  });
});

describe('the lag stress', () => {
  it.each([
    [1.2, 1.1, 'passed'],
    [1.2, 0.6, 'passed'],
    [1.2, 0.59, 'warning'],
    [1.2, -0.5, 'warning'],
    [-0.4, -1, 'passed'],
    [0, 1, 'passed'],
    [NaN, 1, 'not-run'],
  ])('from a Sharpe ratio of %d to %d: %s', (before, after, status) => {
    expect(lagFinding(before, after, 1)).toMatchObject({ status });
  });
});

describe('the deflated Sharpe ratio', () => {
  const REPEATS = LONG ? 200 : 20;
  it(
    `calls the best of 1,000 strategies without skill insignificant in at least 95 % of ${REPEATS} repeats`,
    { timeout: 300_000 },
    () => {
      const TRIALS = 1000;
      const DAYS = 252;
      let insignificant = 0;
      let fooled = 0;
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const random = createRandom(9000 + repeat);
        const samples = Array.from({ length: TRIALS }, () =>
          sharpeSample(Float64Array.from({ length: DAYS }, () => 0.01 * random.normal())),
        );
        const best = samples.reduce((most, sample) => (sample.sharpe > most.sharpe ? sample : most));
        const spread = variance(samples.map(({ sharpe }) => sharpe));
        if (1 - deflatedSharpe(best, spread, TRIALS) > 0.05) insignificant += 1;
        if (1 - deflatedSharpe(best, spread, 1) <= 0.05) fooled += 1;
      }
      expect(insignificant / REPEATS).toBeGreaterThanOrEqual(0.95);
      // Not counting the trials would have called almost every one of them significant.
      expect(fooled / REPEATS).toBeGreaterThan(0.95);
    },
  );
});

describe('the sealed range', () => {
  it('ends on the day before the holdout', () => {
    expect(beforeHoldout({ holdout: '2020-03-01' })).toMatchObject({ to: '2020-02-29' });
    expect(beforeHoldout({ holdout: '2020-03-01', to: '2019-05-05' })).toMatchObject({ to: '2019-05-05' });
    expect(beforeHoldout({ holdout: '2020-03-01', to: '2022-05-05' })).toMatchObject({ to: '2020-02-29' });
    expect(beforeHoldout({ to: '2022-05-05' })).toEqual({ to: '2022-05-05' });
  });
  it('cannot hold back everything', () => {
    expect(() => beforeHoldout({ holdout: '2020-03-01', from: '2020-03-01' })).toThrowError(/after data.from/);
  });
});

it('the members of the last day are those that are listed and priced on it, on every day', () => {
  const panel = panelOf(4, 3);
  const close = panel.fields.close.slice();
  close[3 * 3 + 1] = NaN;
  const membership = Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1]);
  const { panel: today } = todaysMembers({ panel: { ...panel, fields: { close }, membership }, benchmark: null });
  expect([...(today.membership ?? [])]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
});
