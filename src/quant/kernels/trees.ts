/**
 * The memory and the calls of the tree-growing kernel: binned rows, exact integer histograms, the best split, the partition.
 * One instance serves one fit and goes with it. Sums are integers, so results do not depend on the order of rows.
 */
import { AppError } from '#base/errors';
import { bytes } from './trees.as.ts?compiled';

interface TreeExports {
  readonly memory: WebAssembly.Memory;
  firstFreeByte(): number;
  binRows(X: number, count: number, columns: number, edges: number, blocks: number, first: number, rows: number): void;
  largestResidual(prediction: number, target: number, index: number, n: number): number;
  packGradients(
    prediction: number,
    target: number,
    weights: number,
    index: number,
    n: number,
    scale: number,
    shift: number,
    packed: number,
  ): void;
  gather(packed: number, index: number, n: number, ordered: number): bigint;
  histogram(
    blocks: number,
    rows: number,
    index: number,
    ordered: number,
    n: number,
    from: number,
    to: number,
    result: number,
  ): void;
  subtract(parent: number, child: number, from: number, to: number): void;
  partition(
    blocks: number,
    rows: number,
    feature: number,
    bin: number,
    missingLeft: number,
    index: number,
    n: number,
    spare: number,
  ): number;
  bestSplit(
    histograms: number,
    features: number,
    total: bigint,
    shift: number,
    minCount: number,
    l2: number,
    allowed: number,
    monotone: number,
    bounded: number,
    lower: number,
    upper: number,
    result: number,
  ): number;
  addValue(prediction: number, index: number, n: number, value: number): void;
  addTree(blocks: number, rows: number, nodes: number, index: number, n: number, prediction: number): void;
}

/** A node's best split; gain and left sum are in quantized units. */
export interface Split {
  readonly gain: number;
  /** Packed sum of the rows that go left. */
  readonly left: bigint;
  readonly feature: number;
  /** Rows in this bin and lower ones go left. */
  readonly bin: number;
  /** As learned; where the node misses no value, the side of more rows. */
  readonly missingLeft: boolean;
}

export interface SplitRules {
  /** Fewest rows (by weight) on either side. */
  readonly minCount: number;
  readonly l2: number;
  /** Per feature 1, −1 or 0; null where there is no constraint at all. */
  readonly monotone: Int8Array | null;
}

/** Bounds of a node's value in quantized units. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

const PAGE = 65_536;
const BINS = 256;
/** Rows copied in at a time while binning. */
const BATCH = 2048;
/** What 32-bit WebAssembly addresses, less a reserve. */
const MOST_BYTES = 4_000_000_000;
const NODE_BYTES = 32;

let module: WebAssembly.Module | undefined;

export class TreeKernel {
  readonly rows: number;
  readonly features: number;
  readonly #calls: TreeExports;
  readonly #blocks: number;
  readonly #edges: number;
  readonly #prediction: number;
  readonly #target: number;
  readonly #weights: number;
  readonly #packed: number;
  readonly #ordered: number;
  readonly #index: number;
  readonly #spare: number;
  readonly #outside: number;
  readonly #histograms: number;
  readonly #allowed: number;
  readonly #monotone: number;
  readonly #nodes: number;
  readonly #result: number;
  readonly #batch: number;

