/**
 * Mehrotra's predictor–corrector method (Mehrotra 1992; Nocedal, Wright 2006, §14.2 and §16.6). Shortfalls, slacks and multipliers
 * are eliminated row by row, so one Cholesky factor of the size of x solves each step. Deterministic, and equivariant: permuting
 * the variables permutes the answer, and among many optima it is the central one.
 */
import { AppError } from '#base/errors';
import { choleskySolve, solve } from '#quant/array/linalg';
import { forgivingCholesky } from './factor';
import type { ConvexProgram, ConvexSolution } from './program';
import { normalMatrix, rowsTimes, sparseDot, squaredDiagonal, total, transposedTimes } from './row-products';

const MOST_ITERATIONS = 100;
const GAP = 1e-12;
const RESIDUAL = 1e-10;
/** Beyond this the answer is refused. */
const WORST = 1e-6;
/** Share of the way to the boundary that a step may take. */
const DAMPING = 0.995;
const LEAST_SLACK = 0.05;
/** Share of the gap that a steady step keeps. */
const STEADY_CENTERING = 0.2;

interface State {
  x: Float64Array;
  /** Multipliers of the equalities. */
  y: Float64Array;
  s: Float64Array;
  lambda: Float64Array;
  /** Shortfall and its multiplier; 0 on rows that allow none. */
  z: Float64Array;
  nu: Float64Array;
}

interface Residuals {
  readonly dual: Float64Array;
  readonly shortfall: Float64Array;
  readonly row: Float64Array;
  readonly equality: Float64Array;
  readonly largest: number;
}

/** @param start Any point; near a good one is better. Errors: NOT_CONVERGED. */
export function minimizeConvex(program: ConvexProgram, start: Float64Array): ConvexSolution {
  const quick = search(program, start, false);
  if (errorOf(quick) <= WORST) return quick;
  // The corrector is quick, but on a few programs it makes the gap go up and down for ever; without it the gap only falls, slower.
  const steady = search(program, start, true);
  const best = errorOf(steady) < errorOf(quick) ? steady : quick;
  if (errorOf(best) <= WORST) return best;
  throw new AppError(
    'NOT_CONVERGED',
    `Expected an optimum within ${WORST}, found a gap of ${best.gap.toExponential(1)} and a residual of ${best.residual.toExponential(1)}. ` +
      'Loosen a constraint that leaves a single portfolio, or use a longer look-back.',
    { data: { gap: best.gap, residual: best.residual, iterations: best.iterations } },
  );
}

function errorOf({ gap, residual }: ConvexSolution): number {
  return Math.max(gap, residual);
}

/** The best point of one search; `steady`: strongly centered steps without the second-order corrector. */
function search(program: ConvexProgram, start: Float64Array, steady: boolean): ConvexSolution {
  const isSoft = program.rows.map((row) => row.price !== Infinity);
  const pairs = isSoft.reduce((count, soft) => count + (soft ? 2 : 1), 0);
  let state = initialState(program, start);
  let best: ConvexSolution = { x: start, objective: Infinity, iterations: 0, gap: Infinity, residual: Infinity };
  let stalled = 0;
  for (let iterations = 0; iterations < MOST_ITERATIONS && stalled < patience(best); iterations++) {
    const residuals = residualsOf(program, state, isSoft);
    const gap = total(state.s, state.lambda) + total(state.z, state.nu);
    const error = Math.max(gap, residuals.largest);
    if (!Number.isFinite(error)) break;
    stalled = error < errorOf(best) ? 0 : stalled + 1;
    if (stalled === 0)
      best = {
        x: state.x.slice(),
        objective: objectiveAt(program, state.x),
        iterations,
        gap,
        residual: residuals.largest,
      };
    if (gap <= GAP && residuals.largest <= RESIDUAL) return best;
    state = advance(program, state, residuals, isSoft, { mu: gap / pairs, steady });
  }
  return best;
}

