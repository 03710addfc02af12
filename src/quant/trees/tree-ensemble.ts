/** What boosted trees and random forests share: their fitted form, their forecasts and the checks of their input. */
import { AppError } from '#base/errors';
import type { KernelNode } from '../kernels/trees';
import type { ModelSpec, TrainingSet } from '../models/model';

/** Plain JSON. All trees in one table of nodes; a row's forecast is the base plus one leaf's value per tree. */
export interface FittedTrees {
  readonly features: readonly string[];
  readonly base: number;
  /** Position of every tree's root. */
  readonly roots: readonly number[];
  /** Column that a node asks about; −1 = leaf. */
  readonly feature: readonly number[];
  /** A value at most this large goes left. */
  readonly threshold: readonly number[];
  /** 1 where a missing value goes left. */
  readonly missingLeft: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Of leaves, in units of the target; 0 elsewhere. */
  readonly value: readonly number[];
}

/** Trees of bins as trees of values. `edges` per feature, as they were binned. */
export function fittedTrees(
  features: readonly string[],
  base: number,
  trees: readonly (readonly KernelNode[])[],
  edges: readonly Float64Array[],
): FittedTrees {
  const roots: number[] = [];
  let count = 0;
  for (const nodes of trees) {
    roots.push(count);
    count += nodes.length;
  }
  const placed = trees.flatMap((nodes, t) =>
    nodes.map((node) =>
      node.feature < 0 ? node : { ...node, left: node.left + roots[t], right: node.right + roots[t] },
    ),
  );
  return {
    features: [...features],
    base,
    roots,
    feature: placed.map(({ feature }) => feature),
    // Past the last edge only missing values remain; JSON has no infinity.
    threshold: placed.map(({ feature, bin }) => (feature < 0 ? 0 : (edges[feature][bin] ?? Number.MAX_VALUE))),
    missingLeft: placed.map(({ missingLeft }) => (missingLeft ? 1 : 0)),
    left: placed.map(({ left }) => left),
    right: placed.map(({ right }) => right),
    value: placed.map(({ value }) => value),
  };
}

/** X [rows, K] row-major, NaN = missing → length rows. Errors: INVALID_DATA where the columns are not those of the fit. */
export function forecastTrees(fitted: FittedTrees, X: Float64Array): Float64Array {
  const K = fitted.features.length;
  if (K === 0 || X.length % K !== 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected rows of ${K} features (${fitted.features.join(', ')}), found ${X.length} values.`,
    );
  }
  const feature = Int32Array.from(fitted.feature);
  const threshold = Float64Array.from(fitted.threshold);
  const missingLeft = Uint8Array.from(fitted.missingLeft);
  const left = Int32Array.from(fitted.left);
  const right = Int32Array.from(fitted.right);
  const value = Float64Array.from(fitted.value);
  const forecasts = new Float64Array(X.length / K).fill(fitted.base);
  for (const root of fitted.roots) {
    for (let i = 0, row = 0; i < forecasts.length; i++, row += K) {
      let node = root;
      for (let k = feature[node]; k >= 0; k = feature[node]) {
        const x = X[row + k];
        const goesLeft = x <= threshold[node] || (x !== x && missingLeft[node] === 1);
        node = goesLeft ? left[node] : right[node];
      }
      forecasts[i] += value[node];
    }
  }
  return forecasts;
}

/** Errors: NOT_ENOUGH_DATA with the rows needed; INVALID_DATA for infinite features and for targets that are not finite. */
export function requireTrainable(spec: ModelSpec, { featureNames, X, y }: TrainingSet): void {
  const K = featureNames.length;
  const needed = spec.minRows(K);
  if (y.length < needed || K === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${needed} training rows for ${spec.title} with ${K} features, found ${y.length}. ` +
        'Lengthen the training window, use fewer features or more assets.',
      { data: { needed, found: y.length, features: K } },
    );
  }
  const infinite = X.findIndex((value) => value === Infinity || value === -Infinity);
  if (infinite >= 0) {
    const name = featureNames[infinite % K];
    throw new AppError(
      'INVALID_DATA',
      `Expected finite or missing values of ${name}, found ${X[infinite]} in training row ${Math.floor(infinite / K)}.`,
      { data: { feature: name, row: Math.floor(infinite / K) } },
    );
  }
  const unknown = y.findIndex((value) => !Number.isFinite(value));
  if (unknown >= 0) {
    throw new AppError('INVALID_DATA', `Expected finite targets, found ${y[unknown]} in training row ${unknown}.`, {
      data: { row: unknown },
    });
  }
}
