/** Where a portfolio's volatility comes from: Euler decomposition by asset (Litterman 1996, Hot spots and hedges). */
import { AppError } from '#base/errors';
import { dot, multiplyVector } from '../array/linalg';

export interface RiskDecomposition {
  readonly volatility: number;
  /** (Σw)_i / σ. */
  readonly marginal: Float64Array;
  /** w_i · marginal_i; sums to the volatility. */
  readonly contribution: Float64Array;
  /** contribution / volatility; sums to 1. */
  readonly share: Float64Array;
  /** wᵀσ / volatility. */
  readonly diversificationRatio: number;
}

/** S [N, N] covariance, w [N]. Errors: INVALID_DATA where the portfolio has no risk. */
export function decomposeRisk(S: Float64Array, w: Float64Array, N: number): RiskDecomposition {
  const Sw = multiplyVector(S, w, N, N);
  const volatility = Math.sqrt(dot(w, 0, Sw, 0, N));
  if (!(volatility > 0)) {
    throw new AppError('INVALID_DATA', `Expected a portfolio with positive variance, found volatility ${volatility}.`);
  }
  const marginal = Sw.map((value) => value / volatility);
  const contribution = marginal.map((value, i) => w[i] * value);
  let weighted = 0;
  for (let i = 0; i < N; i++) weighted += w[i] * Math.sqrt(S[i * N + i]);
  return {
    volatility,
    marginal,
    contribution,
    share: contribution.map((value) => value / volatility),
    diversificationRatio: weighted / volatility,
  };
}
