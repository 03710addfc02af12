/**
 * Training rows, binned and held by a kernel, with what every tree of an ensemble needs: the base forecast, gradients as exact
 * integers, and draws of rows that depend on what rows hold.
 */
import { TreeKernel } from '../kernels/trees';
import type { TrainingSet } from '../models/model';
import { binEdges, MOST_SAMPLED_ROWS } from './bin-edges';
import { orderFreeSum, rowHashes, uniformOf } from './row-draws';

/** Largest quantized gradient, where few rows leave room for it. */
const MOST_GRADIENT_BITS = 30;

export interface BinnedTable {
  readonly kernel: TreeKernel;
  readonly edges: readonly Float64Array[];
  /** Mean of the target over `rows`. */
  readonly base: number;
  /** Rows to learn from. */
  readonly rows: Uint32Array;
  /** 32 bits per row of the table. */
  readonly hashes: Uint32Array;
}

/** Bins every row; edges and base come from `rows`, the ones to learn from. The kernel's prediction starts at the base. */
export function binTable({ featureNames, X, y }: TrainingSet, rows: Uint32Array, maxLeaves: number): BinnedTable {
  const hashes = rowHashes(X, y);
  const share = MOST_SAMPLED_ROWS / rows.length;
  const sample = share >= 1 ? rows : rows.filter((row) => uniformOf(hashes[row], 0) < share);
  const edges = binEdges(X, featureNames.length, sample);
  const kernel = new TreeKernel(y.length, featureNames.length, maxLeaves);
  kernel.bin(X, edges);
  kernel.target.set(y);
  const base = meanOf(y, rows);
  kernel.prediction.fill(base);
  kernel.allowed.fill(1);
  return { kernel, edges, base, rows, hashes };
}

/** Exact for a constant target, in any order of rows. */
function meanOf(y: Float64Array, rows: Uint32Array): number {
  const known = Float64Array.from(rows, (row) => y[row]);
  const least = known.reduce((low, value) => Math.min(low, value), Infinity);
  return least + orderFreeSum(known.map((value) => value - least)) / known.length;
}

export interface Quantized {
  readonly shift: number;
  readonly scale: number;
}

/**
 * Packs the gradients of the first `count` sample rows, whose weights sum to `weight`. Null where every residual is 0.
 * The count and the gradient sum share 63 bits; neither can overflow.
 */
export function quantizeGradients(
  kernel: TreeKernel,
  count: number,
  weight: number,
  weighted: boolean,
): Quantized | null {
  const most = kernel.largestResidual(count);
  if (!(most > 0)) return null;
  const shift = Math.ceil(Math.log2(weight + 1));
  const bits = Math.min(MOST_GRADIENT_BITS, 62 - 2 * shift);
  // At most 2^shift rows of at most 2^bits each: below 2^(63 − shift), what is left beside the count.
  const scale = 2 ** Math.min(1000, Math.floor(bits - Math.log2(most)));
  kernel.packGradients(count, scale, shift, weighted);
  return { shift, scale };
}
