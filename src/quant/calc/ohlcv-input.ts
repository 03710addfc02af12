/** One asset's bars as columns. */
import type { CalcInput } from './kind';
import { numericColumn, readTable, textColumn } from './tables';

export const OHLCV_INPUT = 'CSV, gzip allowed: date,open,high,low,close,volume, one row per day';

export interface OhlcvSeries {
  readonly dates: readonly string[];
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Errors: INVALID_DATA naming the column that is absent or the cell that is no number. */
export function readOhlcv(input: CalcInput): OhlcvSeries {
  const table = readTable(input);
  return {
    dates: textColumn(table, 'date'),
    high: numericColumn(table, 'high'),
    low: numericColumn(table, 'low'),
    close: numericColumn(table, 'close'),
    volume: numericColumn(table, 'volume'),
  };
}
