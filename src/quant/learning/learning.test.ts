import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { leastNormSolve } from './linear-system';
import { momentsOf } from './moments';
import { applyScaler, scaleMoments, scalerOf } from './scaler';
import { forecastRows, labelInterval, MomentLedger, trainingRows, type TrainingTable } from './training-rows';

function randomTable(T: number, N: number, K: number, seed: number): TrainingTable {
  const random = createRandom(seed);
  const draw = () => Float64Array.from({ length: T * N }, () => (random.uniform() < 0.1 ? NaN : random.normal()));
  return {
    names: Array.from({ length: K }, (_, k) => `f${k}`),
    columns: Array.from({ length: K }, draw),
    labels: draw(),
    assets: N,
    lag: 1,
    horizon: 5,
  };
}

describe('training rows', () => {
  const table = randomTable(60, 4, 3, 1);

  test('hold exactly the complete cells of their dates, in order', () => {
    const { X, y, cells } = trainingRows(table, 10, 30, 40);
    const expected = Array.from({ length: 21 * 4 }, (_, i) => 40 + i).filter(
      (cell) => !Number.isNaN(table.labels[cell]) && table.columns.every((column) => !Number.isNaN(column[cell])),
    );
    expect([...cells]).toEqual(expected);
    cells.forEach((cell, i) => {
      expect(y[i]).toBe(table.labels[cell]);
      expect([...X.subarray(i * 3, i * 3 + 3)]).toEqual(table.columns.map((column) => column[cell]));
    });
  });

  test('never reach past the fit: no label interval ends after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 59 }), fc.integer({ min: 0, max: 59 }), (knownAt, last) => {
        const ends = labelInterval(table, last)[1];
        const build = () => trainingRows(table, 0, last, knownAt);
        if (ends > knownAt) expect(build).toThrow(/labels are not known yet/);
        else
          for (const cell of build().cells)
            expect(labelInterval(table, Math.floor(cell / 4))[1]).toBeLessThanOrEqual(knownAt);
      }),
    );
  });

  test('what happens after the fit changes no training row', () => {
    const changed = { ...table, labels: table.labels.map((label, cell) => (cell >= 35 * 4 ? 1e6 : label)) };
    expect(trainingRows(changed, 0, 34, 40)).toEqual(trainingRows(table, 0, 34, 40));
  });

  test('forecast rows need features, not labels', () => {
    const blind = { ...table, labels: table.labels.map(() => NaN) };
    expect(forecastRows(blind, 59).cells.length).toBeGreaterThan(0);
    expect(forecastRows(blind, 59)).toEqual(forecastRows(table, 59));
  });
});

describe('moments', () => {
  test('of any range of dates equal those of the pooled rows', () => {
    const table = randomTable(100, 5, 4, 2);
    const ledger = new MomentLedger(table, 7);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 92 }), fc.integer({ min: 0, max: 92 }), (a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const { X, y } = trainingRows(table, first, last, 99);
        const direct = momentsOf(X, y, 4);
        const summed = ledger.between(first, last, 99);
        expect(summed.rows).toBe(direct.rows);
        summed.scatter.forEach((value, i) => expect(Math.abs(value - direct.scatter[i])).toBeLessThan(1e-10));
        summed.mean.forEach((value, i) => expect(Math.abs(value - direct.mean[i])).toBeLessThan(1e-12));
      }),
      { numRuns: 60 },
    );
    expect(() => ledger.between(0, 95, 99)).toThrow(/not known yet/);
  });

  test('are centered where they are taken: a large level costs no digits', () => {
    const random = createRandom(3);
    const rows = 5000;
    const X = Float64Array.from({ length: rows }, () => 1e8 + random.normal());
    const y = X.map((x) => x - 1e8);
    const { scatter } = momentsOf(X, y, 1);
    expect(scatter[1] / scatter[0]).toBeCloseTo(1, 7);
  });

  test('scaled afterwards equal the moments of scaled rows', () => {
    const random = createRandom(4);
    const X = Float64Array.from({ length: 300 * 3 }, (_, i) => (i % 3 === 1 ? 7 : random.normal() * 10 ** (i % 3) + 5));
    const y = Float64Array.from({ length: 300 }, () => random.normal());
    const moments = momentsOf(X, y, 3);
    const scaler = scalerOf(moments);
    expect(scaler.deviation[1]).toBe(0);
    applyScaler(scaler, X);
    const direct = momentsOf(X, y, 3);
    scaleMoments(scaler, moments).scatter.forEach((value, i) => expect(value).toBeCloseTo(direct.scatter[i], 9));
    expect(direct.scatter[0] / 300).toBeCloseTo(1, 12);
  });
});

describe('least-norm systems', () => {
  test('split a coefficient between identical columns', () => {
    const [a, b, c] = leastNormSolve(Float64Array.of(4, 4, 0, 4, 4, 0, 0, 0, 0), 3, Float64Array.of(8, 8, 0));
    expect(a).toBeCloseTo(1, 12);
    expect(b).toBeCloseTo(1, 12);
    expect(c).toBe(0);
  });
});
