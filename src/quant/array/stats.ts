/**
 * Statistics of one or two columns of numbers: moments, quantiles, ranks, correlation.
 * Inputs must be finite; too few values give NaN, which callers turn into an explained error.
 */

/** Mean by pairwise-safe two passes (the second removes the rounding error of the first). Empty → NaN. */
export function mean(x: ArrayLike<number>): number {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i];
  const first = sum / n;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += x[i] - first;
  return Number.isFinite(residual) ? first + residual / n : first;
}

/** Variance with divisor n − ddof, by the corrected two-pass algorithm (Chan, Golub, LeVeque 1983). n ≤ ddof → NaN. */
export function variance(x: ArrayLike<number>, ddof = 1): number {
  return centralMoment(x, mean(x), 2) / (x.length > ddof ? x.length - ddof : NaN);
}

/** Square root of {@link variance}. */
export function standardDeviation(x: ArrayLike<number>, ddof = 1): number {
  return Math.sqrt(variance(x, ddof));
}

/** Quantile of type 7 (Hyndman, Fan 1996; numpy's default): linear between order statistics. 0 ≤ q ≤ 1. */
export function quantile(x: ArrayLike<number>, q: number): number {
  return quantileOfSorted(Float64Array.from(x).sort(), q);
}

/** {@link quantile} of values that are already ascending. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const n = sorted.length;
  if (n === 0) return NaN;
  const position = q * (n - 1);
  const below = Math.min(Math.floor(position), n - 1);
  const fraction = position - below;
  if (fraction === 0) return sorted[below];
  const a = sorted[below];
  const b = sorted[below + 1];
  return fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction);
}

/** Population skewness m₃ / m₂^1.5. Constant input → NaN. */
export function skewness(x: ArrayLike<number>): number {
  const center = mean(x);
  const n = x.length;
  return centralMoment(x, center, 3) / n / (centralMoment(x, center, 2) / n) ** 1.5;
}

/** Population kurtosis m₄ / m₂², raw: 3 for a normal distribution. Constant input → NaN. */
export function kurtosis(x: ArrayLike<number>): number {
  const center = mean(x);
  const n = x.length;
  return centralMoment(x, center, 4) / n / (centralMoment(x, center, 2) / n) ** 2;
}

/** Covariance of two columns of equal length with divisor n − ddof. */
export function covariance(x: ArrayLike<number>, y: ArrayLike<number>, ddof = 1): number {
  return crossMoment(x, y) / (x.length > ddof ? x.length - ddof : NaN);
}

/** Pearson correlation, clipped to [−1, 1]. A constant column → NaN. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const xx = crossMoment(x, x);
  const yy = crossMoment(y, y);
  const r = crossMoment(x, y) / Math.sqrt(xx) / Math.sqrt(yy);
  return Math.min(1, Math.max(-1, r));
}

/** Ranks 1 … n, ties share the average of their ranks. */
export function rankAverage(x: ArrayLike<number>): Float64Array {
  const n = x.length;
  const order = argsort(x);
  const ranks = new Float64Array(n);
  for (let start = 0; start < n;) {
    const value = x[order[start]];
    let end = start + 1;
    while (end < n && x[order[end]] === value) end++;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) ranks[order[i]] = rank;
    start = end;
  }
  return ranks;
}

/** Positions of `x` in ascending order of value; equal values keep their order. */
export function argsort(x: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(x.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => x[a] - x[b] || a - b);
}

function centralMoment(x: ArrayLike<number>, center: number, power: 2 | 3 | 4): number {
  let sum = 0;
  let drift = 0;
  for (let i = 0; i < x.length; i++) {
    const d = x[i] - center;
    const square = d * d;
    sum += power === 2 ? square : power === 3 ? square * d : square * square;
    drift += d;
  }
  return power === 2 ? sum - (drift * drift) / x.length : sum;
}

function crossMoment(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const meanX = mean(x);
  const meanY = mean(y);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - meanX) * (y[i] - meanY);
  return sum;
}
