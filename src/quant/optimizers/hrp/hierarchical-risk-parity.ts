/**
 * Hierarchical risk parity (López de Prado 2016, Building diversified portfolios that outperform out of sample):
 * cluster by correlation, order the leaves, split the budget top-down in inverse proportion to cluster risk.
 */
import { AppError } from '#base/errors';
import { gram } from '#quant/kernels/gram';
import type { ClusterRiskMeasure, Distance, LeafOrdering, LinkageMethod } from './choices';
import { bottomUpLeafOrder, optimalLeafOrder } from './leaf-ordering';
import { leafOrder, linkage, type Linkage } from './linkage';

export interface HrpOptions {
  readonly linkage: LinkageMethod;
  readonly distance: Distance;
  readonly leafOrdering: LeafOrdering;
  readonly risk: ClusterRiskMeasure;
  /** Sum of the weights; default 1. */
  readonly budget?: number;
  /** Upper bounds, length N; their sum must reach the budget. Every split is clipped so that both sides can hold theirs. */
  readonly upper?: Float64Array;
}

export interface HrpResult {
  readonly weights: Float64Array;
  /** Leaves from left to right. */
  readonly order: Int32Array;
  /** Children turned so that its leaves, depth first, are `order`. */
  readonly linkage: Linkage;
}

/** covariance [N, N], correlation [N, N] (usually of the same estimate). Errors: INVALID_DATA where a variance is not positive. */
export function hierarchicalRiskParity(
  covariance: Float64Array,
  correlation: Float64Array,
  N: number,
  options: HrpOptions,
): HrpResult {
  for (let i = 0; i < N; i++) {
    if (!(covariance[i * N + i] > 0)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected positive variances, found ${covariance[i * N + i]} of asset ${i + 1}.`,
        {
          data: { asset: i },
        },
      );
    }
  }
  const D = clusterDistances(correlation, N, options.distance);
  const tree = linkage(D, N, options.linkage);
  const depthFirst = leafOrder(tree, N);
  const order = reordered(D, N, tree, depthFirst, options.leafOrdering);
  return { weights: bisect(covariance, N, order, options), order, linkage: orient(tree, N, order) };
}

function reordered(D: Float64Array, N: number, tree: Linkage, order: Int32Array, ordering: LeafOrdering): Int32Array {
  if (ordering === 'optimal') return optimalLeafOrder(D, N, tree, order);
  return ordering === 'bottom-up' ? bottomUpLeafOrder(D, N, tree, order) : order;
}

function orient(tree: Linkage, N: number, order: Int32Array): Linkage {
  const first = new Int32Array(2 * N - 1);
  order.forEach((leaf, position) => (first[leaf] = position));
  const left = tree.left.slice();
  const right = tree.right.slice();
  for (let k = 0; k < N - 1; k++) {
    first[N + k] = Math.min(first[left[k]], first[right[k]]);
    if (first[left[k]] > first[right[k]]) [left[k], right[k]] = [right[k], left[k]];
  }
  return { ...tree, left, right };
}

/** [N, N] distances to cluster on. */
export function clusterDistances(correlation: Float64Array, N: number, distance: Distance): Float64Array {
  const D = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    const row = i * N;
    for (let j = 0; j < N; j++) {
      const half = (1 - correlation[row + j]) / 2;
      D[row + j] = Math.sqrt(half < 0 ? 0 : half > 1 ? 1 : half);
    }
    D[row + i] = 0;
  }
  return distance === 'correlation' ? D : euclideanColumns(D, N);
}

/** ‖D_i − D_j‖ from inner products, and directly where those would cancel. */
function euclideanColumns(D: Float64Array, N: number): Float64Array {
  const products = gram(D, N, N);
  const result = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < i; j++) {
      const scale = products[i * N + i] + products[j * N + j];
      let square = scale - 2 * products[i * N + j];
      if (square < 1e-3 * scale) {
        square = 0;
        for (let k = 0; k < N; k++) square += (D[i * N + k] - D[j * N + k]) ** 2;
      }
      const distance = Math.sqrt(square);
      result[i * N + j] = distance;
      result[j * N + i] = distance;
    }
  }
  return result;
}

function bisect(covariance: Float64Array, N: number, order: Int32Array, options: HrpOptions): Float64Array {
  const { budget = 1, upper } = options;
  const ordered = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    const row = order[i] * N;
    for (let j = 0; j < N; j++) ordered[i * N + j] = covariance[row + order[j]];
  }
  const naive = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    const variance = ordered[i * N + i];
    naive[i] = 1 / (options.risk === 'variance' ? variance : Math.sqrt(variance));
  }
  const room = new Float64Array(N + 1);
  for (let i = 0; i < N; i++) room[i + 1] = room[i] + (upper === undefined ? Infinity : upper[order[i]]);
  const weights = new Float64Array(N);

  function split(from: number, to: number, share: number): void {
    if (to - from === 1) {
      weights[order[from]] = share;
      return;
    }
    const middle = from + ((to - from) >> 1);
    const left = clusterRisk(ordered, N, naive, from, middle, options.risk);
    const right = clusterRisk(ordered, N, naive, middle, to, options.risk);
    let leftShare = left + right > 0 ? share * (1 - left / (left + right)) : share / 2;
    if (upper !== undefined) {
      const rightRoom = room[to] - room[middle];
      leftShare = Math.min(Math.max(leftShare, share - rightRoom), room[middle] - room[from]);
    }
    split(from, middle, leftShare);
    split(middle, to, share - leftShare);
  }
  if (N > 0) split(0, N, budget);
  return weights;
}

/** Risk of one cluster held with naive weights normalized inside it. */
function clusterRisk(
  ordered: Float64Array,
  N: number,
  naive: Float64Array,
  from: number,
  to: number,
  risk: ClusterRiskMeasure,
): number {
  let total = 0;
  for (let i = from; i < to; i++) total += naive[i];
  let variance = 0;
  for (let i = from; i < to; i++) {
    let sum = 0;
    for (let j = from, k = i * N + from; j < to; j++, k++) sum += ordered[k] * naive[j];
    variance += naive[i] * sum;
  }
  variance = Math.max(variance / (total * total), 0);
  return risk === 'variance' ? variance : Math.sqrt(variance);
}
