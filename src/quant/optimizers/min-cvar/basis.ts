/** The inverse of a square matrix whose rows are exchanged one at a time: O(n²) per exchange, rebuilt at intervals against drift. */
import { AppError } from '#base/errors';
import { dot, solve, transpose } from '#quant/array/linalg';

export interface Basis {
  /** Adds a row while the basis is incomplete; false (and not added) where it depends on the rows before. */
  push(row: Float64Array): boolean;
  /** Computes the inverse once all rows are there. */
  invert(): void;
  /** Column j of B⁻¹: the direction along which only row j changes, at rate 1. */
  column(j: number): Float64Array;
  /** y with Bᵀ y = g. */
  solveTransposed(g: Float64Array): Float64Array;
  /** row_j · direction. */
  rate(j: number, direction: Float64Array): number;
  replace(j: number, row: Float64Array): void;
}

const REBUILD_AFTER = 50;

export function createBasis(size: number): Basis {
  const rows: Float64Array[] = [];
  const orthonormal: Float64Array[] = [];
  let inverse = new Float64Array(size * size);
  let exchanges = 0;

  function push(row: Float64Array): boolean {
    const rest = row.slice();
    const length = Math.sqrt(dot(row, 0, row, 0, size));
    for (let pass = 0; pass < 2; pass++) {
      for (const unit of orthonormal) {
        const share = dot(unit, 0, rest, 0, size);
        for (let i = 0; i < size; i++) rest[i] -= share * unit[i];
      }
    }
    const remaining = Math.sqrt(dot(rest, 0, rest, 0, size));
    if (!(remaining > 1e-8 * length)) return false;
    orthonormal.push(rest.map((value) => value / remaining));
    rows.push(row);
    return true;
  }

  function invert(): void {
    const B = new Float64Array(size * size);
    rows.forEach((row, i) => B.set(row, i * size));
    const unit = new Float64Array(size);
    const columns = new Float64Array(size * size);
    for (let j = 0; j < size; j++) {
      unit.fill(0);
      unit[j] = 1;
      columns.set(solve(B, size, unit), j * size);
    }
    inverse = Float64Array.from(transpose(columns, size, size));
    exchanges = 0;
  }

  function column(j: number): Float64Array {
    return Float64Array.from({ length: size }, (_, i) => inverse[i * size + j]);
  }

  function solveTransposed(g: Float64Array): Float64Array {
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) y[j] += g[i] * inverse[i * size + j];
    return y;
  }

  function replace(j: number, row: Float64Array): void {
    const image = solveTransposed(row);
    const pivot = image[j];
    if (!(Math.abs(pivot) > 1e-13)) {
      throw new AppError('NOT_CONVERGED', 'The CVaR search met a degenerate vertex. Remove duplicated assets or days.');
    }
    rows[j] = row;
    if (++exchanges >= REBUILD_AFTER) {
      invert();
      return;
    }
    const pivotColumn = column(j);
    for (let i = 0; i < size; i++) {
      const scale = pivotColumn[i] / pivot;
      if (scale === 0) continue;
      for (let k = 0; k < size; k++) inverse[i * size + k] -= scale * (image[k] - (k === j ? 1 : 0));
    }
  }

  return {
    push,
    invert,
    column,
    solveTransposed,
    rate: (j, direction) => dot(rows[j], 0, direction, 0, size),
    replace,
  };
}
