/** Bootstrap indices that a case supplies: one resample of row positions per line. */
import { AppError } from '#base/errors';
import type { CalcInput } from './kind';
import { readText } from './tables';

/** [B] resamples of `rows` 0-based positions each. Errors: INVALID_DATA with the line. */
export function readBootstrapIndices(input: CalcInput, rows: number): Uint32Array[] {
  const lines = readText(input).trim().split(/\r?\n/).slice(1);
  return lines.map((line, b) => {
    const cells = line.split(',');
    const indices = Uint32Array.from(cells, Number);
    if (cells.length !== rows || cells.some((cell, i) => Number(cell) !== indices[i] || indices[i] >= rows)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected ${rows} row positions from 0 to ${rows - 1} in ${input.name}, line ${b + 2}, found others.`,
        { data: { line: b + 2 } },
      );
    }
    return indices;
  });
}
