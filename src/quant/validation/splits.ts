/**
 * Train and test splits for samples that are ordered in time and whose labels reach into the future.
 * All ranges are inclusive pairs of 0-based rows; purging removes training rows whose label interval meets the test fold.
 */
import { AppError } from '#base/errors';

/** First and last row, both included. */
export type Range = readonly [first: number, last: number];

export interface PurgedFold {
  readonly test: Range;
  /** At most two ranges: before and after the test fold; empty ones are left out. */
  readonly train: readonly Range[];
  readonly trainSize: number;
}

function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new AppError('INVALID_CONFIG', `Expected ${name} to be an integer ≥ ${least}, found ${value}.`, {
      data: { name, value, least },
    });
  }
}

/**
 * K contiguous test folds of nearly equal size (the first n mod K get one row more). The label of row i uses rows i … i+h.
 * Training keeps i < a with i + h < a, and i > b + h + e, for the test fold [a, b] and the embargo e in rows
 * (López de Prado 2018, ch. 7; the purge uses the first label's start and the last label's end).
 * Errors: INVALID_CONFIG.
 */
export function purgedKFold(samples: number, folds: number, horizon: number, embargo: number): PurgedFold[] {
  requireInteger('the number of folds', folds, 2);
  requireInteger('the number of samples', samples, folds);
  requireInteger('the label horizon', horizon, 0);
  requireInteger('the embargo', embargo, 0);
  const result: PurgedFold[] = [];
  const base = Math.floor(samples / folds);
  let first = 0;
  for (let k = 0; k < folds; k++) {
    const last = first + base + (k < samples % folds ? 1 : 0) - 1;
    const train: Range[] = [];
    if (first - horizon - 1 >= 0) train.push([0, first - horizon - 1]);
    if (last + horizon + embargo + 1 < samples) train.push([last + horizon + embargo + 1, samples - 1]);
    result.push({ test: [first, last], train, trainSize: train.reduce((sum, [a, b]) => sum + b - a + 1, 0) });
    first = last + 1;
  }
  return result;
}

export interface WalkForwardOptions {
  readonly samples: number;
  readonly trainSize: number;
  readonly testSize: number;
  /** Rows left out between training and test. */
  readonly gap: number;
  readonly mode: 'rolling' | 'expanding';
}

/**
 * Successive windows: split k trains on rows that end at trainSize + k·testSize − 1 (from 0 if expanding) and tests on the
 * `testSize` rows after the gap; only complete test windows. Errors: INVALID_CONFIG.
 */
export function walkForwardSplits(options: WalkForwardOptions): { train: Range; test: Range }[] {
  const { samples, trainSize, testSize, gap, mode } = options;
  requireInteger('the number of samples', samples, 0);
  requireInteger('the training length', trainSize, 1);
  requireInteger('the test length', testSize, 1);
  requireInteger('the gap', gap, 0);
  const splits: { train: Range; test: Range }[] = [];
  for (let end = trainSize - 1; end + gap + testSize < samples; end += testSize) {
    splits.push({
      train: [mode === 'rolling' ? end - trainSize + 1 : 0, end],
      test: [end + gap + 1, end + gap + testSize],
    });
  }
  return splits;
}

export interface CombinatorialSplits {
  /** Each split: the groups that are tested together, ascending. */
  readonly splits: readonly (readonly number[])[];
  /** k·C(N, k)/N */
  readonly paths: number;
  /** Per split: group → the backtest path that this test of the group belongs to. */
  readonly pathOfGroup: readonly ReadonlyMap<number, number>[];
}

/** All k-subsets of 0 … n−1 in lexicographic order. */
export function combinations(n: number, k: number): number[][] {
  const result: number[][] = [];
  const pick = Array.from({ length: k }, (_, i) => i);
  while (pick.length === k && k <= n) {
    result.push([...pick]);
    let i = k - 1;
    while (i >= 0 && pick[i] === n - k + i) i -= 1;
    if (i < 0) break;
    pick[i] += 1;
    for (let j = i + 1; j < k; j++) pick[j] = pick[j - 1] + 1;
  }
  return result;
}

/**
 * Combinatorial purged cross-validation (López de Prado 2018, ch. 12): the index sets and the path of every tested group,
 * where the j-th time a group is tested belongs to path j. Errors: INVALID_CONFIG.
 */
export function combinatorialSplits(groups: number, testGroups: number): CombinatorialSplits {
  requireInteger('the number of test groups', testGroups, 1);
  requireInteger('the number of groups', groups, testGroups + 1);
  const splits = combinations(groups, testGroups);
  const tested = new Int32Array(groups);
  const pathOfGroup = splits.map((split) => {
    const paths = new Map<number, number>();
    for (const group of split) {
      paths.set(group, tested[group]);
      tested[group] += 1;
    }
    return paths;
  });
  return { splits, paths: (testGroups * splits.length) / groups, pathOfGroup };
}
