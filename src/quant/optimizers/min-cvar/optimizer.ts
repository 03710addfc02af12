/** min CVaR of the look-back's days over the feasible set: min α + Σ max(−wᵀr_t − α, 0) / ((1 − β) T) (Rockafellar, Uryasev 2000). */
import type { z } from 'zod';
import { minimizeOverSet } from '../convex/over-set';
import { decide } from '../decision';
import type { Optimizer } from '../optimizer';
import { scenariosOf } from '../scenario-table';
import { conditionalValueAtRisk } from './cvar-program';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { confidence }) {
    const { n, T, scaled } = scenariosOf(input);
    const table = scaled.map((value) => -value);
    const price = 1 / ((1 - confidence) * T);
    const c = new Float64Array(n + 1);
    c[n] = 1;
    const rows = Array.from({ length: T }, (_, t) => ({
      dense: t,
      index: [n],
      value: [-1],
      bound: 0,
      price,
      curvature: 0,
    }));
    return decide(input, (set) => {
      const { weights, iterations, gap } = minimizeOverSet(set, {
        table,
        extra: 1,
        c,
        rows,
        start: new Float64Array(1),
      });
      const measured = { returns: input.returns, T, n, confidence, lower: set.lower, upper: set.upper, rows: [] };
      return { weights, diagnostics: { cvarDaily: conditionalValueAtRisk(measured, weights), iterations, gap } };
    });
  },
};
