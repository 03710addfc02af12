/**
 * Drawdowns of uncompounded returns as scenario rows: y_t ≥ y_{t−1} − wᵀr_t and y_t ≥ 0, y_t the drawdown at the end of day t
 * (Chekhlov, Uryasev, Zabarankin 2005). Variables n … n + T − 1 are y_1 … y_T.
 */
import type { ConvexRow } from './convex/program';
import type { ScenarioTable } from './scenario-table';

/** The table is that of {@link drawdownTable}. */
export function drawdownRows({ n, T }: ScenarioTable): ConvexRow[] {
  const hard = { price: Infinity, curvature: 0, bound: 0 };
  const steps = Array.from({ length: T }, (_, t) => ({
    ...hard,
    dense: t,
    index: t === 0 ? [n] : [n + t - 1, n + t],
    value: t === 0 ? [-1] : [1, -1],
  }));
  const signs = Array.from({ length: T }, (_, t) => ({ ...hard, dense: -1, index: [n + t], value: [-1] }));
  return [...steps, ...signs];
}

/** [T, n] −r_t in units of √T days' movement, so that drawdowns are of order 1; and that unit as a return. */
export function drawdownTable({ T, scale, scaled }: ScenarioTable): { table: Float64Array; unit: number } {
  const root = Math.sqrt(T);
  return { table: scaled.map((value) => -value / root), unit: scale * root };
}
