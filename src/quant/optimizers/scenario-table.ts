/** The scenarios of an optimizer: the days of its look-back, checked and scaled so that solvers see entries of order 1. */
import { columnMeans } from '#quant/covariance/moments';
import { estimateVariances } from './decision';
import type { OptimizerInput } from './optimizer';

export interface ScenarioTable {
  readonly n: number;
  readonly T: number;
  /** [T, n] returns divided by `scale`. */
  readonly scaled: Float64Array;
  /** Root of the mean variance, a return per day. */
  readonly scale: number;
}

/** Errors: NOT_ENOUGH_DATA, INVALID_DATA naming assets with missing or constant returns. */
export function scenariosOf(input: OptimizerInput): ScenarioTable {
  const variances = estimateVariances(input);
  const n = input.assets.length;
  const scale = Math.sqrt(variances.reduce((sum, value) => sum + value, 0) / n);
  return { n, T: input.returns.length / n, scaled: input.returns.map((value) => value / scale), scale };
}

/** [T, n] scaled returns less their mean by asset. */
export function deviations({ n, T, scaled }: ScenarioTable): Float64Array {
  const means = columnMeans(scaled, T, n);
  return scaled.map((value, k) => value - means[k % n]);
}
