/**
 * A mix of the portfolios of several optimizers, equally or by utility out of sample: each is fitted on the first part of the
 * look-back and judged on the rest, share ∝ exp((U − U_max)/(U_max − U_min)). Mixed weights keep convex constraints; the others are restored.
 */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { mean, variance } from '#quant/array/stats';
import { closestFeasible } from '../closest-feasible';
import type { Constraints } from '../constraints';
import { decide } from '../decision';
import { bindOptimizer, type BoundOptimizer } from '../load';
import type { Optimizer, OptimizerInput } from '../optimizer';
import type { params } from './spec';

type Params = z.infer<typeof params>;

export const optimizer: Optimizer<Params> = {
  optimize(input, chosen) {
    const members = chosen.members.map(bindMember);
    return decide(input, (set) => {
      const convex = withoutChoice(input);
      const shares =
        chosen.weighting === 'equal' ? members.map(() => 1 / members.length) : byUtility(members, convex, chosen);
      const mix = new Float64Array(set.n);
      members.forEach((member, m) => {
        member.optimize(convex).weights.forEach((weight, i) => (mix[i] += shares[m] * weight));
      });
      const weights = closestFeasible(set, mix);
      const facts = members.map((member, m) => `${member.spec.id} ${shares[m].toFixed(3)}`);
      return { weights, diagnostics: { shares: facts.join(', '), adjusted: weights !== mix } };
    });
  },
};

function bindMember(id: string): BoundOptimizer {
  if (id !== 'stacking' && id !== 'fallback') return bindOptimizer(id);
  throw new AppError(
    'INVALID_CONFIG',
    `Expected optimizers that stand alone in the stack, found "${id}". Take it out.`,
  );
}

/** The input without the constraints that a mix could break. */
function withoutChoice(input: OptimizerInput): OptimizerInput {
  const { maxHoldings: _most, minPosition: _smallest, ...rest } = input.constraints;
  const constraints: Constraints = rest;
  return { ...input, constraints };
}

function byUtility(members: readonly BoundOptimizer[], input: OptimizerInput, chosen: Params): number[] {
  const n = input.assets.length;
  const T = input.returns.length / n;
  const fitted = T - Math.floor(chosen.holdout * T);
  if (fitted < 2 || T - fitted < 2) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 2 fitted and 2 unseen days, found ${fitted} and ${T - fitted}. Use a longer look-back.`,
    );
  }
  const past = { ...input, returns: input.returns.slice(0, fitted * n) };
  const utilities = members.map((member) => {
    const { weights } = member.optimize(past);
    const earned = Float64Array.from({ length: T - fitted }, (_, t) =>
      weights.reduce((sum, weight, i) => sum + weight * input.returns[(fitted + t) * n + i], 0),
    );
    return mean(earned) - (chosen.riskAversion / 2) * variance(earned);
  });
  const best = Math.max(...utilities);
  const spread = best - Math.min(...utilities);
  const raw = utilities.map((utility) => (spread > 0 ? Math.exp((utility - best) / spread) : 1));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}
