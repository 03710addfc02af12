/**
 * Cholesky factor of the submatrix H_FF of a growing and shrinking index set F. Adding an index appends a row; removing one
 * shifts rows up and restores the triangle with Givens rotations: O(|F|²) each instead of O(|F|³).
 */
import { dot } from '#quant/array/linalg';

export interface FreeSetFactor {
  /** Members in the order of the factor's rows; only the first `size` are valid. */
  readonly members: Int32Array;
  readonly size: number;
  /** False (and nothing changed) where the pivot is below the tolerance: H_FF would be numerically singular. */
  add(index: number): boolean;
  /** Removes the member in that row. */
  remove(row: number): void;
  /** b ← L⁻¹ b for the first `size` entries. */
  forward(b: Float64Array): void;
  /** b ← L⁻ᵀ b for the first `size` entries. */
  backward(b: Float64Array): void;
}

/** H [n, n] row-major symmetric; `ridge` is added to its diagonal; pivots below `tolerance` · H_ii are refused. */
export function createFreeSetFactor(H: Float64Array, n: number, ridge: number, tolerance: number): FreeSetFactor {
  const members = new Int32Array(n);
  let capacity = Math.min(n, 64);
  let L = new Float64Array(capacity * capacity);
  let size = 0;

  function add(index: number): boolean {
    if (size === capacity) enlarge();
    const row = size * capacity;
    for (let k = 0; k < size; k++) {
      const entry = H[index * n + members[k]];
      L[row + k] = (entry - dot(L, row, L, k * capacity, k)) / L[k * capacity + k];
    }
    const diagonal = H[index * n + index] + ridge;
    const pivot = diagonal - dot(L, row, L, row, size);
    if (!(pivot > tolerance * diagonal)) return false;
    L[row + size] = Math.sqrt(pivot);
    members[size++] = index;
    return true;
  }

  function remove(removed: number): void {
    const cosines = new Float64Array(size);
    const sines = new Float64Array(size);
    for (let i = removed + 1; i < size; i++) {
      const from = i * capacity;
      const to = from - capacity;
      for (let k = 0; k < removed; k++) L[to + k] = L[from + k];
      let carried = L[from + removed];
      for (let k = removed; k < i - 1; k++) {
        const next = L[from + k + 1];
        L[to + k] = cosines[k] * carried + sines[k] * next;
        carried = cosines[k] * next - sines[k] * carried;
      }
      const diagonal = L[from + i];
      const length = Math.hypot(carried, diagonal);
      cosines[i - 1] = carried / length;
      sines[i - 1] = diagonal / length;
      L[to + i - 1] = length;
      members[i - 1] = members[i];
    }
    size--;
  }

  function forward(b: Float64Array): void {
    for (let i = 0; i < size; i++) {
      const row = i * capacity;
      b[i] = (b[i] - dot(L, row, b, 0, i)) / L[row + i];
    }
  }

  function backward(b: Float64Array): void {
    for (let i = size - 1; i >= 0; i--) {
      const row = i * capacity;
      const value = b[i] / L[row + i];
      b[i] = value;
      for (let k = 0; k < i; k++) b[k] -= value * L[row + k];
    }
  }

  function enlarge(): void {
    const wider = Math.min(n, capacity * 2);
    const larger = new Float64Array(wider * wider);
    for (let i = 0; i < size; i++) larger.set(L.subarray(i * capacity, i * capacity + i + 1), i * wider);
    L = larger;
    capacity = wider;
  }

  return {
    members,
    get size() {
      return size;
    },
    add,
    remove,
    forward,
    backward,
  };
}
