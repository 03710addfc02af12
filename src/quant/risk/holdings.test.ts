import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { sampleCovariance } from '../covariance/moments';
import { drawdownAnatomy, driftedWeights } from './drawdown-anatomy';
import { exposureOf } from './exposures';
import { effectiveBets } from './minimum-torsion';

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('effective number of bets', () => {
  test('is between 1 and N, with shares that add up, whatever the market', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(1e6), (N, seed) => {
        const random = createRandom(seed);
        const X = Float64Array.from({ length: 60 * N }, () => random.normal());
        const w = Float64Array.from({ length: N }, () => random.uniform() + 0.01);
        const { effective, shares } = effectiveBets(sampleCovariance(X, 60, N), w, N);
        expect(effective).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(effective).toBeLessThanOrEqual(N + 1e-9);
        expect(sum(shares)).toBeCloseTo(1, 12);
      }),
      { numRuns: 50 },
    );
  });

  test('is N for equal risk in uncorrelated assets, and N for equal weights under one common correlation', () => {
    const N = 5;
    const diagonal = Float64Array.from({ length: N * N }, (_, at) => (at % (N + 1) === 0 ? (at + 1) ** 2 : 0));
    const w = Float64Array.from({ length: N }, (_, i) => 1 / Math.sqrt(diagonal[i * N + i]));
    expect(effectiveBets(diagonal, w, N).effective).toBeCloseTo(N, 9);
    const common = Float64Array.from({ length: N * N }, (_, at) => (at % (N + 1) === 0 ? 1 : 0.5));
    // Symmetry gives every asset the same torsion bet (Meucci, Santangelo, Deguest 2015, §4.1).
    expect(effectiveBets(common, new Float64Array(N).fill(0.2), N).effective).toBeCloseTo(N, 9);
    expect(effectiveBets(diagonal, Float64Array.of(1, 0, 0, 0, 0), N).effective).toBeCloseTo(1, 9);
  });

  test('refuses twins and riskless portfolios', () => {
    expect(() => effectiveBets(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1), 2)).toThrow(/smallest eigenvalue/);
    expect(() => effectiveBets(Float64Array.of(1, 0, 0, 1), Float64Array.of(0, 0), 2)).toThrow(/positive variance/);
  });
});

describe('exposure', () => {
  test('knows equal, concentrated, long-short and empty portfolios', () => {
    const sectors = ['A', 'A', 'B', 'C'];
    const equal = exposureOf(new Float64Array(4).fill(0.25), sectors);
    expect(equal).toMatchObject({ gross: 1, net: 1, holdings: 4, herfindahl: 0.25, effectiveHoldings: 4, topTen: 1 });
    expect(equal.sectors.get('A')).toBe(0.5);
    const longShort = exposureOf(Float64Array.of(1, -1, 0, 0), sectors);
    expect(longShort).toMatchObject({ gross: 2, net: 0, holdings: 2, effectiveHoldings: 2 });
    expect(exposureOf(new Float64Array(4), sectors)).toMatchObject({ gross: 0, effectiveHoldings: 0, topTen: 0 });
    expect(() => exposureOf(Float64Array.of(NaN), ['A'])).toThrow(/finite/);
  });
});

describe('drawdown anatomy', () => {
  test('parts add up to the depth of every episode, and costs are what is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 80 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6), (T, N, seed) => {
        const random = createRandom(seed);
        const returns = Float64Array.from({ length: T * N }, () => 0.02 * random.normal());
        const fills = [0, 3].map((row) => ({
          row,
          weights: Float64Array.from({ length: N }, () => random.uniform() / N),
        }));
        const weights = driftedWeights(fills, returns, T, N);
        const equity = new Float64Array(T).fill(1);
        for (let t = 1; t < T; t++) {
          let change = 0;
          for (let i = 0; i < N; i++) change += weights[(t - 1) * N + i] * returns[t * N + i];
          equity[t] = equity[t - 1] * (1 + change) * (t === 3 ? 0.999 : 1);
        }
        for (const { episode, contribution, residual } of drawdownAnatomy(equity, weights, returns, N, 3)) {
          expect(sum(contribution) + residual).toBeCloseTo(episode.depth, 12);
          const hasCost = episode.peakRow < 3 && episode.troughRow >= 3;
          expect(Math.abs(residual)).toBeLessThan(hasCost ? 2e-3 : 1e-12);
        }
      }),
    );
  });

  test('weights drift with prices and are reset by a fill', () => {
    const returns = Float64Array.of(0, 0, 1, 0, 0, NaN);
    const weights = driftedWeights([{ row: 0, weights: Float64Array.of(0.5, 0.5) }], returns, 3, 2);
    expect([...weights]).toEqual([0.5, 0.5, 1 / 1.5, 0.5 / 1.5, 1 / 1.5, 0.5 / 1.5]);
  });

  test('refuses shapes that do not fit and worthless equity', () => {
    expect(() => drawdownAnatomy(Float64Array.of(1, 1), new Float64Array(1), new Float64Array(2), 1, 1)).toThrow(
      /2 × 1/,
    );
    expect(() => drawdownAnatomy(Float64Array.of(1, 0), new Float64Array(2), new Float64Array(2), 1, 1)).toThrow(
      /row 2/,
    );
  });
});
