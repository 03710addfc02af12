/**
 * Orders of the leaves of a clustering that keep neighbors close. Optimal leaf ordering (Bar-Joseph, Gifford, Jaakkola 2001): flips children so that the sum of distances between neighbors is
 * least. O(N³) time by searching the two inner ends one after the other; unique up to reversal when distances are distinct.
 */
import type { Linkage } from './linkage';

/** Clusters as intervals of the depth-first leaf order: node k is [start, middle) ∪ [middle, end), its two children. */
interface Intervals {
  readonly N: number;
  readonly start: Int32Array;
  readonly middle: Int32Array;
  readonly end: Int32Array;
  /** Node ids of the children; leaves are 0 … N−1 by position. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** [N, N] distances by position. */
  readonly distance: Float64Array;
  /** [N, N]: least path cost of the smallest cluster holding both positions, with these two at its ends. */
  readonly cost: Float64Array;
}

/** D [N, N] symmetric; `order` the leaves of `linkage` depth first → the leaves in optimal order. */
export function optimalLeafOrder(D: Float64Array, N: number, linkage: Linkage, order: Int32Array): Int32Array {
  if (N < 3) return order.slice();
  const tree = toIntervals(D, N, linkage, order);
  for (let k = 0; k < N - 1; k++) solveCluster(tree, k);
  const [first, last] = cheapestEnds(tree, N - 2);
  const positions: number[] = [];
  unfold(tree, 2 * N - 2, first, last, positions);
  return Int32Array.from(positions, (position) => order[position]);
}

/**
 * The order that scipy.cluster.hierarchy.optimal_leaf_ordering returns and peers inherit: each cluster turns its two children as
 * its own cheapest ends demand, without regard to what the clusters above will ask (scipy issue 11227). Not always optimal.
 */
export function bottomUpLeafOrder(D: Float64Array, N: number, linkage: Linkage, order: Int32Array): Int32Array {
  if (N < 3) return order.slice();
  const tree = toIntervals(D, N, linkage, order);
  const turned = new Uint8Array(2 * N - 1);
  for (let k = 0; k < N - 1; k++) {
    solveCluster(tree, k);
    const [first, last] = cheapestEnds(tree, k);
    const left = tree.left[k];
    const right = tree.right[k];
    if (left >= N && first >= tree.middle[left - N]) turned[left] = 1;
    if (right >= N && last < tree.middle[right - N]) turned[right] = 1;
  }
  const result = new Int32Array(N);
  const pending: { node: number; reversed: number }[] = [{ node: 2 * N - 2, reversed: 0 }];
  let count = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    if (node < N) {
      result[count++] = order[node];
      continue;
    }
    const reversed = next.reversed ^ turned[node];
    const left = { node: tree.left[node - N], reversed };
    const right = { node: tree.right[node - N], reversed };
    pending.push(...(reversed === 1 ? [left, right] : [right, left]));
  }
  return result;
}

/** The pair of ends, one below each child, with the least cost. */
function cheapestEnds({ N, start, middle, end, cost }: Intervals, k: number): readonly [first: number, last: number] {
  let first = start[k];
  let last = middle[k];
  for (let i = start[k]; i < middle[k]; i++) {
    for (let j = middle[k]; j < end[k]; j++) {
      if (cost[i * N + j] < cost[first * N + last]) {
        first = i;
        last = j;
      }
    }
  }
  return [first, last];
}

function toIntervals(D: Float64Array, N: number, linkage: Linkage, order: Int32Array): Intervals {
  const position = new Int32Array(N);
  order.forEach((leaf, i) => (position[leaf] = i));
  const distance = new Float64Array(N * N);
  for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) distance[i * N + j] = D[order[i] * N + order[j]];
  const start = new Int32Array(N - 1);
  const middle = new Int32Array(N - 1);
  const end = new Int32Array(N - 1);
  for (let k = 0; k < N - 1; k++) {
    const left = linkage.left[k];
    start[k] = left < N ? position[left] : start[left - N];
    middle[k] = start[k] + (left < N ? 1 : linkage.size[left - N]);
    end[k] = start[k] + linkage.size[k];
  }
  const byPosition = (node: number): number => (node < N ? position[node] : node);
  return {
    N,
    start,
    middle,
    end,
    left: linkage.left.map(byPosition),
    right: linkage.right.map(byPosition),
    distance,
    cost: new Float64Array(N * N),
  };
}

/** Where the inner end of `node` may be when its outer end is at `outer`: the other child, or the leaf itself. */
function innerStart(tree: Intervals, node: number, outer: number): number {
  if (node < tree.N) return outer;
  const k = node - tree.N;
  return outer < tree.middle[k] ? tree.middle[k] : tree.start[k];
}

function innerEnd(tree: Intervals, node: number, outer: number): number {
  if (node < tree.N) return outer + 1;
  const k = node - tree.N;
  return outer < tree.middle[k] ? tree.end[k] : tree.middle[k];
}

function solveCluster(tree: Intervals, k: number): void {
  const { N, start, middle, end, left, right, distance, cost } = tree;
  const bridged = new Float64Array(N);
  for (let i = start[k]; i < middle[k]; i++) {
    const from = innerStart(tree, left[k], i);
    const to = innerEnd(tree, left[k], i);
    bridged.fill(Infinity, middle[k], end[k]);
    for (let p = from; p < to; p++) {
      const base = cost[i * N + p];
      for (let q = middle[k]; q < end[k]; q++) {
        const sum = base + distance[p * N + q];
        if (sum < bridged[q]) bridged[q] = sum;
      }
    }
    for (let j = middle[k]; j < end[k]; j++) {
      let least = Infinity;
      const stop = innerEnd(tree, right[k], j);
      for (let q = innerStart(tree, right[k], j); q < stop; q++) {
        const sum = bridged[q] + cost[j * N + q];
        if (sum < least) least = sum;
      }
      cost[i * N + j] = least;
      cost[j * N + i] = least;
    }
  }
}

/** Appends the positions of `node` from `first` to `last`, finding the inner ends that gave the least cost. */
function unfold(tree: Intervals, node: number, first: number, last: number, result: number[]): void {
  if (node < tree.N) {
    result.push(node);
    return;
  }
  const { N, left, right, distance, cost } = tree;
  const k = node - N;
  const forward = first < tree.middle[k];
  const near = forward ? left[k] : right[k];
  const far = forward ? right[k] : left[k];
  let least = Infinity;
  let innerFirst = first;
  let innerLast = last;
  for (let p = innerStart(tree, near, first); p < innerEnd(tree, near, first); p++) {
    for (let q = innerStart(tree, far, last); q < innerEnd(tree, far, last); q++) {
      const sum = cost[first * N + p] + distance[p * N + q] + cost[q * N + last];
      if (sum < least) {
        least = sum;
        innerFirst = p;
        innerLast = q;
      }
    }
  }
  unfold(tree, near, first, innerFirst, result);
  unfold(tree, far, innerLast, last, result);
}
