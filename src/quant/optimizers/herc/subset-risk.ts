/** Risk of a weighted subset of assets under the measures of hierarchical equal risk contribution; all positive or refused. */
import { AppError } from '#base/errors';
import type { HercRisk } from './choices';

export interface RiskData {
  readonly N: number;
  /** [N, N]. */
  readonly covariance: Float64Array;
  /** [T, N] simple returns; read by cvar and cdar only. */
  readonly returns: Float64Array;
  /** Confidence of the tail, e.g. 0.95. */
  readonly level: number;
}

/**
 * weights: one per member. cvar: mean of the worst (1 − level) T returns, the boundary one counted in part (Rockafellar, Uryasev 2000);
 * cdar: the same of the drawdowns of summed returns (Chekhlov, Uryasev, Zabarankin 2005). Errors: INVALID_DATA where risk is not positive.
 */
export function subsetRisk(
  data: RiskData,
  measure: HercRisk,
  members: readonly number[],
  weights: ArrayLike<number>,
): number {
  if (measure === 'equal') return 1;
  const risk =
    measure === 'cvar' || measure === 'cdar'
      ? tailOf(measure === 'cvar' ? losses(data, members, weights) : drawdowns(data, members, weights), data.level)
      : varianceOf(data, members, weights);
  const value = measure === 'standard-deviation' ? Math.sqrt(Math.max(risk, 0)) : risk;
  if (value > 0) return value;
  throw new AppError(
    'INVALID_DATA',
    `Expected a positive ${measure} of every asset and cluster, found ${value.toPrecision(3)}. There was no loss in that tail: use a longer look-back or the variance.`,
    { data: { measure, value } },
  );
}

function varianceOf({ covariance, N }: RiskData, members: readonly number[], weights: ArrayLike<number>): number {
  let variance = 0;
  members.forEach((i, a) => {
    let sum = 0;
    members.forEach((j, b) => (sum += covariance[i * N + j] * weights[b]));
    variance += weights[a] * sum;
  });
  return variance;
}

function losses({ returns, N }: RiskData, members: readonly number[], weights: ArrayLike<number>): Float64Array {
  const result = new Float64Array(returns.length / N);
  for (let t = 0; t < result.length; t++) {
    let sum = 0;
    for (let a = 0; a < members.length; a++) sum += returns[t * N + members[a]] * weights[a];
    result[t] = -sum;
  }
  return result;
}

function drawdowns(data: RiskData, members: readonly number[], weights: ArrayLike<number>): Float64Array {
  let value = 0;
  let peak = 0;
  return losses(data, members, weights).map((loss) => {
    value -= loss;
    peak = Math.max(peak, value);
    return peak - value;
  });
}

function tailOf(values: Float64Array, level: number): number {
  const sorted = values.toSorted().reverse();
  const count = (1 - level) * sorted.length;
  const whole = Math.min(Math.floor(count), sorted.length);
  let sum = 0;
  for (let k = 0; k < whole; k++) sum += sorted[k];
  if (whole < sorted.length) sum += (count - whole) * sorted[whole];
  return sum / count;
}
