/** Does a value at risk keep its promise? Coverage tests of Kupiec (1995) and independence test of Christoffersen (1998). */
import { AppError } from '#base/errors';
import { chiSquareTail } from '../array/distributions';
import { quantileOfSorted } from '../array/stats';

export interface CoverageTest {
  readonly n: number;
  readonly exceptions: number;
  /** Unconditional coverage, χ²(1). */
  readonly lrUnconditional: number;
  readonly pUnconditional: number;
  /** First-order transitions: n_ij pairs from state i to state j (1 = exception). */
  readonly transitions: readonly [n00: number, n01: number, n10: number, n11: number];
  readonly lrIndependence: number;
  readonly pIndependence: number;
  /** Conditional coverage, χ²(2). */
  readonly lrConditional: number;
  readonly pConditional: number;
}

/** Type-7 quantile (1 − alpha) of the previous `window` returns, per row from `window` on; length T − window. */
export function historicalVarForecasts(returns: Float64Array, window: number, alpha: number): Float64Array {
  if (!(window >= 2) || returns.length <= window + 1) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected more than ${window + 1} returns for a window of ${window}, found ${returns.length}.`,
      { data: { needed: window + 2, found: returns.length } },
    );
  }
  const forecasts = new Float64Array(returns.length - window);
  for (let i = 0; i < forecasts.length; i++) {
    forecasts[i] = quantileOfSorted(returns.slice(i, i + window).sort(), 1 - alpha);
  }
  return forecasts;
}

/** x ln y with 0 ln 0 = 0. */
function xlogy(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log(y);
}

/** Likelihood-ratio tests of exceptions r_t < q_t against the promised rate 1 − alpha. */
export function coverageTest(returns: Float64Array, forecasts: Float64Array, alpha: number): CoverageTest {
  const n = returns.length;
  const hits = returns.map((r, t) => (r < forecasts[t] ? 1 : 0));
  const transitions: [number, number, number, number] = [0, 0, 0, 0];
  for (let t = 1; t < n; t++) transitions[2 * hits[t - 1] + hits[t]] += 1;
  const exceptions = hits.reduce((sum, hit) => sum + hit, 0);
  const promised = 1 - alpha;
  const rate = exceptions / n;
  const lrUnconditional =
    2 *
    (xlogy(n - exceptions, 1 - rate) +
      xlogy(exceptions, rate) -
      xlogy(n - exceptions, 1 - promised) -
      xlogy(exceptions, promised));
  const [n00, n01, n10, n11] = transitions;
  const afterCalm = n01 / (n00 + n01);
  const afterHit = n11 / (n10 + n11);
  const pooled = (n01 + n11) / (n - 1);
  const lrIndependence =
    2 *
    (xlogy(n00, 1 - afterCalm) +
      xlogy(n01, afterCalm) +
      xlogy(n10, 1 - afterHit) +
      xlogy(n11, afterHit) -
      xlogy(n00 + n10, 1 - pooled) -
      xlogy(n01 + n11, pooled));
  const lrConditional = lrUnconditional + lrIndependence;
  return {
    n,
    exceptions,
    lrUnconditional,
    pUnconditional: chiSquareTail(lrUnconditional, 1),
    transitions,
    lrIndependence,
    pIndependence: chiSquareTail(lrIndependence, 1),
    lrConditional,
    pConditional: chiSquareTail(lrConditional, 2),
  };
}
