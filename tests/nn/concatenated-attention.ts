/** The attention of a layer as it was published: one vector over the concatenated projections (Veličković et al. 2018, eq. 3). */
import type { GraphBatch, InputTable, NetworkState } from '#quant/nn/engine';

/** softmax_j of leakyReLU(aᵀ [W x_i ‖ W x_j]) with the vector a in one piece, [heads, edges]. */
export function concatenatedAttention(table: InputTable, batch: GraphBatch, state: NetworkState): Float64Array {
  const [heads, C, F] = [2, 3, 5];
  const { rowStart, columns } = batch;
  const w = state.parameters.subarray(0, heads * C * F);
  const target = state.parameters.subarray(heads * C * F, heads * C * F + heads * C);
  const source = state.parameters.subarray(heads * C * F + heads * C, heads * C * F + 2 * heads * C);
  const projected = (h: number, i: number) =>
    Array.from({ length: C }, (_, c) => {
      const x = (batch.series[i] * table.days + batch.day) * F;
      return Array.from({ length: F }, (__, f) => w[(h * C + c) * F + f] * table.values[x + f]).reduce((a, b) => a + b);
    });
  const shares = new Float64Array(heads * columns.length);
  for (let h = 0; h < heads; h++) {
    const a = [...target.subarray(h * C, h * C + C), ...source.subarray(h * C, h * C + C)];
    for (let i = 0; i + 1 < rowStart.length; i++) {
      const edges = Array.from({ length: rowStart[i + 1] - rowStart[i] }, (_, k) => rowStart[i] + k);
      const scores = edges.map((e) => {
        const both = [...projected(h, i), ...projected(h, columns[e])];
        const raw = both.reduce((sum, value, k) => sum + a[k] * value, 0);
        return Math.exp(raw > 0 ? raw : 0.2 * raw);
      });
      const total = scores.reduce((p, q) => p + q, 0);
      edges.forEach((e, k) => (shares[h * columns.length + e] = scores[k] / total));
    }
  }
  return shares;
}
