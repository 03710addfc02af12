/** Nearest-neighbor regression: the mean target of the k closest training rows (Euclidean; ties in order of the rows). */

/** train [n, K], query [m, K] row-major → length m. */
export function nearestNeighborMeans(
  train: Float64Array,
  y: Float64Array,
  query: Float64Array,
  features: number,
  k: number,
): Float64Array {
  const n = y.length;
  const m = query.length / features;
  const result = new Float64Array(m);
  const distances = new Float64Array(n);
  const order = new Uint32Array(n);
  for (let i = 0; i < m; i++) {
    for (let t = 0; t < n; t++) {
      let sum = 0;
      for (let j = 0; j < features; j++) sum += (train[t * features + j] - query[i * features + j]) ** 2;
      distances[t] = sum;
      order[t] = t;
    }
    order.sort((a, b) => distances[a] - distances[b] || a - b);
    for (let t = 0; t < k; t++) result[i] += y[order[t]] / k;
  }
  return result;
}
