import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createRandom } from '../array/random';
import { model as boosting } from '../models/gradient-boosting/model';
import { params as boostingParams } from '../models/gradient-boosting/spec';
import type { TrainingSet } from '../models/model';
import { permutationImportance } from '../models/permutation-importance';
import { model as forest } from '../models/random-forest/model';
import { params as forestParams } from '../models/random-forest/spec';
import { binEdges } from './bin-edges';

const seed = { seed: 3 };
const boost = (given: z.input<typeof boostingParams>) => boostingParams.parse({ minLeafRows: 10, ...given });

function noisy(rows: number, K: number, draw: number, target: (x: Float64Array) => number): TrainingSet {
  const random = createRandom(draw);
  const X = Float64Array.from({ length: rows * K }, () => random.normal());
  const y = Float64Array.from(
    { length: rows },
    (_, i) => target(X.subarray(i * K, (i + 1) * K)) + 0.1 * random.normal(),
  );
  return { featureNames: Array.from({ length: K }, (_, k) => `f${k}`), X, y };
}

/** 20 rows a day, a label that takes 5 days. */
function dated(data: TrainingSet): TrainingSet {
  return { ...data, timing: { days: Int32Array.from(data.y, (_, i) => Math.floor(i / 20)), reach: 5 } };
}

const meanSquare = (forecast: Float64Array, y: Float64Array) =>
  forecast.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / y.length;

/** scikit-learn 1.2.1, HistGradientBoostingRegressor(max_iter=8, learning_rate=0.3, max_leaf_nodes=8, min_samples_leaf=10,
 *  l2_regularization=0.5), on rows that anybody can write down. */
describe('scikit-learn gives the same forecasts', () => {
  const rows = 300;
  const X = Float64Array.from({ length: rows * 3 }, (_, at) => {
    const i = Math.floor(at / 3);
    return [(i * 37) % 101, (i * 53) % 89, (i * 71) % 97][at % 3];
  });
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const [a, b, c] = X.subarray(3 * i, 3 * i + 3);
    return (a > 40 ? 1 : 0) + 0.02 * b + 0.3 * Math.sin(c / 9);
  });
  const probe = [0, 1, 17, 60, 133, 210, 299];
  const settings = { rounds: 8, learningRate: 0.3, maxLeaves: 8, l2: 0.5 };
  const withMissing = X.map((value, at) => (at % 21 === 0 ? NaN : value));

  test.each([
    [
      'without constraints',
      X,
      [0.362150707, 1.209528374, 0.232119042, 2.136798943, 1.200014367, 1.273362283, 1.18346023],
      0.018787783,
    ],
    [
      'with missing values',
      withMissing,
      [0.713188007, 1.257483715, 0.247750119, 2.055548975, 0.907398303, 0.768816668, 1.148462229],
      0.0494018195,
    ],
  ])('%s', (_, features, expected, loss) => {
    const data = { featureNames: ['a', 'b', 'c'], X: features, y };
    const forecast = boosting.forecast(boosting.fit(data, boost(settings), seed), features);
    probe.forEach((row, i) => expect(forecast[row]).toBeCloseTo(expected[i], 5));
    expect(meanSquare(forecast, y)).toBeCloseTo(loss, 7);
  });
});

