/** Softmax weights of the scores, moved the least that the constraints ask. A holdings limit keeps the best scores. */
import type { z } from 'zod';
import { closestFeasible } from '../closest-feasible';
import { decide, requireForecast } from '../decision';
import type { Optimizer } from '../optimizer';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { temperature }) {
    const scores = requireForecast(input);
    return decide(input, (set) => {
      const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const odds = scores.map((score, i) => (set.upper[i] > 0 ? Math.exp((score - largest) / temperature) : 0));
      const total = odds.reduce((sum, value) => sum + value, 0);
      const target = total > 0 ? odds.map((value) => (value / total) * set.budget) : odds;
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { adjusted: weights !== target } };
    });
  },
};
