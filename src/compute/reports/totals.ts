/** Totals of table columns: the one sum that every format shows. */
import type { Table } from './model';

/** Sum of the figures of a column that has a total; null otherwise. */
export function columnTotal({ columns, rows }: Table, column: number): number | null {
  if (columns[column].total === undefined) return null;
  let sum = 0;
  for (const { cells } of rows) {
    const cell = cells[column];
    if (cell !== null && typeof cell === 'object') sum += cell.value ?? 0;
  }
  return sum;
}
