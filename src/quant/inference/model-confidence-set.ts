/**
 * Which models cannot be told from the best one? The model confidence set of Hansen, Lunde and Nason (2011): models are eliminated
 * one by one while a bootstrap test rejects that all remaining ones lose equally.
 */
import { AppError } from '#base/errors';
import { columnMeans } from './data-snooping';
import { type ResamplingOptions, resampledMeans } from './resampled-means';

/** `max`: each against the average of the set; `range`: the largest pairwise difference (O(B K²) per elimination). */
export type SetStatistic = 'max' | 'range';

export interface ModelConfidenceSet {
  /** Positions of the models that remain at the level, ascending. */
  readonly included: readonly number[];
  /** MCS p-value per model: it remains at every level below. */
  readonly pValues: Float64Array;
  /** Worst first; the last one is the best. */
  readonly eliminated: readonly number[];
  /** Test statistic of the whole set. */
  readonly statistic: number;
}

/**
 * `losses` is [T, K] row-major, smaller is better (for returns, hand in their negatives). The set holds the best model with
 * probability 1 − level asymptotically. Errors: NOT_ENOUGH_DATA, INVALID_DATA where two models have the same losses.
 */
export function modelConfidenceSet(
  losses: Float64Array,
  models: number,
  level: number,
  statistic: SetStatistic,
  options: ResamplingOptions,
): ModelConfidenceSet {
  if (models < 2) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 2 models to compare, found ${models}.`, {
      data: { needed: 2, found: models },
    });
  }
  const means = columnMeans(losses, models);
  const boot = resampledMeans(losses, models, options);
  for (let at = 0; at < boot.length; at++) boot[at] -= means[at % models];
  const test = statistic === 'max' ? maxTest : rangeTest;
  let active = Array.from({ length: models }, (_, k) => k);
  const pValues = new Float64Array(models).fill(1);
  const eliminated: number[] = [];
  let running = 0;
  let first = NaN;
  while (active.length > 1) {
    const { p, value, worst } = test(active, means, boot, models);
    if (eliminated.length === 0) first = value;
    running = Math.max(running, p);
    pValues[worst] = running;
    eliminated.push(worst);
    active = active.filter((k) => k !== worst);
  }
  eliminated.push(active[0]);
  const included = [...pValues.keys()].filter((k) => pValues[k] > level);
  return { included, pValues, eliminated, statistic: first };
}

interface SetTest {
  readonly p: number;
  readonly value: number;
  /** The model that leaves first. */
  readonly worst: number;
}

/** T_max = max_i d_i· / se(d_i·) with d_i· the loss above the average of the set (eq. 4 and section 3.1.2). */
function maxTest(active: readonly number[], means: Float64Array, boot: Float64Array, K: number): SetTest {
  const m = active.length;
  const B = boot.length / K;
  const center = active.reduce((sum, k) => sum + means[k], 0) / m;
  const deviations = new Float64Array(B * m);
  const errors = new Float64Array(m);
  for (let b = 0; b < B; b++) {
    let average = 0;
    for (const k of active) average += boot[b * K + k] / m;
    for (let i = 0; i < m; i++) {
      const d = boot[b * K + active[i]] - average;
      deviations[b * m + i] = d;
      errors[i] += (d * d) / B;
    }
  }
  const scores = active.map((k, i) => (means[k] - center) / requireError(Math.sqrt(errors[i]), means[k] - center));
  const value = Math.max(...scores);
  let exceed = 0;
  for (let b = 0; b < B; b++) {
    let largest = -Infinity;
    for (let i = 0; i < m; i++) largest = Math.max(largest, deviations[b * m + i] / Math.sqrt(errors[i]));
    if (largest >= value) exceed += 1;
  }
  return { p: exceed / B, value, worst: active[scores.indexOf(value)] };
}

/** T_R = max_ij |d_ij| / se(d_ij); the model with the largest single score leaves (section 3.1.2). */
function rangeTest(active: readonly number[], means: Float64Array, boot: Float64Array, K: number): SetTest {
  const m = active.length;
  const B = boot.length / K;
  const largest = new Float64Array(B);
  const worstScore = new Float64Array(m).fill(-Infinity);
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      let square = 0;
      for (let b = 0; b < B; b++) square += (boot[b * K + active[i]] - boot[b * K + active[j]]) ** 2 / B;
      const difference = means[active[i]] - means[active[j]];
      const error = requireError(Math.sqrt(square), difference);
      worstScore[i] = Math.max(worstScore[i], difference / error);
      worstScore[j] = Math.max(worstScore[j], -difference / error);
      for (let b = 0; b < B; b++) {
        largest[b] = Math.max(largest[b], Math.abs(boot[b * K + active[i]] - boot[b * K + active[j]]) / error);
      }
    }
  }
  const value = Math.max(...worstScore);
  const p = largest.filter((draw) => draw >= value).length / B;
  return { p, value, worst: active[worstScore.indexOf(value)] };
}

function requireError(error: number, difference: number): number {
  if (error > 0) return error;
  throw new AppError(
    'INVALID_DATA',
    `Expected models whose losses differ over time, found a difference of ${difference} that never varies. Remove identical models.`,
    { data: { difference } },
  );
}
