/** An independent subset of vectors with the triangle of its QR factorization: solves with their Gram matrix without squaring its condition. */
import { dot } from '#quant/array/linalg';

export interface HeldRows {
  /** Positions of the independent vectors among those given. */
  readonly kept: readonly number[];
  readonly vectors: readonly Float64Array[];
  /** [k, k] upper triangle R with Z = Q R, Z the kept vectors as columns. */
  readonly triangle: Float64Array;
}

/** Relative length of what a vector adds to the ones before, below which it adds nothing. */
const DEPENDENT = 1e-9;

/** Gram–Schmidt with one repetition (Giraud, Langou, Rozložník 2005: twice is enough). */
export function orthogonalize(candidates: readonly Float64Array[]): HeldRows {
  const size = candidates.length;
  const basis: Float64Array[] = [];
  const kept: number[] = [];
  const columns: Float64Array[] = [];
  candidates.forEach((z, position) => {
    const rest = z.slice();
    const column = new Float64Array(size);
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((unit, a) => {
        const share = dot(unit, 0, rest, 0, rest.length);
        column[a] += share;
        for (let q = 0; q < rest.length; q++) rest[q] -= share * unit[q];
      });
    }
    const length = Math.sqrt(dot(rest, 0, rest, 0, rest.length));
    if (!(length > DEPENDENT * Math.sqrt(dot(z, 0, z, 0, z.length)))) return;
    column[basis.length] = length;
    basis.push(rest.map((value) => value / length));
    kept.push(position);
    columns.push(column);
  });
  const k = kept.length;
  const triangle = new Float64Array(k * k);
  columns.forEach((column, j) => {
    for (let i = 0; i <= j; i++) triangle[i * k + j] = column[i];
  });
  return { kept, vectors: kept.map((position) => candidates[position]), triangle };
}

/** y with ZᵀZ y = b, by Rᵀ then R. */
export function solveGram({ kept, triangle }: HeldRows, b: Float64Array): Float64Array {
  const k = kept.length;
  const y = b.slice();
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) y[i] -= triangle[j * k + i] * y[j];
    y[i] /= triangle[i * k + i];
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let j = i + 1; j < k; j++) y[i] -= triangle[i * k + j] * y[j];
    y[i] /= triangle[i * k + i];
  }
  return y;
}
