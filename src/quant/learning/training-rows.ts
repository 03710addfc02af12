/**
 * Pooled training rows (date × asset) of a feature table and its labels, cut so that no label is known only after the fit.
 * The label of row t covers the returns from the fill at t + lag to t + lag + horizon, and no other rows.
 */
import { AppError } from '#base/errors';
import { mergeMoments, momentsOf, type Moments } from './moments';

export interface TrainingTable {
  readonly names: readonly string[];
  /** Per feature, [T, N] row-major; NaN = undefined. */
  readonly columns: readonly Float64Array[];
  /** [T, N] label of a decision at row t; NaN = unknown. */
  readonly labels: Float64Array;
  readonly assets: number;
  /** Rows between a decision and its fill, ≥ 0. */
  readonly lag: number;
  /** Rows that the label's return spans. */
  readonly horizon: number;
}

/** Rows whose prices the label of row t depends on: [t + lag, t + lag + horizon]. */
export function labelInterval(table: TrainingTable, row: number): readonly [first: number, last: number] {
  return [row + table.lag, row + table.lag + table.horizon];
}

/** Last row whose label is known at the close of `knownAt`. */
function lastTrainableRow(table: TrainingTable, knownAt: number): number {
  return knownAt - table.lag - table.horizon;
}

export interface TrainingRows {
  readonly featureNames: readonly string[];
  /** [rows, K] row-major, finite. */
  readonly X: Float64Array;
  readonly y: Float64Array;
  /** Position t·N + i of each row. */
  readonly cells: Uint32Array;
  readonly timing: {
    /** Per row, ascending: its date's row t. */
    readonly days: Int32Array;
    /** Rows from a decision to the end of its label. */
    readonly reach: number;
  };
}

/**
 * Rows of the dates `first` … `last` in which every feature and the label are known. `knownAt` is the date of the fit.
 * Errors: INVALID_CONFIG where a label would end after `knownAt`: that is a leak, not a choice.
 */
export function trainingRows(table: TrainingTable, first: number, last: number, knownAt: number): TrainingRows {
  requireKnownLabels(table, last, knownAt);
  return gather(table, completeCells(table, Math.max(0, first), last, true));
}

/** Rows to forecast: assets with every feature at row t. `y` is empty. */
export function forecastRows(table: TrainingTable, row: number): TrainingRows {
  return gather(table, completeCells(table, row, row, false), false);
}

/**
 * Moments of the training rows of any range of dates. Blocks of dates are computed once and summed, so that successive fits of a
 * walk-forward run cost a few small additions each.
 */
export class MomentLedger {
  readonly #table: TrainingTable;
  readonly #blockRows: number;
  readonly #blocks = new Map<number, Moments>();

  constructor(table: TrainingTable, blockRows = 21) {
    this.#table = table;
    this.#blockRows = blockRows;
  }

  /** Equal, to rounding, to `momentsOf(trainingRows(…))`. Errors: INVALID_CONFIG as there. */
  between(first: number, last: number, knownAt: number): Moments {
    requireKnownLabels(this.#table, last, knownAt);
    const size = this.#blockRows;
    const parts: Moments[] = [];
    for (let from = Math.max(0, first); from <= last;) {
      const block = Math.floor(from / size);
      const end = Math.min(last, (block + 1) * size - 1);
      parts.push(from === block * size && end === from + size - 1 ? this.#block(block) : this.#range(from, end));
      from = end + 1;
    }
    return parts.length === 0 ? this.#range(0, -1) : mergeMoments(parts);
  }

  #block(block: number): Moments {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const moments = this.#range(block * this.#blockRows, (block + 1) * this.#blockRows - 1);
    this.#blocks.set(block, moments);
    return moments;
  }

  #range(first: number, last: number): Moments {
    const { X, y } = gather(this.#table, completeCells(this.#table, first, last, true));
    return momentsOf(X, y, this.#table.columns.length);
  }
}

function requireKnownLabels(table: TrainingTable, last: number, knownAt: number): void {
  if (last <= lastTrainableRow(table, knownAt)) return;
  throw new AppError(
    'INVALID_CONFIG',
    `Expected training rows up to ${lastTrainableRow(table, knownAt)} (labels end ${table.lag + table.horizon} rows later), ` +
      `found ${last} for a fit at row ${knownAt}. Purge the rows whose labels are not known yet.`,
    { data: { last, knownAt, reach: table.lag + table.horizon } },
  );
}

function completeCells(table: TrainingTable, first: number, last: number, labelled: boolean): Uint32Array {
  const n = table.assets;
  const start = first * n;
  const count = Math.max(0, (last - first + 1) * n);
  const sums = labelled ? table.labels.slice(start, start + count) : new Float64Array(count);
  for (const column of table.columns) for (let i = 0; i < count; i++) sums[i] += column[start + i];
  const cells = new Uint32Array(count);
  let kept = 0;
  // x − x is 0 for finite x only; one missing feature makes the sum missing.
  for (let i = 0; i < count; i++) if (sums[i] - sums[i] === 0) cells[kept++] = start + i;
  return cells.subarray(0, kept);
}

function gather(table: TrainingTable, cells: Uint32Array, labelled = true): TrainingRows {
  const K = table.columns.length;
  const X = new Float64Array(cells.length * K);
  // A stretch of rows is filled column by column while it is in cache.
  for (let from = 0; from < cells.length; from += 512) {
    const to = Math.min(cells.length, from + 512);
    for (let k = 0; k < K; k++) {
      const column = table.columns[k];
      for (let row = from; row < to; row++) X[row * K + k] = column[cells[row]];
    }
  }
  const y = labelled ? Float64Array.from(cells, (cell) => table.labels[cell]) : new Float64Array(0);
  const days = Int32Array.from(cells, (cell) => Math.floor(cell / table.assets));
  return { featureNames: table.names, X, y, cells, timing: { days, reach: table.lag + table.horizon } };
}
