/** Evidence in the first records of a delimited file from which its layout is told. Records are rows of trimmed cells. */
import { COLUMN_ROLES, plainName, type ColumnIndex, type ColumnRole } from './column-roles';
import { sniffDateFormat } from './date-reader';
import { CELL, NumberReader, type DecimalMark } from './number-reader';

export type Records = readonly (readonly string[])[];

/** yfinance `DataFrame.to_csv`: a row of fields, a row of tickers, a row that only names the index. */
export function isMultiHeader(records: Records): boolean {
  if (records.length < 2) return false;
  const [first, second] = records;
  return plainName(first[0]) === 'price' && plainName(second[0]) === 'ticker' && first.length === second.length;
}

/** True for a record whose first cells hold a date and a number: a file without a header. */
export function startsWithData(record: readonly string[]): boolean {
  const date = record.findIndex((cell) => cell !== '' && sniffDateFormat([cell]) !== null && /\d/.test(cell));
  return date >= 0 && record.some((cell, i) => i !== date && /^[$]?-?\d+(?:[.,]\d+)*$/.test(cell));
}

export function dateSamples(records: Records, skip: number, column: number): string[] {
  return records
    .slice(skip)
    .map((record) => record[column] ?? '')
    .filter((cell) => cell !== '');
}

/** A, C, L, O and V are tickers too: single letters are field names only where all of o, h, l and c are there. */
export function withoutTickerLetters(roles: ColumnIndex, header: readonly string[]): ColumnIndex {
  const letters = COLUMN_ROLES.filter(
    (role) => role !== 'date' && plainName(header[roles[role] ?? -1] ?? '').length === 1,
  );
  const bars: readonly ColumnRole[] = ['open', 'high', 'low', 'close'];
  if (header.length <= 12 && bars.every((role) => letters.includes(role))) return roles;
  const kept = { ...roles };
  for (const role of letters) delete kept[role];
  return kept;
}

function isNumeric(cell: string | undefined): boolean {
  return /^[$]?[+-]?[\d.,]*\d(?:e[+-]?\d+)?$/i.test(cell ?? '');
}

/** True when some sample cells are words and none is a number. */
export function holdsWords(records: Records, column: number, decimal: DecimalMark): boolean {
  const numbers = new NumberReader(decimal);
  const isWord = (cell: string | undefined) => {
    numbers.readText(cell ?? '');
    return numbers.status === CELL.bad;
  };
  return !holdsNumbers(records, column) && records.slice(1).some((record) => isWord(record[column]));
}

export function holdsNumbers(records: Records, column: number): boolean {
  return records.slice(1).some((record) => isNumeric(record[column]));
}

/** Without a column of a known name: the first one that holds dates. */
export function findDateColumn(records: Records): number {
  const width = records[0]?.length ?? 0;
  for (let column = 0; column < Math.min(width, 50); column++) {
    const samples = dateSamples(records, 1, column);
    const sniffed = samples.length > 0 ? sniffDateFormat(samples) : null;
    // A bare integer may be anything; only dates with marks or names identify a column.
    if (sniffed !== null && sniffed.share > 0.9 && samples.every((text) => /[-/. ]/.test(text.trim()))) return column;
  }
  return -1;
}
