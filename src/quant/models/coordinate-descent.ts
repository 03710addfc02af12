/**
 * Elastic net on the Gram matrix: cyclic coordinate descent (Friedman, Hastie, Tibshirani 2010, §2.2 "covariance updates") finds
 * which features count, feature-sign search makes the answer exact.
 * Objective, as in scikit-learn: (1/2n)‖y − Xw‖² + α ρ ‖w‖₁ + ½ α (1 − ρ) ‖w‖₂².
 */
import { throwIfCancelled } from '#base/async';
import { featureSignSearch } from './feature-sign-search';
import type { NormalEquations } from './linear-model';

export interface ElasticNetPenalty {
  /** α ≥ 0. */
  readonly alpha: number;
  /** ρ, 0 … 1: the share of the absolute-value penalty. */
  readonly l1Ratio: number;
}

/** Sweeps and relative step after which the exact method takes over: it needs signs, not digits. */
const MAX_SWEEPS = 200;
const SMALL_STEP = 1e-6;

/** Smallest α at which every coefficient is 0. */
export function largestAlpha({ b, rows }: NormalEquations, l1Ratio: number): number {
  return b.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / (rows * l1Ratio);
}

/** Coefficients that meet the optimality conditions to rounding. Errors: NOT_CONVERGED, CANCELLED. */
export function elasticNet(
  equations: NormalEquations,
  penalty: ElasticNetPenalty,
  signal: AbortSignal | undefined,
): Float64Array {
  const { A, b, rows, features: K } = equations;
  const l1 = penalty.alpha * penalty.l1Ratio * rows;
  const l2 = penalty.alpha * (1 - penalty.l1Ratio) * rows;
  const w = new Float64Array(K);
  // q = A w, kept current while w changes.
  const q = new Float64Array(K);
  for (let count = 1; count <= MAX_SWEEPS; count++) {
    throwIfCancelled(signal);
    if (sweep(A, b, K, l1, l2, w, q) < SMALL_STEP) break;
  }
  return featureSignSearch({ A, b, n: K, l1, l2 }, w);
}

/** One pass over the coordinates; returns the largest step over the largest coefficient, both in units of spread. */
function sweep(
  A: Float64Array,
  b: Float64Array,
  K: number,
  l1: number,
  l2: number,
  w: Float64Array,
  q: Float64Array,
): number {
  let largestStep = 0;
  let largest = 0;
  for (let j = 0; j < K; j++) {
    const diagonal = A[j * K + j];
    if (diagonal === 0) continue;
    const old = w[j];
    const partial = b[j] - q[j] + diagonal * old;
    const next = (Math.sign(partial) * Math.max(Math.abs(partial) - l1, 0)) / (diagonal + l2);
    const step = next - old;
    if (step !== 0) {
      for (let i = 0, at = j * K; i < K; i++, at++) q[i] += A[at] * step;
      w[j] = next;
    }
    const spread = Math.sqrt(diagonal);
    largestStep = Math.max(largestStep, Math.abs(step) * spread);
    largest = Math.max(largest, Math.abs(next) * spread);
  }
  return largest === 0 ? 0 : largestStep / largest;
}
