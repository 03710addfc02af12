/**
 * Equal risk contribution by cyclical coordinate descent on ½ xᵀΣx − (1/N) Σ ln x_i, whose minimizer scaled to sum 1 has equal
 * contributions w_i (Σw)_i (Griveau-Billion, Richard, Roncalli 2013, A fast algorithm for computing high-dimensional risk parity portfolios).
 */
import { AppError } from '#base/errors';

const SWEEPS = 10_000;
const TOLERANCE = 1e-15;

/** Σ [N, N] with a positive diagonal → weights, length N, positive, sum 1. Errors: INVALID_DATA, NOT_CONVERGED. */
export function equalRiskContribution(covariance: Float64Array, N: number): Float64Array {
  const x = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    const variance = covariance[i * N + i];
    if (!(variance > 0)) {
      throw new AppError('INVALID_DATA', `Expected positive variances, found ${variance} of asset ${i + 1}.`);
    }
    x[i] = 1 / Math.sqrt(variance * N);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let largest = 0;
    for (let i = 0; i < N; i++) {
      const variance = covariance[i * N + i];
      let others = -variance * x[i];
      for (let j = 0; j < N; j++) others += covariance[i * N + j] * x[j];
      const next = (Math.sqrt(others * others + (4 * variance) / N) - others) / (2 * variance);
      largest = Math.max(largest, Math.abs(next - x[i]) / next);
      x[i] = next;
    }
    if (largest <= TOLERANCE * N) {
      const sum = x.reduce((total, value) => total + value, 0);
      return x.map((value) => value / sum);
    }
  }
  throw new AppError('NOT_CONVERGED', `Expected equal risk contributions within ${SWEEPS} sweeps, found none.`);
}
