/** min max_t y_t over the feasible set, y the drawdowns of uncompounded returns of daily rebalanced weights. */
import { minimizeOverSet } from '../convex/over-set';
import type { ConvexRow } from '../convex/program';
import { decide } from '../decision';
import { drawdownRows, drawdownTable } from '../drawdown-rows';
import type { Optimizer } from '../optimizer';
import { scenariosOf } from '../scenario-table';

export const optimizer: Optimizer = {
  optimize(input) {
    const scenarios = scenariosOf(input);
    const { n, T } = scenarios;
    const { table, unit } = drawdownTable(scenarios);
    const depth = n + T;
    const c = new Float64Array(depth + 1);
    c[depth] = 1;
    const caps = Array.from({ length: T }, (_, t): ConvexRow => ({
      dense: -1,
      index: [n + t, depth],
      value: [1, -1],
      bound: 0,
      price: Infinity,
      curvature: 0,
    }));
    const rows = [...drawdownRows(scenarios), ...caps];
    return decide(input, (set) => {
      const start = new Float64Array(T + 1).fill(1);
      const { weights, iterations, gap, objective } = minimizeOverSet(set, { table, extra: T + 1, c, rows, start });
      return { weights, diagnostics: { maxDrawdown: unit * objective, iterations, gap } };
    });
  },
};
