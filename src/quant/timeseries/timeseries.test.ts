import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { autocorrelations, ljungBox, partialAutocorrelations, varianceRatio } from './autocorrelation';
import { fitGarch, garchPath } from './garch';
import { analyzePair } from './pair';
import { dickeyFuller, unitRootPValue } from './unit-root';

function autoregressive(rho: number, n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const x = new Float64Array(n);
  for (let t = 1; t < n; t++) x[t] = rho * x[t - 1] + random.normal();
  return x;
}

describe('unit roots', () => {
  test('p-values grow with the statistic and join where the polynomials meet', () => {
    for (const trend of ['c', 'ct'] as const) {
      for (const variables of [1, 2] as const) {
        let before = 0;
        for (let statistic = -20; statistic < 3; statistic += 0.01) {
          const p = unitRootPValue(statistic, trend, variables);
          expect(p).toBeGreaterThanOrEqual(before - 2e-3);
          before = p;
        }
        expect(before).toBe(1);
      }
    }
  });

  test('critical values of MacKinnon (2010): 5 % at −2.86 (constant) and −3.41 (trend)', () => {
    expect(unitRootPValue(-2.8615, 'c', 1)).toBeCloseTo(0.05, 3);
    expect(unitRootPValue(-3.4105, 'ct', 1)).toBeCloseTo(0.05, 3);
    expect(unitRootPValue(-3.3377, 'c', 2)).toBeCloseTo(0.05, 3);
  });

  test('a random walk is kept and a mean-reverting series rejected', () => {
    const walk = dickeyFuller(autoregressive(1, 2000, 1), 2, 'c').statistic;
    expect(unitRootPValue(walk, 'c', 1)).toBeGreaterThan(0.05);
    const reverting = dickeyFuller(autoregressive(0.9, 2000, 2), 2, 'c').statistic;
    expect(unitRootPValue(reverting, 'c', 1)).toBeLessThan(0.001);
    expect(() => dickeyFuller(new Float64Array(6), 3, 'ct')).toThrow(/observations/);
  });

  test('a pair that shares its trend reverts with the half-life it was made with', () => {
    const trend = autoregressive(1, 4000, 3);
    const spread = autoregressive(0.95, 4000, 4);
    const x = trend.map((value) => Math.exp(0.01 * value));
    const y = trend.map((value, t) => Math.exp(0.02 * value + 0.01 * spread[t] + 1));
    const pair = analyzePair(y, x, 1);
    expect(pair.hedgeRatio).toBeCloseTo(2, 1);
    expect(pair.p).toBeLessThan(0.001);
    expect(Math.abs(pair.halfLife - Math.LN2 / 0.05)).toBeLessThan(4);
  });
});

describe('autocorrelation', () => {
  test('of an autoregression decays, its partial one ends after the first lag', () => {
    const x = autoregressive(0.6, 20_000, 5);
    const acf = autocorrelations(x, 3);
    [0.6, 0.36, 0.216].forEach((rho, k) => expect(Math.abs(acf[k] - rho)).toBeLessThan(0.03));
    const pacf = partialAutocorrelations(x, 3);
    expect(pacf[0]).toBeCloseTo(acf[0], 14);
    expect(Math.max(Math.abs(pacf[1]), Math.abs(pacf[2]))).toBeLessThan(0.03);
    expect(ljungBox(x, 5).p).toBeLessThan(1e-10);
  });

  test('variance ratios of independent returns are near 1', () => {
    const { ratio, z, robustZ } = varianceRatio(autoregressive(0, 20_000, 6), 5);
    expect(ratio).toBeCloseTo(1, 1);
    expect(Math.abs(z)).toBeLessThan(3);
    expect(Math.abs(robustZ)).toBeLessThan(3);
    expect(varianceRatio(autoregressive(0.3, 5000, 7), 5).robustZ).toBeGreaterThan(5);
  });
});

describe('GARCH(1,1)', () => {
  test('recovers the parameters that made the series, at no lower likelihood than theirs', () => {
    const truth = { omega: 0.05, alpha: 0.1, beta: 0.85 };
    const random = createRandom(8);
    const e = new Float64Array(20_000);
    let variance = 1;
    for (let t = 0; t < e.length; t++) {
      if (t > 0) variance = truth.omega + truth.alpha * e[t - 1] ** 2 + truth.beta * variance;
      e[t] = Math.sqrt(variance) * random.normal();
    }
    const fit = fitGarch(e);
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(garchPath(e, truth).logLikelihood);
    expect(Math.abs(fit.alpha - 0.1)).toBeLessThan(0.02);
    expect(Math.abs(fit.beta - 0.85)).toBeLessThan(0.03);
  });

  test('refuses a constant or very short series', () => {
    expect(() => fitGarch(new Float64Array(100))).toThrow(/vary/);
    expect(() => fitGarch(Float64Array.of(1, -1))).toThrow(/at least 20/);
  });
});
