/**
 * The N best forecasts that the caps leave room for, at equal or score weights, moved the least that the constraints ask.
 * Fewer assets than N: all of them. A tighter holdings limit takes the place of N.
 */
import type { z } from 'zod';
import { quantile } from '#quant/array/stats';
import { closestFeasible } from '../closest-feasible';
import { chooseHoldings, decide, requireForecast } from '../decision';
import { restrictTo, type FeasibleSet } from '../feasible-set';
import { requireFeasible } from '../infeasibility/require-feasible';
import type { Optimizer } from '../optimizer';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { count, weighting }) {
    const forecast = requireForecast(input);
    const most = Math.min(count, input.assets.length, input.constraints.maxHoldings ?? count);
    const limited = { ...input, constraints: { ...input.constraints, maxHoldings: most } };
    return decide(limited, (whole) => {
      const kept = chooseHoldings(whole, forecast, most);
      const set = restrictTo(whole, kept);
      requireFeasible(set, most);
      const target = weighting === 'equal' ? equalWeights(set, kept) : scoreWeights(set, kept, forecast);
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { adjusted: weights !== target } };
    });
  },
};

function equalWeights(set: FeasibleSet, kept: Uint8Array): Float64Array {
  const count = kept.reduce((sum, one) => sum + one, 0);
  return Float64Array.from(kept, (one) => (one * set.budget) / count);
}

function scoreWeights(set: FeasibleSet, kept: Uint8Array, forecast: Float64Array): Float64Array {
  const median = quantile(forecast, 0.5);
  const scores = forecast.map((value, i) => (kept[i] === 1 ? Math.max(0, value - median) : 0));
  const total = scores.reduce((sum, value) => sum + value, 0);
  return total > 0 ? scores.map((value) => (value / total) * set.budget) : equalWeights(set, kept);
}
