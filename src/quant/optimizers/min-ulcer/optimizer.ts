/** min √(Σ y_t² / T) over the feasible set, y the drawdowns of uncompounded returns of daily rebalanced weights. */
import { minimizeOverSet } from '../convex/over-set';
import { decide } from '../decision';
import { drawdownRows, drawdownTable } from '../drawdown-rows';
import type { Optimizer } from '../optimizer';
import { scenariosOf } from '../scenario-table';

export const optimizer: Optimizer = {
  optimize(input) {
    const scenarios = scenariosOf(input);
    const { n, T } = scenarios;
    const { table, unit } = drawdownTable(scenarios);
    const c = new Float64Array(n + T);
    const d = new Float64Array(n + T).fill(2 / T, n);
    const rows = drawdownRows(scenarios);
    return decide(input, (set) => {
      const start = new Float64Array(T).fill(1);
      const { weights, iterations, gap, objective } = minimizeOverSet(set, { table, extra: T, c, d, rows, start });
      return { weights, diagnostics: { ulcerIndex: unit * Math.sqrt(objective), iterations, gap } };
    });
  },
};
