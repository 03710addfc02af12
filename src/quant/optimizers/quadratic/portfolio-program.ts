/** Portfolio decisions as quadratic programs over a feasible set. */
import { feasiblePoint, type FeasibleSet } from '../feasible-set';
import { solveQuadratic } from './solve-quadratic';
import type { LinearRow, QuadraticSolution } from './program';

/**
 * minimize ½ wᵀHw + cᵀw over the set. H [n, n], c [n] or absent. The search starts where assets with small `priority` are held.
 * The set must not be empty. Errors: NOT_CONVERGED, SINGULAR.
 */
export function solveOverSet(
  set: FeasibleSet,
  H: Float64Array,
  c: Float64Array | undefined,
  priority: ArrayLike<number>,
): QuadraticSolution {
  const { n, lower, upper, turnover } = set;
  return solveQuadratic(
    {
      n,
      H,
      ...(c === undefined ? {} : { c }),
      lower,
      upper,
      rows: setRows(set),
      ...(turnover === undefined ? {} : { turnover }),
    },
    feasiblePoint(set, priority),
  );
}

/** The budget and every sector bound that the bounds of the assets alone do not already keep. */
export function setRows({ n, budget, lower, upper, sectors }: FeasibleSet): readonly LinearRow[] {
  const rows: LinearRow[] = [
    { name: 'budget', kind: 'equal', coefficients: new Float64Array(n).fill(1), bound: budget },
  ];
  for (const { name, floor = -Infinity, cap, members } of sectors) {
    const inside = (sign: number): Float64Array => {
      const coefficients = new Float64Array(n);
      for (const i of members) coefficients[i] = sign;
      return coefficients;
    };
    if (cap - floor <= 1e-12) {
      rows.push({ name: `sector ${name}`, kind: 'equal', coefficients: inside(1), bound: cap });
      continue;
    }
    if (members.reduce((sum, i) => sum + lower[i], 0) < floor) {
      rows.push({ name: `floor of sector ${name}`, kind: 'at-most', coefficients: inside(-1), bound: -floor });
    }
    if (members.reduce((sum, i) => sum + upper[i], 0) <= cap) continue;
    rows.push({ name: `sector ${name}`, kind: 'at-most', coefficients: inside(1), bound: cap });
  }
  return rows;
}
