/**
 * What a loss needs of the labels, done before they go to the device: for correlations each date's labels (or their average ranks)
 * centered and of norm 1, dates that cannot count left out; for the Sharpe loss the dates that have a label.
 */
import { AppError } from '#base/errors';
import { targetsOf } from '#quant/nn/batch';
import type { Batch, Loss } from '#quant/nn/engine';
import { crossSectionsOf } from '#quant/nn/losses';

export interface PreparedLabels {
  /** NaN = none. */
  readonly labels: Float32Array;
  /** Entries of group g are order[start[g]] … order[start[g + 1] − 1]; null for losses without dates. */
  readonly groups: { readonly start: readonly number[]; readonly order: readonly number[] } | null;
}

/** Errors: BAD_REQUEST where a batch has no targets, or fewer than two dates for the Sharpe loss. */
export function preparedLabels(batch: Batch, loss: Loss): PreparedLabels {
  const targets = targetsOf(batch);
  if (loss.id === 'mse' || loss.id === 'huber') return { labels: targets, groups: null };
  const { start: bounds, order: given } = crossSectionsOf(batch);
  const labels = new Float32Array(targets.length).fill(NaN);
  const start = [0];
  const order: number[] = [];
  for (let date = 0; date + 1 < bounds.length; date++) {
    const entries: number[] = [];
    for (let k = bounds[date]; k < bounds[date + 1]; k++) {
      const entry = given === undefined ? k : given[k];
      if (!Number.isNaN(targets[entry])) entries.push(entry);
    }
    const values = entries.map((entry) => targets[entry]);
    const prepared = loss.id === 'sharpe' ? values : normalized(loss.id === 'ic' ? values : averageRanks(values));
    if (prepared === null || prepared.length === 0) continue;
    entries.forEach((entry, k) => (labels[entry] = prepared[k]));
    order.push(...entries);
    start.push(order.length);
  }
  if (loss.id === 'sharpe' && start.length < 3) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected at least two dates with labels in a batch for the Sharpe loss, found ${start.length - 1}. Use larger batches.`,
    );
  }
  return { labels, groups: { start, order } };
}

/** Null where all are equal up to rounding. */
function normalized(values: readonly number[]): readonly number[] | null {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const centered = values.map((value) => value - mean);
  const squares = centered.reduce((sum, value) => sum + value * value, 0);
  const largest = Math.max(...values.map(Math.abs));
  if (!(squares > values.length * (1e-14 * largest) ** 2)) return null;
  return centered.map((value) => value / Math.sqrt(squares));
}

/** Ties have their mean rank. */
function averageRanks(values: readonly number[]): readonly number[] {
  const sorted = values.map((_, k) => k).sort((a, b) => values[a] - values[b]);
  const ranks = new Array<number>(values.length);
  for (let first = 0; first < sorted.length;) {
    let last = first;
    while (last + 1 < sorted.length && values[sorted[last + 1]] === values[sorted[first]]) last++;
    for (let k = first; k <= last; k++) ranks[sorted[k]] = (first + last) / 2;
    first = last + 1;
  }
  return ranks;
}
