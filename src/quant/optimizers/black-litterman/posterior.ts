/** The Black–Litterman posterior for one absolute view per asset, in O(N³): the case of a model that scores every asset. */
import { cholesky, choleskySolve, multiplyVector } from '#quant/array/linalg';

export interface AbsolutePosterior {
  /** π = δ S w. */
  readonly prior: Float64Array;
  /** π + τS (τS + Ω)⁻¹ (q − π). */
  readonly mean: Float64Array;
  /** [N, N] S + τS − τS (τS + Ω)⁻¹ τS. */
  readonly covariance: Float64Array;
}

export interface AbsoluteViews {
  /** Weights whose equilibrium is the prior, length N. */
  readonly market: Float64Array;
  /** δ. */
  readonly riskAversion: number;
  readonly tau: number;
  /** Viewed return of every asset over the horizon of S, length N. */
  readonly q: Float64Array;
  /** c in (0, 1): Ω = diag(τS)(1 − c)/c; ½ is He and Litterman's. */
  readonly confidence: number;
}

/** S [N, N], He and Litterman 1999, equations 8 to 10 with P = I. Errors: SINGULAR. */
export function absolutePosterior(S: Float64Array, N: number, views: AbsoluteViews): AbsolutePosterior {
  const { market, riskAversion, tau, q, confidence } = views;
  const prior = multiplyVector(S, market, N, N).map((value) => riskAversion * value);
  const scaled = S.map((value) => tau * value);
  const M = scaled.slice();
  for (let i = 0; i < N; i++) M[i * N + i] *= 1 + (1 - confidence) / confidence;
  const L = cholesky(M, N);
  const pull = choleskySolve(
    L,
    N,
    q.map((view, i) => view - prior[i]),
  );
  const mean = multiplyVector(scaled, pull, N, N).map((shift, i) => prior[i] + shift);
  const covariance = S.map((value) => (1 + tau) * value);
  for (let i = 0; i < N; i++) {
    const drop = multiplyVector(scaled, choleskySolve(L, N, scaled.slice(i * N, (i + 1) * N)), N, N);
    for (let j = 0; j < N; j++) covariance[i * N + j] -= drop[j];
  }
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < i; j++) {
      const middle = (covariance[i * N + j] + covariance[j * N + i]) / 2;
      covariance[i * N + j] = middle;
      covariance[j * N + i] = middle;
    }
  }
  return { prior, mean, covariance };
}
