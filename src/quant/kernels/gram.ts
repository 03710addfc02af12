/**
 * Gram matrices Xᵀ X of tall tables: the WebAssembly kernel and, beside it, the plain TypeScript that says the same.
 * Both take centers and row weights, so every moment matrix of the product goes through here.
 */
import { bytes } from './gram.as.ts?compiled';

export interface GramOptions {
  /** Subtracted from every row, length columns; default 0. */
  readonly center?: Float64Array;
  /** Weight of each row in the sum, ≥ 0, length rows; default 1. */
  readonly weights?: Float64Array;
  /** Factor on the result; default 1. */
  readonly scale?: number;
}

interface GramKernel {
  readonly memory: WebAssembly.Memory;
  firstFreeByte(): number;
  pack(X: number, rows: number, columns: number, center: number, scale: number, panels: number): void;
  accumulate(panels: number, rows: number, columns: number, C: number): void;
}

const ROW_BLOCK = 256;
const PAGE = 65_536;
let kernel: GramKernel | undefined;

/** X [rows, columns] row-major, finite → symmetric [columns, columns] scale · Σ_t w_t (x_t − c)(x_t − c)ᵀ. */
export function gram(X: Float64Array, rows: number, columns: number, options: GramOptions = {}): Float64Array {
  const { center, weights, scale = 1 } = options;
  const { memory, firstFreeByte, pack, accumulate } = (kernel ??= instantiate());
  const width = (columns + 3) & ~3;
  const C = firstFreeByte();
  const centerAt = C + width * width * 8;
  const factorsAt = centerAt + width * 8;
  const rowsAt = factorsAt + ROW_BLOCK * 8;
  const panelsAt = rowsAt + ROW_BLOCK * width * 8;
  const missing = panelsAt + ROW_BLOCK * width * 8 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const heap = new Float64Array(memory.buffer);
  heap.fill(0, C / 8, panelsAt / 8);
  if (center !== undefined) heap.set(center, centerAt / 8);
  for (let start = 0; start < rows; start += ROW_BLOCK) {
    const count = Math.min(ROW_BLOCK, rows - start);
    copyRows(heap, rowsAt / 8, X, start, count, columns, width);
    for (let t = 0; t < count; t++) heap[factorsAt / 8 + t] = weights === undefined ? 1 : Math.sqrt(weights[start + t]);
    pack(rowsAt, count, width, centerAt, factorsAt, panelsAt);
    accumulate(panelsAt, count, width, C);
  }
  return mirrored(heap.subarray(C / 8, centerAt / 8), width, columns, scale);
}

/** The definition that {@link gram} is tested against. */
export function gramReference(X: Float64Array, rows: number, columns: number, options: GramOptions = {}): Float64Array {
  const { center, weights, scale = 1 } = options;
  const result = new Float64Array(columns * columns);
  for (let t = 0; t < rows; t++) {
    const row = t * columns;
    const weight = weights === undefined ? 1 : weights[t];
    for (let i = 0; i < columns; i++) {
      const x = weight * (X[row + i] - (center === undefined ? 0 : center[i]));
      for (let j = 0; j < columns; j++) {
        result[i * columns + j] += x * (X[row + j] - (center === undefined ? 0 : center[j]));
      }
    }
  }
  return result.map((value) => value * scale);
}

function instantiate(): GramKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort } });
  // The exports are those of gram.as.ts, compiled in the same build; WebAssembly's own type cannot say so.
  return instance.exports as unknown as GramKernel;
}

function abort(): never {
  throw new Error('The Gram kernel aborted; it allocates nothing and never should.');
}

function copyRows(
  heap: Float64Array,
  to: number,
  X: Float64Array,
  start: number,
  count: number,
  columns: number,
  width: number,
): void {
  if (columns === width) {
    heap.set(X.subarray(start * columns, (start + count) * columns), to);
    return;
  }
  for (let t = 0; t < count; t++) {
    const from = (start + t) * columns;
    heap.set(X.subarray(from, from + columns), to + t * width);
  }
}

/** Copies the computed blocks and reflects them, in squares that stay in cache. */
function mirrored(C: Float64Array, width: number, n: number, scale: number): Float64Array {
  const result = new Float64Array(n * n);
  const block = 32;
  for (let i0 = 0; i0 < n; i0 += block) {
    for (let j0 = i0; j0 < n; j0 += block) {
      const i1 = Math.min(n, i0 + block);
      const j1 = Math.min(n, j0 + block);
      for (let i = i0; i < i1; i++) {
        for (let j = Math.max(i, j0); j < j1; j++) {
          const value = C[i * width + j] * scale;
          result[i * n + j] = value;
          result[j * n + i] = value;
        }
      }
    }
  }
  return result;
}
