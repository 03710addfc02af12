/** Covariances that do not treat every return alike: exponential weights and downside only. X [T, N] row-major, finite. */
import { gram } from '../kernels/gram';
import { requireFinite, requireRows } from './moments';

/** Σ_k λ^k x_{T−k} x_{T−k}ᵀ / Σ_k λ^k, k = 0 newest, zero mean (RiskMetrics 1996, normalized for the finite sample). 0 < λ ≤ 1. */
export function ewmaCovariance(X: Float64Array, T: number, N: number, decay: number): Float64Array {
  requireRows(T, 1);
  requireFinite(X);
  const weights = new Float64Array(T);
  let weight = 1;
  let total = 0;
  for (let t = T - 1; t >= 0; t--) {
    weights[t] = weight;
    total += weight;
    weight *= decay;
  }
  return gram(X, T, N, { weights, scale: 1 / total });
}

/** YᵀY / T with Y = min(r − benchmark, 0): not demeaned (Estrada 2008). `benchmark` is a return per period. */
export function semicovariance(X: Float64Array, T: number, N: number, benchmark: number): Float64Array {
  requireRows(T, 1);
  requireFinite(X);
  const shortfall = X.map((value) => Math.min(value - benchmark, 0));
  return gram(shortfall, T, N, { scale: 1 / T });
}
