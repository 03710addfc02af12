import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalCdf } from '../array/distributions';
import { createRandom } from '../array/random';
import { historicalTail } from '../risk/tail-risk';
import { CRISIS_WINDOWS } from './crisis-windows';
import { correlationUnder, poolEntropy } from './entropy-pooling';
import { shockFactors } from './factor-shocks';
import { historicalStress, worstWindows } from './historical-stress';
import type { View } from './views';

function scenarios(T: number, N: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const X = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const common = 0.006 * random.normal();
    for (let i = 0; i < N; i++) X[t * N + i] = common + 0.008 * random.normal();
  }
  return X;
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('entropy pooling', () => {
  const T = 1_000;
  const N = 3;
  const X = scenarios(T, N, 1);

  test('meets every kind of view exactly, and the probabilities are probabilities', () => {
    const views: View[] = [
      { kind: 'mean', asset: 0, relation: 'equal', value: -0.002 },
      { kind: 'ranking', assets: [1, 2, 0] },
      { kind: 'volatility', asset: 0, value: 0.014 },
      { kind: 'correlation', assets: [0, 1], value: 0.75 },
    ];
    const pooled = poolEntropy(X, T, N, views);
    expect(sum(pooled.probabilities)).toBeCloseTo(1, 12);
    expect(pooled.means[0]).toBeCloseTo(-0.002, 12);
    expect(pooled.means[1]).toBeGreaterThanOrEqual(pooled.means[2] - 1e-12);
    expect(pooled.means[2]).toBeGreaterThanOrEqual(pooled.means[0] - 1e-12);
    expect(pooled.deviations[0]).toBeCloseTo(0.014, 11);
    expect(correlationUnder(X, N, pooled, [0, 1])).toBeCloseTo(0.75, 9);
    expect(pooled.relativeEntropy).toBeGreaterThan(0);
    expect(pooled.effectiveScenarios).toBeLessThan(T);
  });

  test('a view that already holds changes nothing', () => {
    const free = poolEntropy(X, T, N, []);
    const same = poolEntropy(X, T, N, [
      { kind: 'mean', asset: 1, relation: 'equal', value: free.means[1] },
      { kind: 'mean', asset: 0, relation: 'at-most', value: 1 },
      { kind: 'volatility', asset: 2, value: free.deviations[2] },
    ]);
    expect(same.relativeEntropy).toBeLessThan(1e-12);
    expect(same.effectiveScenarios).toBeCloseTo(T, 6);
  });

  test('a mean view on normal scenarios costs what the closed form says (Meucci 2008, eq. 20): ½ ((m − μ) / σ)²', () => {
    const random = createRandom(3);
    const n = 20_000;
    const x = Float64Array.from({ length: n }, () => random.normal());
    const free = poolEntropy(x, n, 1, []);
    const pooled = poolEntropy(x, n, 1, [{ kind: 'mean', asset: 0, relation: 'equal', value: 0.5 }]);
    const expected = 0.5 * ((0.5 - free.means[0]) / free.deviations[0]) ** 2;
    expect(pooled.relativeEntropy).toBeCloseTo(expected, 2);
    // The normal distribution moves and keeps its shape.
    expect(pooled.deviations[0]).toBeCloseTo(1, 1);
    const below = sum(pooled.probabilities.filter((_, t) => x[t] <= 0));
    expect(below).toBeCloseTo(normalCdf(-0.5), 1);
  });

  test('the optimality conditions hold: the log ratio to the prior is linear in the views', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: -0.002, max: 0.002, noNaN: true }), (seed, value) => {
        const Y = scenarios(300, 2, seed);
        const { probabilities, means } = poolEntropy(Y, 300, 2, [{ kind: 'mean', asset: 0, relation: 'equal', value }]);
        expect(means[0]).toBeCloseTo(value, 12);
        const slope = (a: number, b: number) => Math.log(probabilities[a] / probabilities[b]) / (Y[a * 2] - Y[b * 2]);
        const scale = Math.abs(slope(0, 1)) + 1;
        for (let t = 2; t < 20; t++) expect(Math.abs(slope(0, t) - slope(0, 1)) / scale).toBeLessThan(1e-6);
      }),
      { numRuns: 30 },
    );
  });

  test('inequalities bind only where the data break them', () => {
    const free = poolEntropy(X, T, N, []);
    const loose = poolEntropy(X, T, N, [
      { kind: 'mean', asset: 0, relation: 'at-least', value: free.means[0] - 0.001 },
    ]);
    expect(loose.relativeEntropy).toBe(0);
    const tight = poolEntropy(X, T, N, [
      { kind: 'mean', asset: 0, relation: 'at-least', value: free.means[0] + 0.001 },
    ]);
    expect(tight.means[0]).toBeCloseTo(free.means[0] + 0.001, 12);
  });

  test('a tail view moves the value at risk to where it says', () => {
    const pooled = poolEntropy(X, T, N, [{ kind: 'tail', asset: 0, threshold: -0.015, probability: 0.2 }]);
    const weights = Float64Array.of(1, 0, 0);
    const stressed = historicalTail({ returns: X, T, N, weights }, 0.95, pooled.probabilities);
    expect(stressed.valueAtRisk).toBeGreaterThanOrEqual(0.015);
    expect(sum(pooled.probabilities.filter((_, t) => X[t * N] <= -0.015))).toBeCloseTo(0.2, 12);
  });

  test('repeated views pass; impossible and contradictory ones are refused with the numbers', () => {
    const mean = (value: number): View => ({ kind: 'mean', asset: 0, relation: 'equal', value });
    expect(poolEntropy(X, T, N, [mean(0.001), mean(0.001)]).means[0]).toBeCloseTo(0.001, 12);
    expect(() => poolEntropy(X, T, N, [mean(0.5)])).toThrow(/they allow -0\.\d+ to 0\.\d+/);
    expect(() => poolEntropy(X, T, N, [mean(0.001), mean(-0.001)])).toThrow(/conflict/);
    expect(() => poolEntropy(X, T, N, [{ kind: 'volatility', asset: 7, value: 1 }])).toThrow(/assets 0 … 2/);
    expect(() => poolEntropy(X, T, N, [{ kind: 'correlation', assets: [0, 1], value: 1 }])).toThrow(/correlation/);
  });
});

