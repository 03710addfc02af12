import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cholesky, choleskySolve, dot, quadraticForm } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import { gram } from '#quant/kernels/gram';
import { constraintsSchema } from '../constraints';
import type { FeasibleSet } from '../feasible-set';
import { riskBudgetWeights } from '../risk-budget/risk-budget';
import { leastVarianceForReturn, mostReturnForVolatility, mostSharpe } from './frontier';
import { solveOverSet } from './portfolio-program';
import { solveQuadratic } from './solve-quadratic';

function setOf(n: number, lower: number, upper: number): FeasibleSet {
  return {
    n,
    budget: 1,
    lower: new Float64Array(n).fill(lower),
    upper: new Float64Array(n).fill(upper),
    sectors: [],
    constraints: constraintsSchema.parse({}),
  };
}

function randomMarket(n: number, seed: number): { S: Float64Array; mu: Float64Array } {
  const random = createRandom(seed);
  const X = Float64Array.from({ length: 4 * n * n }, () => 0.1 * random.normal());
  return {
    S: gram(X, 4 * n, n, { scale: 1 / (4 * n) }),
    mu: Float64Array.from({ length: n }, () => 0.05 + 0.05 * random.normal()),
  };
}

const size = fc.integer({ min: 2, max: 12 });
const seeds = fc.integer({ min: 0, max: 1e6 });

describe('closed forms', () => {
  test('minimum variance of two assets', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { S } = randomMarket(2, seed);
        const exact = (S[3] - S[1]) / (S[0] + S[3] - 2 * S[1]);
        const free = solveOverSet(setOf(2, -Infinity, Infinity), S, undefined, [0, 0]).x;
        expect(free[0]).toBeCloseTo(exact, 10);
        const bounded = solveOverSet(setOf(2, 0, 1), S, undefined, [0, 0]).x;
        expect(bounded[0]).toBeCloseTo(Math.min(1, Math.max(0, exact)), 10);
      }),
    );
  });

  test('unbounded tangency portfolio is S⁻¹(mu − rf), normalized', () => {
    const { S, mu } = randomMarket(5, 3);
    const raw = choleskySolve(
      cholesky(S, 5),
      5,
      mu.map((value) => value - 0.01),
    );
    const total = raw.reduce((sum, value) => sum + value, 0);
    const w = mostSharpe(setOf(5, -Infinity, Infinity), S, mu, 0.01);
    if (total > 0) w.forEach((weight, i) => expect(weight).toBeCloseTo(raw[i] / total, 7));
    expect(total).toBeGreaterThan(0);
  });
});

describe('the efficient frontier', () => {
  test('variance rises with the return that is asked for, and the return is met', () => {
    fc.assert(
      fc.property(size, seeds, (n, seed) => {
        const { S, mu } = randomMarket(n, seed);
        const set = setOf(n, 0, 1);
        const calmest = solveOverSet(set, S, undefined, mu).x;
        const low = dot(mu, 0, calmest, 0, n);
        const high = Math.max(...mu);
        let before = 0;
        for (const share of [0, 0.3, 0.6, 0.9, 1]) {
          const target = low + share * (high - low);
          const w = leastVarianceForReturn(set, S, mu, target, 'equal');
          expect(dot(mu, 0, w, 0, n)).toBeCloseTo(target, 10);
          const variance = quadraticForm(S, w, n);
          expect(variance).toBeGreaterThanOrEqual(before - 1e-12);
          before = variance;
        }
        expect(() => leastVarianceForReturn(set, S, mu, high + 0.01, 'at-least')).toThrow(/Target return/);
      }),
      { numRuns: 60 },
    );
  });

  test('a volatility target is used up where a higher return is left', () => {
    fc.assert(
      fc.property(size, seeds, (n, seed) => {
        const { S, mu } = randomMarket(n, seed);
        const set = setOf(n, 0, 0.8);
        const least = Math.sqrt(quadraticForm(S, solveOverSet(set, S, undefined, mu).x, n));
        const w = mostReturnForVolatility(set, S, mu, 1.05 * least);
        expect(Math.sqrt(quadraticForm(S, w, n))).toBeLessThanOrEqual(1.05 * least + 1e-9);
        expect(() => mostReturnForVolatility(set, S, mu, 0.9 * least)).toThrow(/Target volatility/);
      }),
      { numRuns: 40 },
    );
  });

  test('no portfolio has a higher Sharpe ratio than the tangency portfolio', () => {
    fc.assert(
      fc.property(size, seeds, (n, seed) => {
        const { S, mu } = randomMarket(n, seed);
        if (Math.max(...mu) <= 0.011) return;
        const sharpe = (w: Float64Array) => (dot(mu, 0, w, 0, n) - 0.01) / Math.sqrt(quadraticForm(S, w, n));
        const best = sharpe(mostSharpe(setOf(n, 0, 1), S, mu, 0.01));
        const random = createRandom(seed + 1);
        for (let trial = 0; trial < 50; trial++) {
          const raw = Float64Array.from({ length: n }, () => random.uniform() ** 3);
          const total = raw.reduce((sum, value) => sum + value, 0);
          expect(sharpe(raw.map((value) => value / total))).toBeLessThanOrEqual(best + 1e-9);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('nothing beats a risk-free rate above every return', () => {
    const { S, mu } = randomMarket(4, 5);
    expect(() => mostSharpe(setOf(4, 0, 1), S, mu, 1)).toThrow(/risk-free rate/);
  });
});

test('risk budgets are met exactly', () => {
  fc.assert(
    fc.property(size, seeds, (n, seed) => {
      const { S } = randomMarket(n, seed);
      const random = createRandom(seed);
      const budgets = Float64Array.from({ length: n }, () => 0.05 + random.uniform());
      const total = budgets.reduce((sum, value) => sum + value, 0);
      const w = riskBudgetWeights(S, n, budgets);
      const variance = quadraticForm(S, w, n);
      for (let i = 0; i < n; i++) {
        expect((w[i] * dot(S, i * n, w, 0, n)) / variance).toBeCloseTo(budgets[i] / total, 10);
      }
    }),
  );
  expect(() => riskBudgetWeights(new Float64Array([1, 0, 0, 1]), 2, new Float64Array([1, 0]))).toThrow(/positive risk/);
});

test('a risk matrix with a direction of negative variance is refused', () => {
  const H = new Float64Array([1, 2, 2, 1]);
  const program = {
    n: 2,
    H,
    lower: new Float64Array([-1, -1]),
    upper: new Float64Array([2, 2]),
    rows: [],
  };
  expect(() => solveQuadratic(program, new Float64Array([0.5, -0.5]))).toThrow(/negative variance/);
});
