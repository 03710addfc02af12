/**
 * Black–Litterman (1992; notation of Idzorek 2005): returns implied by market weights, moved toward views in proportion to
 * confidence. S [N, N] annual covariance; P [K, N] views, each Σ_i P_ki μ_i = q_k.
 */
import { AppError } from '#base/errors';
import { dot, multiply, multiplyVector, solve } from '../array/linalg';

export interface Views {
  /** [K, N] row-major. */
  readonly P: Float64Array;
  /** Length K, annual returns. */
  readonly q: Float64Array;
}

export interface Posterior {
  /** Equilibrium returns π = δ S w. */
  readonly prior: Float64Array;
  readonly mean: Float64Array;
  /** [N, N] S + posterior uncertainty of the mean. */
  readonly covariance: Float64Array;
  /** (δ Σ)⁻¹ μ of the posterior, not normalized. */
  readonly weights: Float64Array;
}

/** Uncertainty of the views is Ω = diag(τ P S Pᵀ). Errors: SINGULAR when views repeat each other or S is singular. */
export function blackLitterman(
  S: Float64Array,
  N: number,
  marketWeights: Float64Array,
  riskAversion: number,
  tau: number,
  { P, q }: Views,
): Posterior {
  const K = q.length;
  const prior = multiplyVector(S, marketWeights, N, N).map((value) => riskAversion * value);
  const SPt = new Float64Array(N * K);
  for (let i = 0; i < N; i++) for (let k = 0; k < K; k++) SPt[i * K + k] = tau * dot(S, i * N, P, k * N, N);
  const M = multiply(P, SPt, K, N, K);
  for (let k = 0; k < K; k++) M[k * K + k] *= 2;
  const surprise = multiplyVector(P, prior, K, N).map((implied, k) => q[k] - implied);
  const pull = K === 0 ? surprise : solve(M, K, surprise);
  const mean = multiplyVector(SPt, pull, N, K).map((shift, i) => prior[i] + shift);
  const covariance = S.map((value) => (1 + tau) * value);
  for (let i = 0; i < N && K > 0; i++) {
    const gain = solve(M, K, SPt.subarray(i * K, (i + 1) * K));
    const drop = multiplyVector(SPt, gain, N, K);
    for (let j = 0; j < N; j++) covariance[i * N + j] -= drop[j];
  }
  const weights = solve(
    covariance.map((value) => riskAversion * value),
    N,
    mean,
  );
  return { prior, mean, covariance, weights };
}

/** Risk aversion implied by a market's returns: (periods · mean − rf) / (periods · variance), divisor T − 1. */
export function marketRiskAversion(returns: Float64Array, periods: number, riskFree: number): number {
  const n = returns.length;
  if (n < 2) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 2 market returns, found ${n}.`, {
      data: { needed: 2, found: n },
    });
  }
  const mean = returns.reduce((sum, value) => sum + value, 0) / n;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return (periods * mean - riskFree) / (periods * variance);
}