  /** For trees of at most `maxLeaves`. Errors: TOO_LARGE where the table does not fit into WebAssembly's memory. */
  constructor(rows: number, features: number, maxLeaves: number) {
    this.rows = rows;
    this.features = features;
    const instance = new WebAssembly.Instance((module ??= new WebAssembly.Module(bytes)), { env: { abort } });
    // The exports are those of trees.as.ts, compiled in the same build; WebAssembly's own type cannot say so.
    this.#calls = instance.exports as unknown as TreeExports;
    let end = this.#calls.firstFreeByte();
    const reserve = (size: number): number => {
      const at = end;
      end += (size + 63) & ~63;
      if (end > MOST_BYTES) end = Infinity;
      return at;
    };
    const blockCount = this.blockCount;
    this.#result = reserve(32);
    this.#allowed = reserve(blockCount * 8);
    this.#monotone = reserve(blockCount * 8);
    this.#nodes = reserve(2 * maxLeaves * NODE_BYTES);
    this.#edges = reserve(features * BINS * 8);
    this.#batch = reserve(BATCH * features * 8);
    this.#histograms = reserve(maxLeaves * blockCount * 8 * BINS * 8);
    this.#blocks = reserve(blockCount * rows * 8);
    this.#prediction = reserve(rows * 8);
    this.#target = reserve(rows * 8);
    this.#packed = reserve(rows * 8);
    this.#ordered = reserve(rows * 8);
    this.#index = reserve(rows * 4);
    this.#spare = reserve(rows * 4);
    this.#outside = reserve(rows * 4);
    this.#weights = reserve(rows);
    if (end === Infinity) {
      throw new AppError(
        'TOO_LARGE',
        `Expected a training set whose bins and histograms fit into 4 GB, found ${rows} rows × ${features} features with ` +
          `${maxLeaves} leaves. Use a shorter training window, fewer features or fewer leaves.`,
        { data: { rows, features, maxLeaves } },
      );
    }
    const missing = end - this.#calls.memory.buffer.byteLength;
    if (missing > 0) this.#calls.memory.grow(Math.ceil(missing / PAGE));
  }

  get blockCount(): number {
    return (this.features + 7) >> 3;
  }

  /** X [rows, features] row-major; edges per feature, ascending, at most 254. */
  bin(X: Float64Array, edges: readonly Float64Array[]): void {
    const { features, rows } = this;
    const heap = this.#float64(this.#edges, features * BINS).fill(Infinity);
    edges.forEach((own, k) => {
      heap.set(own, k * BINS);
    });
    for (let first = 0; first < rows; first += BATCH) {
      const count = Math.min(BATCH, rows - first);
      this.#float64(this.#batch, count * features).set(X.subarray(first * features, (first + count) * features));
      this.#calls.binRows(this.#batch, count, features, this.#edges, this.#blocks, first, rows);
    }
  }

  /** Per row: what the trees so far say; a view, valid while the kernel is. */
  get prediction(): Float64Array {
    return this.#float64(this.#prediction, this.rows);
  }

  get target(): Float64Array {
    return this.#float64(this.#target, this.rows);
  }

