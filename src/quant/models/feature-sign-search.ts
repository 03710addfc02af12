/**
 * Exact minimum of ½ wᵀAw − bᵀw + λ₁‖w‖₁ + ½ λ₂‖w‖₂² by guessing signs (Lee, Battle, Raina, Ng 2006, Algorithm 1):
 * solve for the guessed signs, walk there until a coefficient would change its sign, add the feature that violates most, repeat.
 * The objective falls with every step, so it ends; collinear features do not slow it down.
 */
import { AppError } from '#base/errors';
import { dot, multiplyVector, quadraticForm } from '../array/linalg';
import { leastNormSolve } from '../learning/linear-system';

export interface L1Problem {
  /** [n, n] symmetric positive semidefinite; zero rows are constant features. */
  readonly A: Float64Array;
  readonly b: Float64Array;
  readonly n: number;
  readonly l1: number;
  readonly l2: number;
}

/** Violations below this share of the largest |b| are rounding. */
const TOLERANCE = 1e-12;

/** From a starting point, the better the quicker. Errors: NOT_CONVERGED (only where rounding makes collinear features cycle). */
export function featureSignSearch(problem: L1Problem, start: Float64Array): Float64Array {
  const { n } = problem;
  const limit = 50 * (n + 4);
  const signs = start.map(Math.sign);
  let w = start;
  for (let step = 0; step < limit; step++) {
    const target = solveForSigns(problem, signs);
    const consistent = target.every((value, j) => value * signs[j] >= 0);
    w = consistent ? target : lowestOnTheWay(problem, w, target);
    for (let j = 0; j < n; j++) if (w[j] !== 0 || !consistent) signs[j] = Math.sign(w[j]);
    if (!consistent) continue;
    const worst = worstViolation(problem, w);
    if (worst === undefined) return w;
    signs[worst.feature] = worst.sign;
  }
  throw new AppError(
    'NOT_CONVERGED',
    `Expected the ${n} features to settle within ${limit} steps, found them still changing. Raise alpha or drop collinear features.`,
  );
}

/** The minimum if every coefficient had the given sign and those with sign 0 were 0. */
function solveForSigns({ A, b, n, l1, l2 }: L1Problem, signs: Float64Array): Float64Array {
  const active = [...signs.keys()].filter((j) => signs[j] !== 0);
  const m = active.length;
  const system = new Float64Array(m * m);
  active.forEach((i, row) => {
    active.forEach((j, column) => {
      system[row * m + column] = A[i * n + j] + (i === j ? l2 : 0);
    });
  });
  const right = Float64Array.from(active, (j) => b[j] - l1 * signs[j]);
  const solution = leastNormSolve(system, m, right);
  const w = new Float64Array(n);
  active.forEach((j, i) => {
    w[j] = solution[i];
  });
  return w;
}

/** The point of least objective among `to` and those on the line to it where a coefficient becomes 0. */
function lowestOnTheWay(problem: L1Problem, from: Float64Array, to: Float64Array): Float64Array {
  let best = to;
  let lowest = objective(problem, to);
  for (let j = 0; j < from.length; j++) {
    if (from[j] * to[j] >= 0) continue;
    const share = from[j] / (from[j] - to[j]);
    const point = from.map((value, i) => (i === j ? 0 : value + share * (to[i] - value)));
    const value = objective(problem, point);
    if (value < lowest) {
      lowest = value;
      best = point;
    }
  }
  return best;
}

function objective({ A, b, n, l1, l2 }: L1Problem, w: Float64Array): number {
  const norm1 = w.reduce((sum, value) => sum + Math.abs(value), 0);
  return 0.5 * quadraticForm(A, w, n) - dot(b, 0, w, 0, n) + l1 * norm1 + 0.5 * l2 * dot(w, 0, w, 0, n);
}

/** The zero coefficient whose gradient exceeds λ₁ most, with the sign it should take. */
function worstViolation({ A, b, n, l1 }: L1Problem, w: Float64Array): { feature: number; sign: number } | undefined {
  const q = multiplyVector(A, w, n, n);
  let largest = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, Math.abs(b[j]));
  let worst: { feature: number; sign: number } | undefined;
  let excess = TOLERANCE * largest;
  for (let j = 0; j < n; j++) {
    const gradient = b[j] - q[j];
    if (w[j] !== 0 || A[j * n + j] === 0 || Math.abs(gradient) - l1 <= excess) continue;
    excess = Math.abs(gradient) - l1;
    worst = { feature: j, sign: Math.sign(gradient) };
  }
  return worst;
}
