/**
 * Scaling of features by what the training rows say: fitted inside the training window, kept with the model as plain data,
 * applied unchanged to whatever is forecast later.
 */
import type { Moments } from './moments';

/** Plain JSON. */
export interface Scaler {
  /** Length K. */
  readonly mean: readonly number[];
  /** Population standard deviation (divisor n); 0 for a constant feature, which scales to 0. */
  readonly deviation: readonly number[];
}

/** Deviations below this share of the mean are rounding. */
const CONSTANT = 1e-12;

export function scalerOf({ rows, features, mean, scatter }: Moments): Scaler {
  const m = features + 1;
  const centers = Array.from(mean.subarray(0, features));
  const deviation = centers.map((center, k) => {
    const spread = Math.sqrt(Math.max(0, scatter[k * m + k]) / rows);
    return spread > CONSTANT * Math.abs(center) ? spread : 0;
  });
  return { mean: centers, deviation };
}

/** The scaler that changes nothing, for features that are ranks or z-scores already. */
export function identityScaler(features: number): Scaler {
  return { mean: Array<number>(features).fill(0), deviation: Array<number>(features).fill(1) };
}

/** (x − mean) / deviation, in place; X [rows, K] row-major. */
export function applyScaler(scaler: Scaler, X: Float64Array): void {
  const K = scaler.mean.length;
  const mean = Float64Array.from(scaler.mean);
  const factor = Float64Array.from(scaler.deviation, (deviation) => (deviation > 0 ? 1 / deviation : 0));
  for (let row = 0; row < X.length; row += K) {
    for (let k = 0; k < K; k++) X[row + k] = (X[row + k] - mean[k]) * factor[k];
  }
}

/** The moments that the rows would have after {@link applyScaler}; the target stays as it is. */
export function scaleMoments(scaler: Scaler, moments: Moments): Moments {
  const { rows, features, mean, scatter } = moments;
  const m = features + 1;
  const factor = (k: number) => (k === features ? 1 : scaler.deviation[k] > 0 ? 1 / scaler.deviation[k] : 0);
  return {
    rows,
    features,
    mean: mean.map((value, k) => (k === features ? value : (value - scaler.mean[k]) * factor(k))),
    scatter: scatter.map((value, at) => value * factor(Math.floor(at / m)) * factor(at % m)),
  };
}