describe('gradient boosting', () => {
  test('never moves against a monotone feature', () => {
    fc.assert(
      fc.property(fc.nat(1e6), (draw) => {
        const data = noisy(300, 3, draw, ([a, b]) => 0.3 * a - 0.2 * b + 0.4 * Math.sin(3 * a));
        const monotone = { f0: 'rising', f1: 'falling' } as const;
        const fitted = boosting.fit(data, boost({ rounds: 20, learningRate: 0.3, monotone }), seed);
        const along = (k: number) => {
          const X = new Float64Array(60 * 3).fill(draw % 2 === 0 ? 0.3 : -0.7);
          for (let i = 0; i < 60; i++) X[3 * i + k] = -3 + i / 10;
          return boosting.forecast(fitted, X);
        };
        along(0).forEach((value, i, all) => expect(value).toBeGreaterThanOrEqual(all[Math.max(0, i - 1)] - 1e-12));
        along(1).forEach((value, i, all) => expect(value).toBeLessThanOrEqual(all[Math.max(0, i - 1)] + 1e-12));
      }),
      { numRuns: 15 },
    );
  });

  test('without the constraint the same data does move against it', () => {
    const data = noisy(300, 3, 8, ([a, b]) => 0.3 * a - 0.2 * b + 0.4 * Math.sin(3 * a));
    const fitted = boosting.fit(data, boost({ rounds: 20, learningRate: 0.3 }), seed);
    const X = Float64Array.from({ length: 180 }, (_, at) => (at % 3 === 0 ? -3 + at / 30 : 0.3));
    const forecast = boosting.forecast(fitted, X);
    expect(forecast.some((value, i) => i > 0 && value < forecast[i - 1] - 0.01)).toBe(true);
  });

  test('every round lowers the training error', () => {
    const data = noisy(500, 4, 1, ([a, b, c]) => a * b + Math.sin(c));
    const losses = [1, 2, 5, 10, 40].map((rounds) =>
      meanSquare(boosting.forecast(boosting.fit(data, boost({ rounds }), seed), data.X), data.y),
    );
    losses.forEach((loss, i) => expect(loss).toBeLessThan(i === 0 ? 1.5 : losses[i - 1]));
  });

  test('a missing value goes where it was seen to belong; where none was seen, with the most rows', () => {
    const data = noisy(400, 2, 5, () => 0);
    for (let i = 0; i < 400; i += 4) {
      data.X[2 * i] = NaN;
      data.y[i] += 2;
    }
    const fitted = boosting.fit(data, boost({ rounds: 60, learningRate: 0.2 }), seed);
    const [missing, present] = boosting.forecast(fitted, Float64Array.of(NaN, 0, 0.1, 0));
    expect(missing).toBeGreaterThan(1.7);
    expect(present).toBeLessThan(0.3);
    const clean = noisy(400, 1, 5, ([a]) => (a > 0.8 ? 1 : 0));
    const other = boosting.fit(clean, boost({ rounds: 60, learningRate: 0.2 }), seed);
    const [unseen, low] = boosting.forecast(other, Float64Array.of(NaN, -0.5));
    expect(Math.abs(unseen - low)).toBeLessThan(0.1);
  });

  test('noise stops early, a signal does not; held-out and purged days leave no trace in the trees', () => {
    const signal = dated(noisy(2000, 3, 2, ([a]) => a));
    const noise = dated(noisy(2000, 3, 2, () => 0));
    const settings = boost({ rounds: 100, patience: 10, learningRate: 0.1 });
    expect(boosting.fit(noise, settings, seed).roots.length).toBeLessThan(15);
    expect(boosting.fit(signal, settings, seed).roots.length).toBeGreaterThan(30);

    // 100 days, the last 15 held out, labels of 5 days: days 80 … 84 are purged.
    const touched = (from: number) => {
      const y = signal.y.map((value, i) => (Math.floor(i / 20) >= from ? -1000 - i : value));
      return boosting.fit({ ...signal, y }, { ...settings, rounds: 1 }, seed);
    };
    const plain = boosting.fit(signal, { ...settings, rounds: 1 }, seed);
    expect({ ...touched(80), validationLoss: [] }).toEqual({ ...plain, validationLoss: [] });
    // The twin: a day before that does matter.
    expect(touched(79).value).not.toEqual(plain.value);
  });

  test('dated rows in another order, sampled rows and features: the same trees', () => {
    const data = dated(noisy(800, 9, 4, ([a, b]) => a + b * b));
    const order = createRandom(1).shuffle(Int32Array.from(data.y.keys()));
    const shuffled = {
      ...data,
      X: data.X.map((_, at) => data.X[order[Math.floor(at / 9)] * 9 + (at % 9)]),
      y: data.y.map((_, i) => data.y[order[i]]),
      timing: { days: Int32Array.from(order, (row) => Math.floor(row / 20)), reach: 5 },
    };
    const settings = boost({ rounds: 30, rowShare: 0.5, featureShare: 0.4 });
    expect(boosting.fit(shuffled, settings, seed)).toEqual(boosting.fit(data, settings, seed));
    const trees = forestParams.parse({ trees: 10, minLeafRows: 5 });
    expect(forest.fit(shuffled, trees, seed)).toEqual(forest.fit(data, trees, seed));
    expect(forest.fit(data, trees, { seed: 4 })).not.toEqual(forest.fit(data, trees, seed));
  });

  test('an unknown monotone feature is refused with the names there are', () => {
    const data = noisy(200, 2, 1, ([a]) => a);
    expect(() => boosting.fit(data, boost({ monotone: { momentum: 'rising' } }), seed)).toThrow(/f0, f1.*momentum/s);
  });
});

