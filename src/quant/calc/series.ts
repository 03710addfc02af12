/** Named columns of a dated CSV, as the return series of one calculation. */
import { AppError } from '#base/errors';
import type { CalcInput } from './kind';
import { readWidePrices } from './tables';

export interface SeriesTable {
  readonly dates: readonly string[];
  /** One array per name asked for; finite. */
  readonly columns: readonly Float64Array[];
}

/** The named columns on the dates on which all of them are present. Errors: NOT_FOUND naming the columns that are there. */
export function readSeries(input: CalcInput, names: readonly string[]): SeriesTable {
  const frame = readWidePrices(input);
  const n = frame.assets.length;
  const positions = names.map((name) => {
    const position = frame.assets.indexOf(name);
    if (position < 0) {
      throw new AppError(
        'NOT_FOUND',
        `Expected a column "${name}" in ${input.name}, found ${frame.assets.slice(0, 20).join(', ')}.`,
      );
    }
    return position;
  });
  const rows: number[] = [];
  for (let t = 0; t < frame.dates.length; t++) {
    if (positions.every((i) => !Number.isNaN(frame.values[t * n + i]))) rows.push(t);
  }
  return {
    dates: rows.map((t) => frame.dates[t]),
    columns: positions.map((i) => Float64Array.from(rows, (t) => frame.values[t * n + i])),
  };
}
