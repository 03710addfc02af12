/**
 * Effective number of bets: a portfolio as a mix of uncorrelated bets that stay as close as possible to the assets
 * (Meucci 2009, Managing diversification; bets by minimum torsion: Meucci, Santangelo, Deguest 2015).
 */
import { AppError } from '#base/errors';
import { symmetricEigen } from '../array/eigen';
import { dot, multiply, multiplyVector, transpose } from '../array/linalg';
import { correlationOf } from '../covariance/moments';

const MOST_STEPS = 1_000;
const TOLERANCE = 1e-10;

export interface EffectiveBets {
  /** exp(−Σ p ln p), between 1 and N. */
  readonly effective: number;
  /** Share of the variance per bet, length N, ≥ 0, sum 1; bet i is the one that follows asset i. */
  readonly shares: Float64Array;
}

/** S [N, N] covariance, w [N]. Errors: SINGULAR, INVALID_DATA for constant assets or a portfolio without risk, NOT_CONVERGED. */
export function effectiveBets(S: Float64Array, w: Float64Array, N: number): EffectiveBets {
  const C = correlationOf(S, N);
  const deviation = Float64Array.from({ length: N }, (_, i) => Math.sqrt(S[i * N + i]));
  const exposure = w.map((value, i) => value * deviation[i]);
  const variance = dot(exposure, 0, multiplyVector(C, exposure, N, N), 0, N);
  if (!(variance > 0)) {
    throw new AppError('INVALID_DATA', `Expected a portfolio with positive variance, found ${variance}.`);
  }
  const { root, q } = torsion(C, N);
  // With bets t = diag(d) q c⁻¹ of variances d², the portfolio holds y = diag(1/d) q c x, and d² y² is its variance per bet.
  const bets = multiplyVector(q, multiplyVector(root, exposure, N, N), N, N);
  const shares = bets.map((value) => value ** 2 / variance);
  const total = shares.reduce((sum, value) => sum + value, 0);
  const normal = shares.map((value) => value / total);
  const entropy = normal.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return { effective: Math.exp(entropy), shares: normal };
}

/** The fixed point of the constrained Procrustes problem: orthogonal q and positive d with d q nearest to the root c of C. */
function torsion(C: Float64Array, N: number): { root: Float64Array; q: Float64Array } {
  const root = matrixPower(C, N, 0.5);
  let d = new Float64Array(N).fill(1);
  let distance = Infinity;
  for (let step = 0; step < MOST_STEPS; step++) {
    const scaled = root.map((value, at) => value * d[Math.floor(at / N)]);
    const U = multiply(scaled, transpose(scaled, N, N), N, N, N);
    const q = multiply(matrixPower(U, N, -0.5), scaled, N, N, N);
    const product = multiply(q, root, N, N, N);
    d = Float64Array.from({ length: N }, (_, i) => product[i * N + i]);
    let next = 0;
    for (let at = 0; at < N * N; at++) next += (root[at] - d[Math.floor(at / N)] * q[at]) ** 2;
    next = Math.sqrt(next);
    if (Math.abs(distance - next) <= TOLERANCE * next || next <= TOLERANCE) return { root, q };
    distance = next;
  }
  throw new AppError('NOT_CONVERGED', `Expected minimum torsion within ${MOST_STEPS} steps, found none.`);
}

/** A^power of a positive definite matrix. Errors: SINGULAR. */
function matrixPower(A: Float64Array, N: number, power: number): Float64Array {
  const { values, vectors } = symmetricEigen(A, N);
  if (!(values[0] > values[N - 1] * N * Number.EPSILON)) {
    throw new AppError(
      'SINGULAR',
      `Expected a positive definite ${N} × ${N} correlation, found smallest eigenvalue ${values[0]}. ` +
        'Remove duplicated assets, use more observations, or choose a shrinkage estimator.',
      { data: { smallest: values[0], largest: values[N - 1] } },
    );
  }
  const scaled = vectors.map((value, at) => value * values[Math.floor(at / N)] ** power);
  return multiply(transpose(vectors, N, N), scaled, N, N, N);
}
