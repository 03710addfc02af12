/** From a slice of a panel to what a network reads: scaled numbers by asset and day, and where they are complete. */
import type { Scaler } from '../learning/scaler';
import type { InputTable } from '../nn/engine';
import type { PanelSlice } from './panel-model';

export interface PanelInputs {
  readonly table: InputTable;
  /** [N, R + 1] days with every feature before row r, so that a window's count is one difference. */
  readonly complete: Uint32Array;
}

/** A missing value is 0, the mean of the training rows. */
export function panelInputs(slice: PanelSlice, scaler: Scaler): PanelInputs {
  const { columns, dates, assets } = slice;
  const [N, R, K] = [assets.length, dates.length, columns.length];
  const values = new Float32Array(N * R * K);
  const complete = new Uint32Array(N * (R + 1));
  const factor = scaler.deviation.map((deviation) => (deviation > 0 ? 1 / deviation : 0));
  for (let i = 0; i < N; i++) {
    for (let r = 0; r < R; r++) {
      let missing = 0;
      const at = (i * R + r) * K;
      for (let k = 0; k < K; k++) {
        const value = columns[k][r * N + i];
        if (Number.isFinite(value)) values[at + k] = (value - scaler.mean[k]) * factor[k];
        else missing++;
      }
      complete[i * (R + 1) + r + 1] = complete[i * (R + 1) + r] + (missing === 0 ? 1 : 0);
    }
  }
  return { table: { values, series: N, days: R, inputs: K }, complete };
}

/** Share of a window's days on which an asset must have every feature. */
const LEAST_COVERAGE = 0.8;

/** Whether an asset can be judged at a row by the `lookback` days that end there: all features on the day, and on most days before. */
export function isUsable({ table, complete }: PanelInputs, asset: number, row: number, lookback: number): boolean {
  if (row < lookback - 1) return false;
  const base = asset * (table.days + 1);
  const known = complete[base + row + 1] - complete[base + row + 1 - lookback];
  const today = complete[base + row + 1] - complete[base + row];
  return today === 1 && known >= LEAST_COVERAGE * lookback;
}

/** Least and largest value per feature over all rows; 0 where there is none. */
export function featureRange({ columns }: PanelSlice): { minimum: number[]; maximum: number[] } {
  const edge = (column: Float64Array, better: (a: number, b: number) => number) =>
    column.reduce(
      (best, value) => (Number.isFinite(value) ? (Number.isNaN(best) ? value : better(best, value)) : best),
      NaN,
    );
  const orZero = (value: number) => (Number.isNaN(value) ? 0 : value);
  return {
    minimum: columns.map((column) => orZero(edge(column, Math.min))),
    maximum: columns.map((column) => orZero(edge(column, Math.max))),
  };
}
