/** min Σ |wᵀ(r_t − r̄)| / T over the feasible set: twice the mean shortfall, because deviations sum to zero (Konno, Yamazaki 1991). */
import { minimizeOverSet } from '../convex/over-set';
import { decide } from '../decision';
import type { Optimizer } from '../optimizer';
import { deviations, scenariosOf } from '../scenario-table';

export const optimizer: Optimizer = {
  optimize(input) {
    const scenarios = scenariosOf(input);
    const { n, T, scale } = scenarios;
    const table = deviations(scenarios).map((value) => -value);
    const rows = Array.from({ length: T }, (_, t) => ({
      dense: t,
      index: [],
      value: [],
      bound: 0,
      price: 2 / T,
      curvature: 0,
    }));
    return decide(input, (set) => {
      const objective = { table, extra: 0, c: new Float64Array(n), rows, start: new Float64Array(0) };
      const { weights, iterations, gap, objective: deviation } = minimizeOverSet(set, objective);
      return { weights, diagnostics: { dailyAbsoluteDeviation: scale * deviation, iterations, gap } };
    });
  },
};