  /** Rows in the sample of this tree; `partition` reorders them. */
  get index(): Uint32Array {
    return new Uint32Array(this.#calls.memory.buffer, this.#index, this.rows);
  }

  /** Rows that only follow the tree. */
  get outside(): Uint32Array {
    return new Uint32Array(this.#calls.memory.buffer, this.#outside, this.rows);
  }

  /** Times that a row counts, by row. */
  get weights(): Uint8Array {
    return new Uint8Array(this.#calls.memory.buffer, this.#weights, this.rows);
  }

  /** 1 where a feature may be split on. */
  get allowed(): Uint8Array {
    return new Uint8Array(this.#calls.memory.buffer, this.#allowed, this.features);
  }

  largestResidual(count: number): number {
    return this.#calls.largestResidual(this.#prediction, this.#target, this.#index, count);
  }

  packGradients(count: number, scale: number, shift: number, weighted: boolean): void {
    const weights = weighted ? this.#weights : 0;
    this.#calls.packGradients(this.#prediction, this.#target, weights, this.#index, count, scale, shift, this.#packed);
  }

  /** Fills histogram `slot` from `count` sample rows at `start`; returns their packed sum. */
  histogram(slot: number, start: number, count: number): bigint {
    const index = this.#index + start * 4;
    const sum = this.#calls.gather(this.#packed, index, count, this.#ordered);
    const { rows, blockCount } = this;
    this.#calls.histogram(this.#blocks, rows, index, this.#ordered, count, 0, blockCount, this.#slot(slot));
    return sum;
  }

  /** Turns histogram `parent` into that of the sibling of `child`. */
  subtract(parent: number, child: number): void {
    this.#calls.subtract(this.#slot(parent), this.#slot(child), 0, this.blockCount);
  }

  /** Reorders `count` sample rows at `start` so that those that go left come first; returns how many. */
  partition(start: number, count: number, { feature, bin, missingLeft }: Split): number {
    const index = this.#index + start * 4;
    const side = missingLeft ? 1 : 0;
    return this.#calls.partition(this.#blocks, this.rows, feature, bin, side, index, count, this.#spare);
  }

  /** Null where no split of histogram `slot` lowers the loss. */
  bestSplit(slot: number, total: bigint, shift: number, rules: SplitRules, bounds: Bounds): Split | null {
    const { buffer } = this.#calls.memory;
    const { monotone, minCount, l2 } = rules;
    if (monotone === null) new Int8Array(buffer, this.#monotone, this.features).fill(0);
    else new Int8Array(buffer, this.#monotone, this.features).set(monotone);
    const gain = this.#calls.bestSplit(
      this.#slot(slot),
      this.features,
      total,
      shift,
      minCount,
      l2,
      this.#allowed,
      this.#monotone,
      monotone === null ? 0 : 1,
      bounds.lower,
      bounds.upper,
      this.#result,
    );
    if (!(gain > 0)) return null;
    const view = new DataView(buffer, this.#result, 32);
    const left = view.getBigInt64(8, true);
    const sawMissing = view.getInt32(28, true) === 1;
    const countOf = (sum: bigint) => BigInt.asUintN(shift, sum);
    return {
      gain,
      left,
      feature: view.getInt32(16, true),
      bin: view.getInt32(20, true),
      missingLeft: sawMissing ? view.getInt32(24, true) === 1 : 2n * countOf(left) > countOf(total),
    };
  }

  addValue(start: number, count: number, value: number): void {
    this.#calls.addValue(this.#prediction, this.#index + start * 4, count, value);
  }

  /** Adds a tree's values to the first `count` rows of `outside`. */
  addTree(nodes: readonly KernelNode[], count: number): void {
    const view = new DataView(this.#calls.memory.buffer, this.#nodes, nodes.length * NODE_BYTES);
    nodes.forEach(({ value, feature, bin, missingLeft, left, right }, i) => {
      view.setFloat64(i * NODE_BYTES, value, true);
      [feature, bin, missingLeft ? 1 : 0, left, right].forEach((field, at) => {
        view.setInt32(i * NODE_BYTES + 8 + at * 4, field, true);
      });
    });
    this.#calls.addTree(this.#blocks, this.rows, this.#nodes, this.#outside, count, this.#prediction);
  }

  /** Σ gradients and Σ counts of one histogram, [features, 256]; for tests against the plain definition. */
  readHistogram(slot: number, shift: number): { readonly gradients: Float64Array; readonly counts: Float64Array } {
    const cells = new BigInt64Array(this.#calls.memory.buffer, this.#slot(slot), this.features * BINS);
    const wide = BigInt(shift);
    return {
      gradients: Float64Array.from(cells, (cell) => Number(cell >> wide)),
      counts: Float64Array.from(cells, (cell) => Number(BigInt.asUintN(shift, cell))),
    };
  }

  #slot(slot: number): number {
    return this.#histograms + slot * this.blockCount * 8 * BINS * 8;
  }

  #float64(at: number, length: number): Float64Array {
    return new Float64Array(this.#calls.memory.buffer, at, length);
  }
}

export interface KernelNode {
  readonly value: number;
  /** −1 = leaf. */
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
}

function abort(): never {
  throw new Error('The tree kernel aborted; it allocates nothing and never should.');
}