/** ½ Σ d x² + cᵀx plus the cost of the least shortfalls. */
export function objectiveAt(program: ConvexProgram, x: Float64Array): number {
  const { c, d, rows } = program;
  const smooth = total(c, x) + total(squaredDiagonal(d, x), x) / 2;
  return rowsTimes(program, x).reduce((sum, value, r) => {
    const { bound, price, curvature } = rows[r];
    const z = Math.max(0, value - bound);
    return price === Infinity ? sum : sum + price * z + 0.5 * curvature * z * z;
  }, smooth);
}

/** Early on the gap may grow for many steps; near the optimum, steps without progress mean that rounding has taken over. */
function patience(best: ConvexSolution): number {
  return errorOf(best) <= WORST ? 6 : 40;
}

function initialState(program: ConvexProgram, start: Float64Array): State {
  const { rows, equalities } = program;
  const room = rowsTimes(program, start).map((value, r) => rows[r].bound - value);
  const soft = (r: number): boolean => rows[r].price !== Infinity;
  const z = room.map((value, r) => (soft(r) ? Math.max(LEAST_SLACK, LEAST_SLACK - value) : 0));
  const cost = z.map((value, r) => (soft(r) ? rows[r].price + rows[r].curvature * value : 0));
  return {
    x: start.slice(),
    y: new Float64Array(equalities.length),
    s: room.map((value, r) => Math.max(LEAST_SLACK, value + z[r])),
    lambda: cost.map((value, r) => (soft(r) ? value / 2 : 1 / rows.length)),
    z,
    nu: cost.map((value) => value / 2),
  };
}

function residualsOf(program: ConvexProgram, state: State, isSoft: readonly boolean[]): Residuals {
  const { c, d, rows, equalities } = program;
  const { x, y, s, lambda, z, nu } = state;
  const dual = transposedTimes(program, lambda);
  const quadratic = squaredDiagonal(d, x);
  for (let i = 0; i < dual.length; i++) dual[i] += c[i] + quadratic[i];
  equalities.forEach(({ index, value }, e) => index.forEach((i, k) => (dual[i] += value[k] * y[e])));
  const shortfall = z.map((value, r) =>
    isSoft[r] ? rows[r].price + rows[r].curvature * value - lambda[r] - nu[r] : 0,
  );
  const row = rowsTimes(program, x).map((value, r) => value + s[r] - z[r] - rows[r].bound);
  const equality = Float64Array.from(equalities, ({ index, value, target }) => sparseDot(index, value, x) - target);
  const largest = Math.max(largestOf(dual), largestOf(shortfall), largestOf(row), largestOf(equality));
  return { dual, shortfall, row, equality, largest };
}

/** One predictor and one corrector step with the same factor. */
function advance(
  program: ConvexProgram,
  state: State,
  residuals: Residuals,
  isSoft: readonly boolean[],
  { mu, steady }: { readonly mu: number; readonly steady: boolean },
): State {
  const newton = newtonSolver(program, state, residuals, isSoft);
  const { s, lambda, z, nu } = state;
  const products = s.map((value, r) => value * lambda[r]);
  const shortfallProducts = z.map((value, r) => value * nu[r]);
  const predictor = newton(products, shortfallProducts);
  const reach = stepLengths(program, state, predictor, 1);
  let left = 0;
  let pairs = 0;
  for (let r = 0; r < s.length; r++) {
    left += (s[r] + reach.primal * predictor.s[r]) * (lambda[r] + reach.dual * predictor.lambda[r]);
    pairs += isSoft[r] ? 2 : 1;
    if (isSoft[r]) left += (z[r] + reach.primal * predictor.z[r]) * (nu[r] + reach.dual * predictor.nu[r]);
  }
  const target = (steady ? Math.max(STEADY_CENTERING, (left / pairs / mu) ** 3) : (left / pairs / mu) ** 3) * mu;
  const second = steady ? 0 : 1;
  const direction = newton(
    products.map((value, r) => value + second * predictor.s[r] * predictor.lambda[r] - target),
    shortfallProducts.map((value, r) => (isSoft[r] ? value + second * predictor.z[r] * predictor.nu[r] - target : 0)),
  );
  const { primal, dual } = stepLengths(program, state, direction, DAMPING);
  return {
    x: moved(state.x, direction.x, primal),
    y: moved(state.y, direction.y, dual),
    s: moved(s, direction.s, primal),
    lambda: moved(lambda, direction.lambda, dual),
    z: moved(z, direction.z, primal),
    nu: moved(nu, direction.nu, dual),
  };
}