describe.each([
  ['gradient-boosting', boosting, boost({ rounds: 10, rowShare: 0.0001 }), boost({ rounds: 10 })],
  [
    'random-forest',
    forest,
    forestParams.parse({ trees: 10, minLeafRows: 10 }),
    forestParams.parse({ trees: 10, minLeafRows: 10 }),
  ],
] as const)('%s on bad input', (_, model, sparse, settings) => {
  // One model and its parameters at a time; the pairs above hold that together.
  const fit = (data: TrainingSet, params: unknown) => model.fit(data, params as never, seed);
  const finite = (data: TrainingSet, params: unknown) =>
    expect(model.forecast(fit(data, params) as never, data.X).every(Number.isFinite)).toBe(true);

  test('a draw without rows, a wholly missing column, one column, equal rows', () => {
    const data = noisy(200, 3, 1, ([a]) => a);
    finite(data, sparse);
    finite({ ...data, X: data.X.map((value, at) => (at % 3 === 1 ? NaN : value)) }, settings);
    finite({ ...data, X: data.X.map(() => NaN) }, settings);
    finite(
      noisy(200, 1, 1, ([a]) => a),
      settings,
    );
    const equal = { ...data, X: data.X.map(() => 1.5), y: data.y.map(() => 0.3) };
    expect(model.forecast(fit(equal, settings) as never, equal.X)).toEqual(new Float64Array(200).fill(0.3));
  });

  test('targets of any size', () => {
    for (const size of [1e-200, 1e-9, 1e12, 1e200]) {
      const data = noisy(200, 2, 1, ([a]) => a);
      const scaled = { ...data, y: data.y.map((value) => value * size) };
      const forecast = model.forecast(fit(scaled, settings) as never, data.X);
      const plain = model.forecast(fit(data, settings) as never, data.X);
      expect(forecast.every(Number.isFinite)).toBe(true);
      if (model === boosting) forecast.forEach((value, i) => expect(value / size).toBeCloseTo(plain[i], 5));
    }
  });
});

test('a forest beats the mean on a bent signal that a line cannot follow', () => {
  const target = ([a, b]: Float64Array) => a * b;
  const data = noisy(1500, 4, 1, target);
  const fresh = noisy(1500, 4, 2, target);
  const fitted = forest.fit(data, forestParams.parse({ minLeafRows: 5, featureShare: 0.5 }), seed);
  expect(meanSquare(forest.forecast(fitted, fresh.X), fresh.y)).toBeLessThan(
    0.5 * meanSquare(new Float64Array(1500), fresh.y),
  );
});

test('bins cut between values where they are few and at quantiles where they are many', () => {
  const all = (X: Float64Array) => binEdges(X, 1, Uint32Array.from(X.keys()))[0];
  expect([...all(Float64Array.of(3, 1, 2, 2, NaN))]).toEqual([1.5, 2.5]);
  expect(all(new Float64Array(9).fill(7))).toHaveLength(0);
  const random = createRandom(1);
  const many = Float64Array.from({ length: 51_000 }, () => random.normal());
  const edges = all(many);
  expect(edges).toHaveLength(254);
  const counts = new Float64Array(255);
  for (const value of many) counts[edges.findLastIndex((edge) => value > edge) + 1] += 1;
  counts.forEach((count) => expect(Math.abs(count - 200)).toBeLessThanOrEqual(1));
  // Half of the values are 0: they share one bin, and nothing is lost beside it.
  const lumpy = all(many.map((value, i) => (i % 2 === 0 ? 0 : value)));
  expect([...lumpy].every((edge, i) => i === 0 || edge > lumpy[i - 1])).toBe(true);
  expect(lumpy.length).toBeGreaterThan(120);
  expect([...all(Float64Array.of(1, 1 + Number.EPSILON))]).toEqual([1]);
});

test('shuffling finds the features that matter, and only those', () => {
  const data = noisy(1000, 4, 6, ([a, b]) => a + 0.5 * b);
  const fitted = boosting.fit(data, boost({ rounds: 60, learningRate: 0.2 }), seed);
  const fresh = noisy(1000, 4, 7, ([a, b]) => a + 0.5 * b);
  const before = fresh.X.slice();
  const importance = permutationImportance(boosting, fitted, fresh, 3, seed);
  expect(fresh.X).toEqual(before);
  const [a, b, c, d] = importance.map(({ rise }) => rise);
  // The rise of a linear term w x is 2 w² var(x).
  expect(a).toBeGreaterThan(1.6);
  expect(a).toBeLessThan(2.4);
  expect(b).toBeGreaterThan(0.35);
  expect(b).toBeLessThan(0.65);
  expect(Math.max(Math.abs(c), Math.abs(d))).toBeLessThan(0.02);
});
