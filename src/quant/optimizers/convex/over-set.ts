/**
 * A scenario objective minimized over a feasible set: the set's limits become rows, assets that are fixed drop out, and the answer
 * is brought back onto the set exactly. The turnover limit enters only where the answer without it breaks it.
 */
import { closestFeasible } from '../closest-feasible';
import { feasiblePoint, turnoverBetween, type FeasibleSet } from '../feasible-set';
import { minimizeConvex } from './interior-point';
import type { ConvexEquality, ConvexRow, ConvexSolution } from './program';

/** Of n weights and `extra` further variables, numbered n, n + 1, …; each further variable must be bounded by the rows. */
export interface ScenarioObjective {
  /** [·, n] entries of order 1. */
  readonly table: Float64Array;
  readonly extra: number;
  /** Length n + extra. */
  readonly c: Float64Array;
  /** Length n + extra. */
  readonly d?: Float64Array;
  readonly rows: readonly ConvexRow[];
  /** Length extra: where the search may begin. */
  readonly start: Float64Array;
}

export interface ScenarioSolution extends Omit<ConvexSolution, 'x'> {
  readonly weights: Float64Array;
}

/** Weights this close to a bound are put on it. */
const AT_BOUND = 1e-8;

/** The set must not be empty. Errors: NOT_CONVERGED. */
export function minimizeOverSet(set: FeasibleSet, objective: ScenarioObjective): ScenarioSolution {
  const { turnover } = set;
  const free = solveWith({ ...set, turnover: undefined }, objective);
  if (turnover === undefined || turnoverBetween(free.weights, turnover.reference) <= turnover.limit) return free;
  return solveWith(set, objective);
}

type AnySet = Omit<FeasibleSet, 'turnover'> & { readonly turnover?: FeasibleSet['turnover'] | undefined };

function solveWith(any: AnySet, objective: ScenarioObjective): ScenarioSolution {
  const { turnover, ...rest } = any;
  const set: FeasibleSet = turnover === undefined ? rest : { ...rest, turnover };
  const kept = Array.from({ length: set.n }, (_, i) => i).filter((i) => set.lower[i] < set.upper[i]);
  const start = feasiblePoint(set, new Float64Array(set.n));
  const m = kept.length;
  const { extra } = objective;
  const moves = turnover === undefined ? 0 : m;
  const size = m + extra + moves;
  const program = {
    n: m,
    size,
    table: columnsOf(objective.table, set.n, kept),
    c: reduced(objective.c, set.n, kept, extra, moves),
    ...(objective.d === undefined ? {} : { d: reduced(objective.d, set.n, kept, extra, moves) }),
    rows: [
      ...shiftedRows(objective, set, kept),
      ...setLimits(set, kept),
      ...(turnover === undefined ? [] : turnoverRows(turnover, set, kept, m + extra)),
    ],
    equalities: [budgetOf(set, kept)],
  };
  const begin = new Float64Array(size);
  kept.forEach((i, k) => {
    begin[k] = start[i];
    if (turnover !== undefined) begin[m + extra + k] = Math.abs(start[i] - turnover.reference[i]) + 0.1 / m;
  });
  begin.set(objective.start, m);
  const { x, ...facts } = minimizeConvex(program, begin);
  const target = set.lower.slice();
  kept.forEach((i, k) => {
    const nearLower = x[k] - set.lower[i] < AT_BOUND;
    const nearUpper = set.upper[i] - x[k] < AT_BOUND;
    target[i] = nearLower ? set.lower[i] : nearUpper ? set.upper[i] : x[k];
  });
  return { ...facts, weights: closestFeasible(set, target) };
}

function columnsOf(table: Float64Array, n: number, kept: readonly number[]): Float64Array {
  if (kept.length === n) return table;
  const m = kept.length;
  const part = new Float64Array((table.length / n) * m);
  for (let t = 0; t * n < table.length; t++) kept.forEach((i, k) => (part[t * m + k] = table[t * n + i]));
  return part;
}

function reduced(values: Float64Array, n: number, kept: readonly number[], extra: number, moves: number): Float64Array {
  const result = new Float64Array(kept.length + extra + moves);
  kept.forEach((i, k) => (result[k] = values[i]));
  result.set(values.subarray(n, n + extra), kept.length);
  return result;
}

/** The objective's rows over the kept variables; what fixed assets contribute moves into the bounds. Fixed weights are 0 or one value. */
function shiftedRows(
  { rows, table }: ScenarioObjective,
  { n, lower, upper }: FeasibleSet,
  kept: readonly number[],
): ConvexRow[] {
  const fixed = Array.from({ length: n }, (_, i) => i).filter((i) => !(lower[i] < upper[i]) && lower[i] !== 0);
  return rows.map((row) => ({
    ...row,
    index: row.index.map((i) => i - n + kept.length),
    bound:
      row.dense < 0 ? row.bound : fixed.reduce((bound, i) => bound - table[row.dense * n + i] * lower[i], row.bound),
  }));
}

function hard(index: readonly number[], value: readonly number[], bound: number): ConvexRow {
  return { dense: -1, index, value, bound, price: Infinity, curvature: 0 };
}

function setLimits({ n, lower, upper, sectors }: FeasibleSet, kept: readonly number[]): ConvexRow[] {
  const position = new Int32Array(n).fill(-1);
  kept.forEach((i, k) => (position[i] = k));
  const bounds = kept.flatMap((i, k) => [hard([k], [1], upper[i]), hard([k], [-1], -lower[i])]);
  const caps = sectors.flatMap(({ floor = -Infinity, cap, members }) => {
    const held = members.filter((i) => position[i] >= 0);
    const index = held.map((i) => position[i]);
    const rest = members.reduce((sum, i) => sum + (position[i] < 0 ? lower[i] : 0), 0);
    const most = members.reduce((sum, i) => sum + upper[i], 0);
    const least = members.reduce((sum, i) => sum + lower[i], 0);
    const above = most <= cap ? [] : [hard(index, new Array<number>(index.length).fill(1), cap - rest)];
    const below = least >= floor ? [] : [hard(index, new Array<number>(index.length).fill(-1), rest - floor)];
    return [...above, ...below];
  });
  return [...bounds, ...caps];
}

function budgetOf({ n, lower, upper, budget }: FeasibleSet, kept: readonly number[]): ConvexEquality {
  let fixed = 0;
  for (let i = 0; i < n; i++) if (!(lower[i] < upper[i])) fixed += lower[i];
  return { index: kept.map((_, k) => k), value: kept.map(() => 1), target: budget - fixed };
}

/** v_i ≥ |w_i − reference_i|, Σ v ≤ 2 · limit, with v numbered from `first`. */
function turnoverRows(
  { reference, limit }: { readonly reference: Float64Array; readonly limit: number },
  { n, lower, upper }: FeasibleSet,
  kept: readonly number[],
  first: number,
): ConvexRow[] {
  let fixed = 0;
  for (let i = 0; i < n; i++) if (!(lower[i] < upper[i])) fixed += Math.abs(lower[i] - reference[i]);
  const moves = kept.map((_, k) => first + k);
  const sides = kept.flatMap((i, k) => [
    hard([k, first + k], [1, -1], reference[i]),
    hard([k, first + k], [-1, -1], -reference[i]),
  ]);
  return [
    ...sides,
    hard(
      moves,
      moves.map(() => 1),
      2 * limit - fixed,
    ),
  ];
}
