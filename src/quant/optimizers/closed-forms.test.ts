/** Optimizers against answers known in closed form or by a fine grid, on two assets. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { sampleCovariance } from '../covariance/moments';
import { constraintsSchema } from './constraints';
import { bindOptimizer } from './load';
import type { OptimizerInput } from './optimizer';

const T = 150;
const random = createRandom(11);
const returns = Float64Array.from({ length: 2 * T }, (_, k) => (k % 2 === 0 ? 0.01 : 0.017) * random.normal() + 0.0004);
const input: OptimizerInput = {
  assets: ['A', 'B'],
  sectors: ['X', 'Y'],
  returns,
  expectedReturns: Float64Array.of(0.004, 0.009),
  horizon: 1,
  constraints: constraintsSchema.parse({}),
};
const S = sampleCovariance(returns, T, 2);

function weightOf(id: string, params: Record<string, unknown> = {}, given: OptimizerInput = input): number {
  return bindOptimizer(id, params).optimize(given).weights[0];
}

/** Portfolio returns by day with weight a in the first asset. */
function days(a: number): Float64Array {
  return Float64Array.from({ length: T }, (_, t) => a * returns[2 * t] + (1 - a) * returns[2 * t + 1]);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function drawdowns(a: number): Float64Array {
  let fall = 0;
  return days(a).map((value) => (fall = Math.max(0, fall - value)));
}

describe('closed forms of two assets', () => {
  test('maximum Sharpe is proportional to Σ⁻¹μ (Tobin 1958)', () => {
    const [mu0, mu1] = input.expectedReturns ?? [];
    const first = S[3] * mu0 - S[1] * mu1;
    const second = S[0] * mu1 - S[1] * mu0;
    expect(weightOf('max-sharpe', { covariance: 'sample' })).toBeCloseTo(first / (first + second), 9);
  });

  test('maximum diversification and risk parity of two assets are inverse to volatility', () => {
    const inverse = Math.sqrt(S[3]) / (Math.sqrt(S[0]) + Math.sqrt(S[3]));
    expect(weightOf('max-diversification', { covariance: 'sample' })).toBeCloseTo(inverse, 9);
    expect(weightOf('risk-parity', { covariance: 'sample' })).toBeCloseTo(inverse, 9);
  });

  test('sector budgets set the shares of risk', () => {
    const a = weightOf('risk-parity', { covariance: 'sample', sectorBudgets: { X: 1, Y: 3 } });
    const variance = a * a * S[0] + 2 * a * (1 - a) * S[1] + (1 - a) ** 2 * S[3];
    expect((a * (a * S[0] + (1 - a) * S[1])) / variance).toBeCloseTo(0.25, 10);
  });

  test('target return mixes the two assets to meet it; target volatility lies on its ellipse', () => {
    // 0.004 a + 0.009 (1 − a) = 0.008 ⇒ a = 0.2.
    expect(weightOf('target-return', { targetReturn: 0.008 * 252, covariance: 'sample' })).toBeCloseTo(0.2, 10);
    const a = weightOf('target-volatility', { targetVolatility: 0.2, covariance: 'sample' });
    const variance = a * a * S[0] + 2 * a * (1 - a) * S[1] + (1 - a) ** 2 * S[3];
    expect(Math.sqrt(252 * variance)).toBeCloseTo(0.2, 9);
  });

  test('a reachable benchmark is held exactly', () => {
    expect(weightOf('tracking-error', { benchmarkWeights: { A: 3, B: 1 } })).toBeCloseTo(0.75, 12);
  });

  test('refusing instead of the nearest answer explains what conflicts', () => {
    const refuse = { whenUnreachable: 'refuse' };
    expect(() => weightOf('target-return', { ...refuse, targetReturn: 9 })).toThrow('Target return');
    expect(() => weightOf('target-volatility', { ...refuse, targetVolatility: 0.01 })).toThrow('Target volatility');
    const poor = { ...input, expectedReturns: Float64Array.of(-0.01, -0.02) };
    expect(() => weightOf('max-sharpe', { whenNothingBeatsCash: 'refuse' }, poor)).toThrow('more than cash');
    expect(bindOptimizer('max-sharpe').optimize(poor).diagnostics['rule']).toMatch(/least variance/);
  });
});

const measures: Readonly<Record<string, (a: number) => number>> = {
  'min-mad': (a) => {
    const center = mean(days(a));
    return mean(days(a).map((value) => Math.abs(value - center)));
  },
  'min-semivariance': (a) => {
    const center = mean(days(a));
    return mean(days(a).map((value) => Math.min(0, value - center) ** 2));
  },
  'worst-realization': (a) => -Math.min(...days(a)),
  'max-drawdown': (a) => Math.max(...drawdowns(a)),
  'min-ulcer': (a) => mean(drawdowns(a).map((value) => value * value)),
  'min-cdar': (a) => {
    const sorted = drawdowns(a).sort().reverse();
    // 5 % of 150 days: seven whole days and half of the eighth.
    return (sorted.slice(0, 7).reduce((sum, value) => sum + value, 0) + 0.5 * sorted[7]) / 7.5;
  },
};

describe('scenario measures of two assets', () => {
  test.each(Object.keys(measures))('%s is not beaten on a grid of 2,000 mixtures', (id) => {
    const measure = measures[id];
    const chosen = measure(weightOf(id));
    for (let k = 0; k <= 2000; k++) expect(chosen).toBeLessThanOrEqual(measure(k / 2000) * (1 + 1e-9) + 1e-13);
  });
});
