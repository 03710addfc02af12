import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { gram } from '../kernels/gram';
import { decomposeRisk } from '../risk/decomposition';
import { blackLitterman, marketRiskAversion } from './black-litterman';
import { arithmeticMeanReturns, capmReturns, geometricMeanReturns } from './historical';

function randomCovariance(n: number): Float64Array {
  const random = createRandom(1);
  return gram(
    Float64Array.from({ length: 3 * n * n }, () => 0.1 * random.normal()),
    3 * n,
    n,
  );
}

describe('historical returns', () => {
  test('a constant growth rate is found whatever is missing', () => {
    const X = new Float64Array([0.01, NaN, 0.01, 0.02, 0.01, 0.02]);
    expect([...geometricMeanReturns(X, 3, 2, 2)]).toEqual([expect.closeTo(0.0201, 12), expect.closeTo(0.0404, 12)]);
    expect([...arithmeticMeanReturns(X, 3, 2, 10)]).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.2, 12)]);
    expect(() => arithmeticMeanReturns(new Float64Array([NaN]), 1, 1, 252)).toThrow(/at least one return/);
  });

  test('the average beta of a complete market is one', () => {
    const random = createRandom(2);
    const X = Float64Array.from({ length: 50 * 6 }, () => 0.01 * random.normal());
    const { beta } = capmReturns(X, 50, 6, 252, 0.02);
    expect(beta.reduce((sum, value) => sum + value, 0) / 6).toBeCloseTo(1, 12);
  });
});

describe('Black–Litterman', () => {
  const n = 4;
  const S = randomCovariance(n);
  const market = new Float64Array([0.4, 0.3, 0.2, 0.1]);

  test('without views the posterior is the equilibrium and its weights are the market', () => {
    const none = { P: new Float64Array(0), q: new Float64Array(0) };
    const { prior, mean, weights } = blackLitterman(S, n, market, 2.5, 0.05, none);
    expect([...mean]).toEqual([...prior]);
    weights.forEach((weight, i) => expect(weight * 1.05).toBeCloseTo(market[i], 10));
  });

  test('a view that agrees with the equilibrium changes nothing, another one pulls half way', () => {
    const P = new Float64Array([1, 0, 0, 0]);
    const { prior } = blackLitterman(S, n, market, 2.5, 0.05, { P, q: new Float64Array([0]) });
    const same = blackLitterman(S, n, market, 2.5, 0.05, { P, q: prior.slice(0, 1) });
    same.mean.forEach((value, i) => expect(value).toBeCloseTo(prior[i], 12));
    const higher = blackLitterman(S, n, market, 2.5, 0.05, { P, q: new Float64Array([prior[0] + 0.1]) });
    expect(higher.mean[0]).toBeCloseTo(prior[0] + 0.05, 12);
  });

  test('the risk aversion of a market is its excess return over its variance', () => {
    expect(marketRiskAversion(new Float64Array([0.01, -0.01, 0.02]), 252, 0)).toBeCloseTo(
      0.02 / 3 / (((0.01 - 0.02 / 3) ** 2 + (-0.01 - 0.02 / 3) ** 2 + (0.02 - 0.02 / 3) ** 2) / 2),
      10,
    );
    expect(() => marketRiskAversion(new Float64Array(1), 252, 0)).toThrow(/at least 2/);
  });
});

test('contributions to risk sum to the volatility', () => {
  const S = randomCovariance(5);
  const w = new Float64Array([0.5, 0.2, 0.1, 0.3, -0.1]);
  const { volatility, contribution, share, diversificationRatio } = decomposeRisk(S, w, 5);
  expect(contribution.reduce((sum, value) => sum + value, 0)).toBeCloseTo(volatility, 14);
  expect(share.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 14);
  expect(diversificationRatio).toBeGreaterThan(1);
  expect(() => decomposeRisk(S, new Float64Array(5), 5)).toThrow(/positive variance/);
});
