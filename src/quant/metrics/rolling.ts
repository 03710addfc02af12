/** Trailing-window statistics: the value at row t uses rows t − window + 1 … t; earlier rows are NaN. */
import { covariance, mean, standardDeviation, variance } from '../array/stats';

function trailing(length: number, window: number, at: (from: number, to: number) => number): Float64Array {
  const result = new Float64Array(length).fill(NaN);
  for (let t = window - 1; t < length; t++) result[t] = at(t - window + 1, t + 1);
  return result;
}

/** Standard deviation (divisor n − 1) × √periodsPerYear. */
export function rollingVolatility(returns: Float64Array, window: number, periodsPerYear: number): Float64Array {
  const root = Math.sqrt(periodsPerYear);
  return trailing(returns.length, window, (from, to) => standardDeviation(returns.subarray(from, to)) * root);
}

/** Mean / standard deviation × √periodsPerYear, risk-free rate 0; NaN where the window does not vary. */
export function rollingSharpe(returns: Float64Array, window: number, periodsPerYear: number): Float64Array {
  const root = Math.sqrt(periodsPerYear);
  return trailing(returns.length, window, (from, to) => {
    const slice = returns.subarray(from, to);
    const deviation = standardDeviation(slice);
    return deviation > 1e-14 ? (mean(slice) / deviation) * root : NaN;
  });
}

/** Covariance with the benchmark / variance of the benchmark. */
export function rollingBeta(returns: Float64Array, benchmark: Float64Array, window: number): Float64Array {
  return trailing(returns.length, window, (from, to) => {
    const b = benchmark.subarray(from, to);
    return covariance(returns.subarray(from, to), b) / variance(b);
  });
}
