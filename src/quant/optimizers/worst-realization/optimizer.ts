/** min max_t −wᵀr_t over the feasible set (Young 1998). */
import { minimizeOverSet } from '../convex/over-set';
import { decide } from '../decision';
import type { Optimizer } from '../optimizer';
import { scenariosOf } from '../scenario-table';

export const optimizer: Optimizer = {
  optimize(input) {
    const { n, T, scale, scaled } = scenariosOf(input);
    const table = scaled.map((value) => -value);
    const c = new Float64Array(n + 1);
    c[n] = 1;
    const rows = Array.from({ length: T }, (_, t) => ({
      dense: t,
      index: [n],
      value: [-1],
      bound: 0,
      price: Infinity,
      curvature: 0,
    }));
    return decide(input, (set) => {
      const objective = { table, extra: 1, c, rows, start: Float64Array.of(1) };
      const { weights, iterations, gap, objective: loss } = minimizeOverSet(set, objective);
      return { weights, diagnostics: { worstDailyLoss: scale * loss, iterations, gap } };
    });
  },
};
