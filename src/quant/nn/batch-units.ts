/**
 * Batches from units (a date, a graph, a chunk of a series) and back to parts: what gradient accumulation does so that small batches add
 * up to the gradient of the large one.
 */
import { spearmanRho } from '../inference/mean-difference';
import { rowCount } from './batch';
import type { Batch, GraphBatch, LossId, SequenceBatch, WindowBatch } from './engine';
import { crossSectionsOf } from './losses';

export interface MicroBatch {
  readonly batch: Batch;
  /** Share of the whole batch's loss; sums to 1. */
  readonly weight: number;
}

/** Units of one kind as the fewest batches that say the same; graphs stay apart. */
export function joinUnits(units: readonly Batch[]): Batch[] {
  const windows = units.filter((unit) => unit.kind === 'windows');
  const sequences = units.filter((unit) => unit.kind === 'sequences');
  const graphs: Batch[] = units.filter((unit) => unit.kind === 'graph');
  return [
    ...(windows.length > 0 ? [joinWindows(windows)] : []),
    ...(sequences.length > 0 ? [joinSequences(sequences)] : []),
    ...graphs,
  ];
}

/**
 * A batch cut to micro-batches of at most `rows` rows, as far as its loss allows: means over rows may be cut anywhere, means over dates
 * between dates, the Sharpe loss nowhere.
 */
export function microBatches(units: readonly Batch[], loss: LossId, rows: number): MicroBatch[] {
  const parts = partsOf(units, loss, rows);
  const counts = parts.map((part) => lossCount(part, loss));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  return parts.flatMap((batch, k) => (counts[k] > 0 ? [{ batch, weight: counts[k] / total }] : []));
}

/** True where smaller micro-batches exist at all. */
export function canSplit(units: readonly Batch[], loss: LossId): boolean {
  return loss !== 'sharpe' && (loss === 'mse' || loss === 'huber' || units.some((unit) => unit.kind === 'windows'));
}

function partsOf(units: readonly Batch[], loss: LossId, rows: number): Batch[] {
  const isPointwise = loss === 'mse' || loss === 'huber';
  const whole = joinUnits(units);
  return whole.flatMap((batch): Batch[] => {
    if (batch.kind === 'graph' || rowCount(batch) <= rows) return [batch];
    if (batch.kind === 'sequences')
      return isPointwise ? slices(rowCount(batch), rows).map((s) => sequencesIn(batch, s)) : [batch];
    if (isPointwise) return slices(rowCount(batch), rows).map((s) => windowsIn(batch, s));
    return loss === 'sharpe' ? [batch] : dateRanges(batch.groups, rows).map((s) => windowsIn(batch, s));
  });
}

type Range = readonly [first: number, end: number];

function slices(n: number, size: number): Range[] {
  return Array.from({ length: Math.ceil(n / size) }, (_, k): Range => [k * size, Math.min(n, (k + 1) * size)]);
}

/** Runs of whole dates of at most `rows` rows, one date at least. */
function dateRanges(groups: Uint32Array, rows: number): Range[] {
  const ranges: Range[] = [];
  let first = 0;
  for (let g = 1; g < groups.length; g++) {
    const isLast = g === groups.length - 1;
    if (!isLast && groups[g + 1] - groups[first] <= rows) continue;
    ranges.push([groups[first], groups[g]]);
    first = g;
  }
  return ranges;
}

function windowsIn(batch: WindowBatch, [first, end]: Range): WindowBatch {
  const inner = Array.from(batch.groups).filter((g) => g > first && g < end);
  return {
    ...batch,
    series: batch.series.subarray(first, end),
    end: batch.end.subarray(first, end),
    groups: Uint32Array.from([first, ...inner, end], (g) => g - first),
    ...(batch.targets && { targets: batch.targets.subarray(first, end) }),
  };
}

function sequencesIn(batch: SequenceBatch, [first, end]: Range): SequenceBatch {
  const days = batch.length - batch.burnIn;
  return {
    ...batch,
    series: batch.series.subarray(first, end),
    start: batch.start.subarray(first, end),
    ...(batch.targets && { targets: batch.targets.subarray(first * days, end * days) }),
  };
}

function joinWindows(units: readonly WindowBatch[]): WindowBatch {
  const groups = [0];
  for (const unit of units) {
    const base = groups[groups.length - 1];
    for (let g = 1; g < unit.groups.length; g++) groups.push(base + unit.groups[g]);
  }
  return {
    kind: 'windows',
    lookback: units[0].lookback,
    series: joined(units.map(({ series }) => series)),
    end: joined(units.map(({ end }) => end)),
    groups: Uint32Array.from(groups),
    ...(units[0].targets && { targets: joinedFloats(units.map(({ targets }) => targets ?? new Float32Array(0))) }),
  };
}

function joinSequences(units: readonly SequenceBatch[]): SequenceBatch {
  const { length, burnIn } = units[0];
  return {
    kind: 'sequences',
    length,
    burnIn,
    series: joined(units.map(({ series }) => series)),
    start: joined(units.map(({ start }) => start)),
    ...(units[0].targets && { targets: joinedFloats(units.map(({ targets }) => targets ?? new Float32Array(0))) }),
  };
}

function joined(arrays: readonly Uint32Array[]): Uint32Array {
  const result = new Uint32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

function joinedFloats(arrays: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

/** What a loss is a mean over: labelled rows, dates with two different labels, or the batch itself. */
function lossCount(batch: Batch, loss: LossId): number {
  const targets = batch.targets ?? new Float32Array(0);
  if (loss === 'mse' || loss === 'huber') return targets.reduce((sum, y) => sum + (Number.isNaN(y) ? 0 : 1), 0);
  if (loss === 'sharpe') return targets.some((y) => !Number.isNaN(y)) ? 1 : 0;
  let dates = 0;
  forEachDate(batch, targets, (rows) => {
    if (rows.some((k) => targets[k] !== targets[rows[0]])) dates += 1;
  });
  return dates;
}

function forEachDate(batch: Batch, targets: Float32Array, visit: (rows: readonly number[]) => void): void {
  const { start, order } = crossSectionsOf(batch);
  for (let g = 0; g + 1 < start.length; g++) {
    const rows: number[] = [];
    for (let k = start[g]; k < start[g + 1]; k++) {
      const row = order === undefined ? k : order[k];
      if (!Number.isNaN(targets[row])) rows.push(row);
    }
    visit(rows);
  }
}

/** Rank correlation of predictions and targets on every date with at least 3 labels. */
export function dailyRankIc(batch: Batch, predictions: Float32Array): number[] {
  const targets = batch.targets ?? new Float32Array(0);
  const ics: number[] = [];
  forEachDate(batch, targets, (rows) => {
    if (rows.length < 3) return;
    const ic = spearmanRho(
      Float64Array.from(rows, (k) => predictions[k]),
      Float64Array.from(rows, (k) => targets[k]),
    );
    if (Number.isFinite(ic)) ics.push(ic);
  });
  return ics;
}

/** A graph batch with other targets. */
export function withTargets(batch: GraphBatch, targets: Float32Array): GraphBatch {
  return { ...batch, targets };
}
