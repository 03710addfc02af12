import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cholesky, multiply, transpose } from '../array/linalg';
import { createRandom } from '../array/random';
import { sampleCovariance } from '../covariance/moments';
import { assetFactorModel, automaticLags, factorRegression, modelCovariance } from './factor-regression';
import { pcaFactors } from './pca-factors';

function series(T: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: T }, () => 0.01 * random.normal());
}

/** K strong factors and noise. */
function panel(T: number, N: number, K: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const B = Float64Array.from({ length: N * K }, () => random.normal());
  const F = Float64Array.from({ length: T * K }, () => random.normal());
  return multiply(F, transpose(B, N, K), T, K, N).map((value) => value + 0.3 * random.normal());
}

describe('factor regression', () => {
  test('finds the betas that were put in, with errors that cover them', () => {
    const market = { name: 'market', returns: series(2_000, 1) };
    const value = { name: 'value', returns: series(2_000, 2) };
    const noise = series(2_000, 3);
    const y = market.returns.map((m, t) => 0.0002 + 1.2 * m - 0.4 * value.returns[t] + 0.2 * noise[t]);
    const fit = factorRegression({ name: 'fund', returns: y }, [market, value]);
    expect(fit.coefficients[1]).toBeCloseTo(1.2, 1);
    expect(Math.abs(fit.coefficients[1] - 1.2)).toBeLessThan(4 * fit.standardErrors[1]);
    expect(Math.abs(fit.coefficients[2] + 0.4)).toBeLessThan(4 * fit.standardErrors[2]);
    expect(fit.lags).toBe(automaticLags(2_000));
    expect(automaticLags(100)).toBe(4);
  });

  test('refuses holes, constant benchmarks, dependent factors and too few rows', () => {
    const y = { name: 'fund', returns: series(30, 1) };
    const x = { name: 'market', returns: series(30, 2) };
    const at = (name: string, returns: Float64Array) => ({ name, returns });
    expect(() => factorRegression(y, [at('cash', new Float64Array(30).fill(0.0001))])).toThrow(/cash that vary/);
    expect(() =>
      factorRegression(
        at(
          'fund',
          y.returns.map((r, t) => (t === 4 ? NaN : r)),
        ),
        [x],
      ),
    ).toThrow(/row 5/);
    expect(() =>
      factorRegression(y, [
        x,
        at(
          'twice',
          x.returns.map((r) => 2 * r),
        ),
      ]),
    ).toThrow(/combination/);
    expect(() => factorRegression(at('fund', y.returns.slice(0, 2)), [at('m', x.returns.slice(0, 2))])).toThrow(
      /more than 2 returns/,
    );
    expect(() => factorRegression(y, [at('m', x.returns.slice(1))])).toThrow(/30 returns of m, found 29/);
  });

  test('gives a covariance that is positive definite with more assets than dates', () => {
    const [T, N] = [25, 40];
    const X = panel(T, N, 1, 5);
    const factor = { name: 'mean', returns: Float64Array.from({ length: T }, (_, t) => X[t * N]) };
    const model = assetFactorModel(X, T, N, [factor]);
    expect(model.betas[0]).toBeCloseTo(1, 9);
    expect(model.r2[0]).toBeCloseTo(1, 9);
    const variances = model.specificVariance.map((value, i) => (i === 0 ? value + 1e-6 : value));
    expect(() => cholesky(modelCovariance({ ...model, specificVariance: variances }), N)).not.toThrow();
  });
});

describe('principal-component factors', () => {
  test('explain the sample covariance exactly when all are kept, from either side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 25 }), fc.integer({ min: 2, max: 25 }), fc.nat(1e6), (T, N, seed) => {
        const X = panel(T, N, 2, seed);
        const rank = Math.min(T - 1, N);
        const model = pcaFactors(X, T, N, { factors: rank, most: rank, standardize: false });
        const S = sampleCovariance(X, T, N);
        const F = sampleCovariance(model.factorReturns, T, rank);
        const rebuilt = modelCovariance({ ...model, betas: model.loadings, factorCovariance: F });
        rebuilt.forEach((value, at) => expect(value).toBeCloseTo(S[at], 8));
        for (const share of model.r2) expect(share).toBeCloseTo(1, 8);
        // Factor returns are uncorrelated with the eigenvalues as variances.
        for (let k = 0; k < rank; k++) expect(F[k * rank + k]).toBeCloseTo(model.eigenvalues[k], 8);
      }),
      { numRuns: 50 },
    );
  });

  test('add up: what factors explain and what they leave is the variance of every asset', () => {
    const [T, N, K] = [300, 12, 3];
    const X = panel(T, N, K, 7);
    for (const standardize of [false, true]) {
      const model = pcaFactors(X, T, N, { factors: K, most: 10, standardize });
      const S = sampleCovariance(X, T, N);
      for (let i = 0; i < N; i++) {
        let explained = model.specificVariance[i];
        for (let k = 0; k < K; k++) explained += model.loadings[i * K + k] ** 2 * model.eigenvalues[k];
        expect(explained).toBeCloseTo(S[i * N + i], 10);
      }
      expect(model.explained.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.8);
    }
  });

  test('both rules find the number of factors that was put in', () => {
    for (const K of [1, 3, 5]) {
      const X = panel(400, 60, K, 20 + K);
      for (const factors of ['bai-ng', 'eigenvalue-ratio'] as const) {
        expect(pcaFactors(X, 400, 60, { factors, most: 12, standardize: false }).K).toBe(K);
      }
    }
  });

  test('refuse too many factors, constant assets and holes with the numbers', () => {
    const X = panel(10, 20, 1, 1);
    const options = { factors: 1, most: 5, standardize: true };
    expect(() => pcaFactors(X, 10, 20, { ...options, factors: 10 })).toThrow(/1 to 9 factors/);
    expect(() =>
      pcaFactors(
        X.map((v, at) => (at % 20 === 3 ? 1 : v)),
        10,
        20,
        options,
      ),
    ).toThrow(/asset 4/);
    expect(() =>
      pcaFactors(
        X.map((v, at) => (at === 3 ? NaN : v)),
        10,
        20,
        options,
      ),
    ).toThrow(/position 4/);
    expect(() => pcaFactors(X.subarray(0, 40), 2, 20, options)).toThrow(/at least 3 rows/);
  });
});
