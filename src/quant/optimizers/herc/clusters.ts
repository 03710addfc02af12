/**
 * Flat clusters of assets cut from a hierarchy, their number given or chosen by the two-difference gap statistic
 * (dispersion of Tibshirani, Walther, Hastie 2001 in the
 * deterministic form of Yue, Wang, Wei 2008). Every asset is in exactly one cluster.
 */
import { AppError } from '#base/errors';
import type { Distance, LinkageMethod } from '../hrp/choices';
import { clusterDistances } from '../hrp/hierarchical-risk-parity';
import { linkage, type Linkage } from '../hrp/linkage';

export interface ClusterOptions {
  readonly linkage: LinkageMethod;
  readonly distance: Distance;
  /** Number of clusters; 0 = chosen by the gap statistic. More than N: N. */
  readonly clusters: number;
}

export interface Clustering {
  readonly tree: Linkage;
  /** Nodes of the tree that are the clusters, ascending. */
  readonly roots: readonly number[];
  /** Leaves of every cluster, ascending, in the order of `roots`. */
  readonly members: readonly (readonly number[])[];
}

/** Least number of candidates for the gap statistic. */
const CANDIDATES = 8;

/** correlation [N, N]. Errors: BAD_REQUEST for N = 0 or a negative count. */
export function clusterAssets(correlation: Float64Array, N: number, options: ClusterOptions): Clustering {
  if (N < 1 || options.clusters < 0) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected assets and a count of clusters of 0 or more, found ${N} and ${options.clusters}.`,
    );
  }
  const D = clusterDistances(correlation, N, options.distance);
  const tree = linkage(D, N, options.linkage);
  const count = options.clusters === 0 ? gapClusterCount(D, N, tree) : Math.min(options.clusters, N);
  const roots = cutTree(tree, N, count);
  return { tree, roots, members: roots.map((root) => leavesBelow(tree, N, root)) };
}

/**
 * The number of clusters k ≥ 2 at which the fall of the pooled dispersion W slows most: largest W(k − 1) − 2 W(k) + W(k + 1), with
 * W(k) = Σ_r (1/n_r) Σ_{i<j in r} d²_ij (Tibshirani et al. 2001, equation 2); k up to max(8, √N). One asset: 1; two: 2.
 */
export function gapClusterCount(D: Float64Array, N: number, tree: Linkage): number {
  if (N <= 2) return N;
  const most = Math.min(N, Math.max(CANDIDATES, Math.round(Math.sqrt(N))) + 1);
  const W = Float64Array.from({ length: most + 1 }, (_, k) =>
    k === 0 ? 0 : cutTree(tree, N, k).reduce((sum, root) => sum + dispersion(D, N, leavesBelow(tree, N, root)), 0),
  );
  let best = 2;
  let largest = -Infinity;
  for (let k = 2; k < most; k++) {
    const gap = W[k - 1] - 2 * W[k] + W[k + 1];
    if (gap > largest) [best, largest] = [k, gap];
  }
  return best;
}

/** The `count` nodes that remain when the last count − 1 merges are undone. */
function cutTree({ left, right }: Linkage, N: number, count: number): number[] {
  const nodes = new Set([2 * N - 2]);
  for (let k = 0; k < count - 1; k++) {
    const merge = N - 2 - k;
    nodes.delete(N + merge);
    nodes.add(left[merge]);
    nodes.add(right[merge]);
  }
  return [...nodes].sort((a, b) => a - b);
}

/** Leaves below a node, ascending. */
export function leavesBelow({ left, right }: Linkage, N: number, root: number): number[] {
  const leaves: number[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node < N) leaves.push(node);
    else pending.push(left[node - N], right[node - N]);
  }
  return leaves.sort((a, b) => a - b);
}

function dispersion(D: Float64Array, N: number, members: readonly number[]): number {
  let sum = 0;
  members.forEach((i, a) => {
    for (let b = 0; b < a; b++) sum += D[i * N + members[b]] ** 2;
  });
  return sum / members.length;
}

/** Rows and columns `kept` of an [n, n] matrix. */
export function submatrix(matrix: Float64Array, n: number, kept: readonly number[]): Float64Array {
  const size = kept.length;
  const result = new Float64Array(size * size);
  kept.forEach((i, a) => {
    kept.forEach((j, b) => (result[a * size + b] = matrix[i * n + j]));
  });
  return result;
}