describe('factor shocks', () => {
  test('parts by asset and by factor add up, and a lone shock spreads by regression betas', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), (seed, N, K) => {
        const random = createRandom(seed);
        const fill = (n: number) => Float64Array.from({ length: n }, () => random.normal());
        const factorCovariance = new Float64Array(K * K);
        const F = fill(50 * K);
        for (let t = 0; t < 50; t++) {
          for (let a = 0; a < K; a++)
            for (let b = 0; b < K; b++) factorCovariance[a * K + b] += F[t * K + a] * F[t * K + b];
        }
        const input = { weights: fill(N), betas: fill(N * K), factorCovariance, N, K };
        const outcome = shockFactors(input, [{ factor: 0, value: -0.2 }], true);
        expect(sum(outcome.byAsset)).toBeCloseTo(outcome.return, 12);
        expect(sum(outcome.byFactor)).toBeCloseTo(outcome.return, 12);
        for (let k = 0; k < K; k++) {
          expect(outcome.factorMoves[k]).toBeCloseTo((-0.2 * factorCovariance[k * K]) / factorCovariance[0], 12);
        }
      }),
    );
  });

  test('refuses unknown and repeated factors and dependent ones', () => {
    const input = {
      weights: Float64Array.of(1),
      betas: Float64Array.of(1, 1, 1),
      factorCovariance: Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 1),
      N: 1,
      K: 3,
    };
    expect(() => shockFactors(input, [{ factor: 3, value: 1 }], false)).toThrow(/3 factors/);
    expect(() => shockFactors(input, [], false)).toThrow(/3 factors/);
    const twins = [0, 1].map((factor) => ({ factor, value: -0.1 }));
    expect(() => shockFactors(input, twins, true)).toThrow(/positive definite/);
  });
});

describe('historical windows', () => {
  const dates = ['2020-02-18', '2020-02-19', '2020-02-28', '2020-03-23', '2020-03-24'];
  const close = Float64Array.of(99, 10, 100, 10, 80, NaN, 60, 12, 70, 12);

  test('book the move of every asset and skip what the data do not span', () => {
    const { outcomes, skipped } = historicalStress({ dates, close, N: 2 }, Float64Array.of(0.5, 0.5), CRISIS_WINDOWS);
    expect(outcomes.map(({ window }) => window.id)).toEqual(['covid-2020']);
    expect(skipped).toHaveLength(CRISIS_WINDOWS.length - 1);
    expect([...outcomes[0].contribution]).toEqual([expect.closeTo(-0.2, 12), expect.closeTo(0.1, 12)]);
    expect(outcomes[0].return).toBeCloseTo(-0.1, 12);
    expect(outcomes[0].worst).toBeCloseTo(-0.1, 12);
  });

  test('say how much of the portfolio had a price', () => {
    const holed = close.map((value, at) => (at === 3 ? NaN : value));
    const { outcomes } = historicalStress({ dates, close: holed, N: 2 }, Float64Array.of(0.25, 0.75), CRISIS_WINDOWS);
    expect(outcomes[0].covered).toBeCloseTo(0.25, 12);
    expect(outcomes[0].contribution[1]).toBe(0);
  });

  test('are listed in order, each before its own end', () => {
    for (const { from, to, id } of CRISIS_WINDOWS) expect(from < to, id).toBe(true);
    const starts = CRISIS_WINDOWS.map(({ from }) => from);
    expect(starts).toEqual([...starts].sort());
  });

  test('of the data themselves are the deepest stretches', () => {
    const levels = Float64Array.from({ length: 70 }, (_, t) => (t < 40 ? 100 : t < 45 ? 100 - 4 * (t - 39) : 80));
    const days = Array.from({ length: 70 }, (_, t) => `day ${String(t).padStart(2, '0')}`);
    const found = worstWindows(days, levels);
    expect(found.map(({ id }) => id)).toEqual(['worst-1d', 'worst-5d', 'worst-21d', 'worst-63d']);
    expect(found[1]).toMatchObject({ from: 'day 39', to: 'day 44' });
    expect(
      worstWindows(
        days,
        levels.map((_, t) => t + 1),
      ),
    ).toEqual([]);
  });
});
