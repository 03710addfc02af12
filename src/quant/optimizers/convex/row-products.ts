/** Products of a program's rows with vectors, and its normal matrix; the dense table is used whole. */
import { dot, multiplyTransposeVector, multiplyVector } from '#quant/array/linalg';
import { gram } from '#quant/kernels/gram';
import type { ConvexProgram } from './program';

/** A x, one entry per row. */
export function rowsTimes({ n, table, rows }: ConvexProgram, x: Float64Array): Float64Array {
  const count = n === 0 ? 0 : table.length / n;
  const dense = multiplyVector(table, x.subarray(0, n), count, n);
  return Float64Array.from(rows, (row) => {
    let sum = row.dense < 0 ? 0 : dense[row.dense];
    for (let k = 0; k < row.index.length; k++) sum += row.value[k] * x[row.index[k]];
    return sum;
  });
}

/** Aᵀ λ, one entry per variable. */
export function transposedTimes({ n, size, table, rows }: ConvexProgram, lambda: Float64Array): Float64Array {
  const count = n === 0 ? 0 : table.length / n;
  const weights = new Float64Array(count);
  const result = new Float64Array(size);
  rows.forEach((row, r) => {
    if (row.dense >= 0) weights[row.dense] += lambda[r];
    for (let k = 0; k < row.index.length; k++) result[row.index[k]] += row.value[k] * lambda[r];
  });
  const dense = multiplyTransposeVector(table, weights, count, n);
  for (let i = 0; i < n; i++) result[i] += dense[i];
  return result;
}

/** diag(d) + Aᵀ diag(W) A, lower triangle, with a trace of regularization. [size, size]. */
export function normalMatrix(program: ConvexProgram, W: Float64Array): Float64Array {
  const { n, size, table, rows, d } = program;
  const count = n === 0 ? 0 : table.length / n;
  const weights = new Float64Array(count);
  rows.forEach((row, r) => {
    if (row.dense >= 0) weights[row.dense] += W[r];
  });
  const M = new Float64Array(size * size);
  if (count > 0) {
    const square = gram(table, count, n, { weights });
    for (let i = 0; i < n; i++) M.set(square.subarray(i * n, (i + 1) * n), i * size);
  }
  rows.forEach((row, r) => {
    for (let k = 0; k < row.index.length; k++) {
      const i = row.index[k];
      const scaled = W[r] * row.value[k];
      if (row.dense >= 0) addScaled(M, i * size, table, row.dense * n, scaled, n);
      for (let l = 0; l < row.index.length; l++) {
        if (row.index[l] <= i) M[i * size + row.index[l]] += scaled * row.value[l];
      }
    }
  });
  for (let i = 0; i < size; i++)
    M[i * size + i] = (M[i * size + i] + (d === undefined ? 0 : d[i])) * (1 + 1e-14) + 1e-14;
  return M;
}

/** Σ value · x[index]. */
export function sparseDot(index: readonly number[], value: readonly number[], x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < index.length; k++) sum += value[k] * x[index[k]];
  return sum;
}

export function squaredDiagonal(d: Float64Array | undefined, x: Float64Array): Float64Array {
  return d === undefined ? new Float64Array(x.length) : x.map((value, i) => value * d[i]);
}

export function total(x: Float64Array, y: Float64Array): number {
  return dot(x, 0, y, 0, x.length);
}

function addScaled(
  target: Float64Array,
  offset: number,
  source: Float64Array,
  from: number,
  factor: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) target[offset + i] += factor * source[from + i];
}
