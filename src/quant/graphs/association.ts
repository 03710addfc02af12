/** How closely the returns of assets move together: Pearson's correlation, or distance correlation (Székely, Rizzo, Bakirov 2007). */

export type Association = 'correlation' | 'distance-correlation';

/** returns [W, N] row-major, finite → [N, N] symmetric, 1 on the diagonal; 0 with an asset that does not move. */
export function associations(returns: Float64Array, assets: number, kind: Association): Float64Array {
  const vectors = kind === 'correlation' ? centeredColumns(returns, assets) : distanceVectors(returns, assets);
  const length = vectors[0]?.length ?? 0;
  const result = new Float64Array(assets * assets);
  for (let i = 0; i < assets; i++) {
    result[i * assets + i] = 1;
    const a = vectors[i];
    for (let j = 0; j < i; j++) {
      const b = vectors[j];
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[k] * b[k];
      // The squared distance correlation is the cosine of the centered distances.
      const value = kind === 'correlation' ? sum : Math.sqrt(Math.max(0, sum));
      result[i * assets + j] = value;
      result[j * assets + i] = value;
    }
  }
  return result;
}

/** Unit vectors of centered returns; zero where nothing moves. */
function centeredColumns(returns: Float64Array, assets: number): Float64Array[] {
  const W = returns.length / assets;
  return Array.from({ length: assets }, (_, i) => {
    const column = Float64Array.from({ length: W }, (__, t) => returns[t * assets + i]);
    const mean = column.reduce((sum, value) => sum + value, 0) / W;
    return unit(column.map((value) => value - mean));
  });
}

/** Upper triangles of double-centered distance matrices, off-diagonal entries counted twice, as unit vectors. */
function distanceVectors(returns: Float64Array, assets: number): Float64Array[] {
  const W = returns.length / assets;
  return Array.from({ length: assets }, (_, i) => {
    const x = Float64Array.from({ length: W }, (__, t) => returns[t * assets + i]);
    const rowMean = x.map((a) => x.reduce((sum, b) => sum + Math.abs(a - b), 0) / W);
    const grand = rowMean.reduce((sum, value) => sum + value, 0) / W;
    const vector = new Float64Array((W * (W + 1)) / 2);
    let at = 0;
    for (let s = 0; s < W; s++) {
      for (let t = 0; t <= s; t++) {
        const centered = Math.abs(x[s] - x[t]) - rowMean[s] - rowMean[t] + grand;
        vector[at++] = s === t ? centered : centered * Math.SQRT2;
      }
    }
    return unit(vector);
  });
}

function unit(x: Float64Array): Float64Array {
  const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  return norm > 1e-12 ? x.map((value) => value / norm) : x.fill(0);
}
