/** Heteroskedasticity and autocorrelation consistent (HAC) variance of a mean. */
import { mean } from '../array/stats';

/** γ_k = (1/T) Σ c_t c_{t−k} of a series that is already centered. */
export function autocovariance(centered: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < centered.length; t++) sum += centered[t] * centered[t - lag];
  return sum / centered.length;
}

export function centered(x: Float64Array): Float64Array {
  const center = mean(x);
  return x.map((value) => value - center);
}

/** γ₀ + 2 Σ_{k=1}^{L} (1 − k/(L+1)) γ_k (Newey, West 1987). */
export function bartlettVariance(x: Float64Array, lags: number): number {
  const c = centered(x);
  let variance = autocovariance(c, 0);
  for (let k = 1; k <= Math.min(lags, c.length - 1); k++) {
    variance += 2 * (1 - k / (lags + 1)) * autocovariance(c, k);
  }
  return variance;
}

/** γ₀ + 2 Σ_{k=1}^{h−1} γ_k: the rectangular window of h-step forecast comparisons; it may be negative. */
export function rectangularVariance(x: Float64Array, horizon: number): number {
  const c = centered(x);
  let variance = autocovariance(c, 0);
  for (let k = 1; k < Math.min(horizon, c.length); k++) variance += 2 * autocovariance(c, k);
  return variance;
}

/** Parzen weight (Gallant 1987). */
function parzen(x: number): number {
  if (x <= 0.5) return 1 - 6 * x ** 2 + 6 * x ** 3;
  return x <= 1 ? 2 * (1 - x) ** 3 : 0;
}

/** AR(1) slope and residual variance by least squares with intercept, on a centered series. */
function autoregression(c: Float64Array): { rho: number; variance: number } {
  const x = centered(c.subarray(0, -1));
  const y = centered(c.subarray(1));
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let t = 0; t < x.length; t++) {
    xy += x[t] * y[t];
    xx += x[t] * x[t];
    yy += y[t] * y[t];
  }
  const rho = xx > 0 ? xy / xx : 0;
  return { rho, variance: (yy - rho * xy) / x.length };
}

/**
 * Parzen bandwidth S* = 2.6614 (α̂ T)^{1/5} with α̂ from AR(1) fits of every component (Andrews 1991, eqs. 6.2, 6.4), the choice of
 * Ledoit and Wolf (2008).
 */
export function andrewsParzenBandwidth(components: readonly Float64Array[]): number {
  let numerator = 0;
  let denominator = 0;
  for (const component of components) {
    const { rho, variance } = autoregression(component);
    numerator += (4 * rho ** 2 * variance ** 2) / (1 - rho) ** 8;
    denominator += variance ** 2 / (1 - rho) ** 4;
  }
  const alpha = denominator > 0 ? numerator / denominator : 0;
  return 2.6614 * (alpha * components[0].length) ** 0.2;
}

/** Parzen long-run variance with the given bandwidth. */
export function parzenVariance(x: Float64Array, bandwidth: number): number {
  const c = centered(x);
  let variance = autocovariance(c, 0);
  for (let k = 1; k < Math.min(bandwidth, c.length); k++) variance += 2 * parzen(k / bandwidth) * autocovariance(c, k);
  return variance;
}