type Newton = (products: Float64Array, shortfallProducts: Float64Array) => State;

/**
 * The linearized optimality conditions with λ s = 0 and ν z = 0 replaced by the given residual products:
 * dλ = W (A dx + g), (H + AᵀWA) dx + Eᵀdy = −r_d − AᵀWg, E dx = −r_e.
 */
function newtonSolver(
  program: ConvexProgram,
  { s, lambda, z, nu }: State,
  { dual, shortfall, row, equality }: Residuals,
  isSoft: readonly boolean[],
): Newton {
  const { rows, equalities, size } = program;
  const give = z.map((value, r) => (isSoft[r] ? 1 / (rows[r].curvature + nu[r] / value) : 0));
  const W = s.map((value, r) => 1 / (value / lambda[r] + give[r]));
  const L = forgivingCholesky(normalMatrix(program, W), size);
  const E = equalities.map(({ index, value }) => {
    const column = new Float64Array(size);
    index.forEach((i, k) => (column[i] = value[k]));
    return column;
  });
  const images = E.map((column) => choleskySolve(L, size, column));
  const k = E.length;
  const schur = new Float64Array(k * k);
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) schur[a * k + b] = total(E[a], images[b]);
  return (products, shortfallProducts) => {
    const pull = shortfall.map((value, r) => (isSoft[r] ? value + shortfallProducts[r] / z[r] : 0));
    const g = row.map((value, r) => value - products[r] / lambda[r] + give[r] * pull[r]);
    const rhs = transposedTimes(
      program,
      g.map((value, r) => -W[r] * value),
    );
    for (let i = 0; i < size; i++) rhs[i] -= dual[i];
    const free = choleskySolve(L, size, rhs);
    const y =
      k === 0
        ? new Float64Array(0)
        : solve(
            schur,
            k,
            Float64Array.from(E, (column, e) => total(column, free) + equality[e]),
          );
    const x = free.map((value, i) => images.reduce((sum, image, e) => sum - y[e] * image[i], value));
    const change = rowsTimes(program, x);
    const dLambda = change.map((value, r) => W[r] * (value + g[r]));
    const dz = dLambda.map((value, r) => give[r] * (value - pull[r]));
    return {
      x,
      y,
      lambda: dLambda,
      s: dLambda.map((value, r) => -(products[r] + s[r] * value) / lambda[r]),
      z: dz,
      nu: dz.map((value, r) => (isSoft[r] ? -(shortfallProducts[r] + nu[r] * value) / z[r] : 0)),
    };
  };
}

/** Longest steps that keep slacks, shortfalls and multipliers positive; one common step where the objective is quadratic. */
function stepLengths(
  { d, rows }: ConvexProgram,
  state: State,
  direction: State,
  damping: number,
): { primal: number; dual: number } {
  const primal = Math.min(longest(state.s, direction.s, damping), longest(state.z, direction.z, damping));
  const dual = Math.min(longest(state.lambda, direction.lambda, damping), longest(state.nu, direction.nu, damping));
  if (d === undefined && rows.every((row) => row.curvature === 0)) return { primal, dual };
  return { primal: Math.min(primal, dual), dual: Math.min(primal, dual) };
}

function longest(values: Float64Array, change: Float64Array, damping: number): number {
  let step = 1;
  for (let r = 0; r < values.length; r++) if (change[r] < 0) step = Math.min(step, (-damping * values[r]) / change[r]);
  return step;
}

function moved(values: Float64Array, change: Float64Array, step: number): Float64Array {
  return values.map((value, i) => value + step * change[i]);
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
