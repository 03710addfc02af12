import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { deflatedSharpe, sharpeSample } from '../inference/sharpe';
import { deflateByLedger, type PriorTrials } from './ledger-deflation';
import type { StrategyOutcome } from './result';

const DAYS = 500;
const hash = (key: string) => `#${key}`;

function outcome(name: string, role: StrategyOutcome['role'], sharpe: number, equity: Float64Array): StrategyOutcome {
  const rest = { summary: '', gross: equity, exposure: equity, rebalances: [], weights: new Float64Array(0) };
  const tables = { drawdowns: [], monthly: [], rollingSharpe: new Float64Array(0) };
  return { name, role, equity, metrics: { sharpe: { value: sharpe } }, ...rest, ...tables };
}

/** A primary strategy, one that is compared and the baseline, which is no trial. */
function result(seed = 1) {
  const random = createRandom(seed);
  const returns = Float64Array.from({ length: DAYS }, () => 0.0008 + 0.01 * random.normal());
  const equity = new Float64Array(DAYS + 1).fill(1);
  returns.forEach((r, t) => {
    equity[t + 1] = equity[t] * (1 + r);
  });
  return {
    returns,
    strategies: [
      outcome('a', 'primary', 1.2, equity),
      outcome('b', 'compare', 0.4, equity),
      outcome('equal-weight', 'baseline', 0.9, equity),
    ],
    trials: [
      { key: 'a', sharpe: 1.2 },
      { key: 'b', sharpe: 0.4 },
    ],
  };
}

const NONE: PriorTrials = { strategies: [], sharpes: [] };

describe('deflation by the trial ledger', () => {
  it('is the deflated Sharpe ratio of Bailey and López de Prado over what was tried', () => {
    const { returns, ...run } = result();
    const prior = { strategies: ['#x', '#y', '#b'], sharpes: [0.1, -0.5, 0.4] };
    const { trials, deflatedSharpe: found } = deflateByLedger(run, prior, hash);
    expect(trials).toBe(4);
    const daily = [1.2, 0.4, 0.1, -0.5].map((sharpe) => sharpe / Math.sqrt(252));
    const center = daily.reduce((sum, x) => sum + x, 0) / 4;
    const variance = daily.reduce((sum, x) => sum + (x - center) ** 2, 0) / 3;
    expect(found.value).toBeCloseTo(deflatedSharpe(sharpeSample(returns), variance, 4), 9);
  });

  it('counts a rerun once', () => {
    const run = result();
    const again = { strategies: ['#a', '#b'], sharpes: [1.2, 0.4] };
    expect(deflateByLedger(run, again, hash)).toEqual(deflateByLedger(run, NONE, hash));
  });

  it('never rises with further trials whose Sharpe ratios are not known', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 200 }), (before, more) => {
        const prior = (count: number) => ({
          strategies: Array.from({ length: count }, (_, k) => `#${k}`),
          sharpes: [],
        });
        const few = deflateByLedger(result(), prior(before), hash).deflatedSharpe.value ?? NaN;
        const many = deflateByLedger(result(), prior(before + more), hash).deflatedSharpe.value ?? NaN;
        expect(many).toBeLessThanOrEqual(few);
      }),
    );
  });

  it('says why a single strategy is not deflated, and why a flat one has no ratio', () => {
    const { strategies, trials } = result();
    const single = { strategies: strategies.slice(0, 1), trials: trials.slice(0, 1) };
    expect(deflateByLedger(single, NONE, hash)).toMatchObject({
      trials: 1,
      deflatedSharpe: { value: null, reason: expect.stringContaining('Only one strategy') },
    });
    const flat = outcome('a', 'primary', 0, new Float64Array(DAYS).fill(1));
    expect(deflateByLedger({ strategies: [flat], trials }, NONE, hash).deflatedSharpe).toMatchObject({
      value: null,
      reason: expect.stringContaining('do not vary'),
    });
  });
});
