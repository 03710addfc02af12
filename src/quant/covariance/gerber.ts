/**
 * Gerber statistic (Gerber, Markowitz, Ernst, Miao, Javid, Sargen 2022, Journal of Portfolio Management 48): co-movement counted
 * only on days when at least one of the two moves by more than a share of its standard deviation.
 */
import { symmetricEigen } from '../array/eigen';
import { gram } from '../kernels/gram';
import { columnVariances, correlationOf, requireFinite, requireRows } from './moments';

export interface GerberCovariance {
  readonly matrix: Float64Array;
  /** Smallest eigenvalue of the statistic before negative ones were set to 0. */
  readonly leastEigenvalue: number;
}

/** (n_UU + n_DD − n_UD − n_DU) / (T − n_NN), scaled by the sample deviations (divisor T − 1). X [T, N]; `threshold` in deviations. */
export function gerberCovariance(X: Float64Array, T: number, N: number, threshold: number): GerberCovariance {
  requireRows(T, 2);
  requireFinite(X);
  const deviation = columnVariances(X, T, N).map(Math.sqrt);
  const moves = X.map((value, k) => (Math.abs(value) >= threshold * deviation[k % N] ? Math.sign(value) : 0));
  const agreement = gram(moves, T, N);
  const still = gram(
    moves.map((move) => (move === 0 ? 1 : 0)),
    T,
    N,
  );
  const statistic = agreement.map((value, k) => (still[k] === T ? 0 : value / (T - still[k])));
  for (let i = 0; i < N; i++) statistic[i * N + i] = 1;
  const { values, vectors } = symmetricEigen(statistic, N);
  const correlation =
    values[0] >= 0
      ? statistic
      : correlationOf(gram(vectors, N, N, { weights: values.map((value) => Math.max(value, 0)) }), N);
  const matrix = correlation.map((value, k) => value * deviation[k % N] * deviation[Math.floor(k / N)]);
  return { matrix, leastEigenvalue: values[0] };
}
