/** min Σ max(target − wᵀr_t, 0)² / T over the feasible set: the true semivariance of the portfolio, not a matrix that stands in for it. */
import type { z } from 'zod';
import { minimizeOverSet } from '../convex/over-set';
import { decide } from '../decision';
import type { Optimizer } from '../optimizer';
import { deviations, scenariosOf } from '../scenario-table';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { target }) {
    const scenarios = scenariosOf(input);
    const { n, T, scale, scaled } = scenarios;
    const table = (target === 'mean' ? deviations(scenarios) : scaled).map((value) => -value);
    const rows = Array.from({ length: T }, (_, t) => ({
      dense: t,
      index: [],
      value: [],
      bound: 0,
      price: 0,
      curvature: 2 / T,
    }));
    return decide(input, (set) => {
      const objective = { table, extra: 0, c: new Float64Array(n), rows, start: new Float64Array(0) };
      const { weights, iterations, gap, objective: semivariance } = minimizeOverSet(set, objective);
      return { weights, diagnostics: { dailySemideviation: scale * Math.sqrt(semivariance), iterations, gap } };
    });
  },
};
