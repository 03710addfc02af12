/**
 * Agglomerative clustering in O(N²): a minimum spanning tree for single linkage, the nearest-neighbor chain for the others
 * (Murtagh 1985; Müllner 2011). Numbering, order of merges and ties are those of scipy.cluster.hierarchy.linkage.
 */

import type { LinkageMethod } from './choices';

/** N − 1 merges in ascending height; leaves are 0 … N−1, merge k makes node N + k. */
export interface Linkage {
  /** The child with the smaller id. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly height: Float64Array;
  /** Leaves below the new node. */
  readonly size: Int32Array;
}

interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly height: Float64Array;
}

/** D [N, N] symmetric distances, not changed. Ward treats them as Euclidean. */
export function linkage(D: Float64Array, N: number, method: LinkageMethod): Linkage {
  return label(method === 'single' ? spanningTree(D, N) : neighborChain(D.slice(), N, method), N);
}

/** Leaves from left to right, depth first. */
export function leafOrder({ left, right }: Linkage, N: number): Int32Array {
  const order = new Int32Array(N);
  const pending = [2 * N - 2];
  let count = 0;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node < N) order[count++] = node;
    else pending.push(right[node - N], left[node - N]);
  }
  return order;
}

/** Prim's order of the minimum spanning tree: clusters at any height are runs of that order, so consecutive pairs suffice. */
function spanningTree(D: Float64Array, N: number): Edges {
  const from = new Int32Array(N - 1);
  const to = new Int32Array(N - 1);
  const height = new Float64Array(N - 1);
  const nearest = new Float64Array(N).fill(Infinity);
  const outside = Int32Array.from({ length: N - 1 }, (_, i) => i + 1);
  let current = 0;
  for (let k = 0; k < N - 1; k++) {
    const row = current * N;
    const remaining = N - 1 - k;
    let best = 0;
    let least = Infinity;
    for (let q = 0; q < remaining; q++) {
      const i = outside[q];
      const distance = D[row + i];
      if (distance < nearest[i]) nearest[i] = distance;
      if (nearest[i] < least) {
        least = nearest[i];
        best = q;
      }
    }
    from[k] = current;
    current = outside[best];
    to[k] = current;
    height[k] = least;
    outside.copyWithin(best, best + 1, remaining);
  }
  return { from, to, height };
}

/** Follows nearest neighbors until two point at each other, merges them, and goes on; D is overwritten (Lance–Williams). */
function neighborChain(D: Float64Array, N: number, method: LinkageMethod): Edges {
  const from = new Int32Array(N - 1);
  const to = new Int32Array(N - 1);
  const height = new Float64Array(N - 1);
  const size = new Int32Array(N).fill(1);
  const active = Int32Array.from({ length: N }, (_, i) => i);
  const chain = new Int32Array(N);
  let length = 0;
  for (let k = 0; k < N - 1; k++) {
    const count = N - k;
    if (length === 0) chain[length++] = active[0];
    let x = 0;
    let y = 0;
    let least = Infinity;
    for (;;) {
      x = chain[length - 1];
      const row = x * N;
      const previous = length > 1 ? chain[length - 2] : -1;
      y = previous;
      least = previous >= 0 ? D[row + previous] : Infinity;
      for (let q = 0; q < count; q++) {
        const i = active[q];
        if (i !== x && D[row + i] < least) {
          least = D[row + i];
          y = i;
        }
      }
      if (y === previous && previous >= 0) break;
      chain[length++] = y;
    }
    length -= 2;
    from[k] = Math.min(x, y);
    to[k] = Math.max(x, y);
    height[k] = least;
    mergeDistances(D, N, active, count, size, from[k], to[k], method);
    const gone = active.indexOf(from[k]);
    active.copyWithin(gone, gone + 1, count);
  }
  return { from, to, height };
}

/** Distances of the union, stored at `kept`. */
function mergeDistances(
  D: Float64Array,
  N: number,
  active: Int32Array,
  count: number,
  size: Int32Array,
  gone: number,
  kept: number,
  method: LinkageMethod,
): void {
  const sizeGone = size[gone];
  const sizeKept = size[kept];
  const between = D[gone * N + kept];
  for (let q = 0; q < count; q++) {
    const i = active[q];
    if (i === gone || i === kept) continue;
    const a = D[gone * N + i];
    const b = D[kept * N + i];
    let distance: number;
    if (method === 'complete') distance = Math.max(a, b);
    else if (method === 'average') distance = (sizeGone * a + sizeKept * b) / (sizeGone + sizeKept);
    else if (method === 'single') distance = Math.min(a, b);
    else {
      const share = 1 / (sizeGone + sizeKept + size[i]);
      distance = Math.sqrt(
        (size[i] + sizeGone) * share * a * a +
          (size[i] + sizeKept) * share * b * b -
          size[i] * share * between * between,
      );
    }
    D[kept * N + i] = distance;
    D[i * N + kept] = distance;
  }
  size[gone] = 0;
  size[kept] = sizeGone + sizeKept;
}

/** Sorts merges by height (stable) and names clusters by union–find. */
function label({ from, to, height }: Edges, N: number): Linkage {
  const merges = Math.max(0, N - 1);
  const order = Array.from({ length: merges }, (_, k) => k).sort((a, b) => height[a] - height[b] || a - b);
  const parent = Int32Array.from({ length: 2 * N - 1 }, (_, i) => i);
  const size = new Int32Array(2 * N - 1).fill(1);
  const result: Linkage = {
    left: new Int32Array(merges),
    right: new Int32Array(merges),
    height: new Float64Array(merges),
    size: new Int32Array(merges),
  };
  function root(node: number): number {
    let top = node;
    while (parent[top] !== top) {
      parent[top] = parent[parent[top]];
      top = parent[top];
    }
    return top;
  }
  order.forEach((edge, k) => {
    const a = root(from[edge]);
    const b = root(to[edge]);
    const node = N + k;
    parent[a] = node;
    parent[b] = node;
    size[node] = size[a] + size[b];
    result.left[k] = Math.min(a, b);
    result.right[k] = Math.max(a, b);
    result.height[k] = height[edge];
    result.size[k] = size[node];
  });
  return result;
}
