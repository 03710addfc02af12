/** min α + Σ max(y_t − α, 0) / ((1 − β) T) over the feasible set, y the drawdowns of uncompounded returns of daily rebalanced weights. */
import type { z } from 'zod';
import { minimizeOverSet } from '../convex/over-set';
import type { ConvexRow } from '../convex/program';
import { decide } from '../decision';
import { drawdownRows, drawdownTable } from '../drawdown-rows';
import type { Optimizer } from '../optimizer';
import { scenariosOf } from '../scenario-table';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { confidence }) {
    const scenarios = scenariosOf(input);
    const { n, T } = scenarios;
    const { table, unit } = drawdownTable(scenarios);
    const alpha = n + T;
    const c = new Float64Array(alpha + 1);
    c[alpha] = 1;
    const price = 1 / ((1 - confidence) * T);
    const tail = Array.from({ length: T }, (_, t): ConvexRow => ({
      dense: -1,
      index: [n + t, alpha],
      value: [1, -1],
      bound: 0,
      price,
      curvature: 0,
    }));
    const rows = [...drawdownRows(scenarios), ...tail];
    return decide(input, (set) => {
      const start = new Float64Array(T + 1).fill(1);
      const { weights, iterations, gap, objective } = minimizeOverSet(set, { table, extra: T + 1, c, rows, start });
      return { weights, diagnostics: { cdar: unit * objective, iterations, gap } };
    });
  },
};
