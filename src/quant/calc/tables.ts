/**
 * Tables of calculation cases: CSV text in, typed columns or frames out, and table answers.
 * Numbers are read without an intermediate string wherever that is exact; an empty cell is a missing value (NaN).
 */
import { AppError } from '#base/errors';
import { checkFrame, type Frame } from '../panel';
import type { CalcInput, CalcTable } from './kind';

/** A header and rows of text cells, by column. */
export interface TextTable {
  /** File name, for messages. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Cells of each column, in the order of `columns`. */
  readonly cells: readonly (readonly string[])[];
}

/** A numeric table whose first column holds row labels. */
export interface Matrix {
  /** First cell of every row, as text. */
  readonly labels: readonly string[];
  /** Header without its first cell. */
  readonly columns: readonly string[];
  /** [rows, columns] row-major; NaN = missing. */
  readonly values: Float64Array;
}

/** The input of that name. Errors: BAD_REQUEST listing the inputs that were given. */
export function requireInput(inputs: Readonly<Record<string, CalcInput>>, name: string): CalcInput {
  if (Object.hasOwn(inputs, name)) return inputs[name];
  const given = Object.keys(inputs).join(', ') || 'none';
  throw new AppError('BAD_REQUEST', `Expected the input "${name}", found ${given}. Add --input ${name}=FILE.`);
}

/** Bytes as UTF-8 text without a byte-order mark. Errors: INVALID_DATA. */
export function readText(input: CalcInput): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input.bytes);
  } catch {
    throw new AppError('INVALID_DATA', `Expected UTF-8 text in ${input.name}, found other bytes. Save it as UTF-8.`);
  }
}

/** `date,TICKER…` with one row per day, ascending; empty = missing. Errors: INVALID_DATA with line and column. */
export function readWidePrices(input: CalcInput): Frame {
  const { labels, columns, values } = readMatrix(input);
  const wrong = labels.findIndex((label) => !/^\d{4}-\d{2}-\d{2}$/.test(label));
  if (wrong >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ISO dates (YYYY-MM-DD) in the first column of ${input.name}, found "${labels[wrong]}" on line ${wrong + 2}.`,
    );
  }
  return checkFrame({ dates: labels, assets: columns, values });
}

/** A label column followed by numeric columns. Errors: INVALID_DATA with line and column. */
export function readMatrix(input: CalcInput): Matrix {
  const text = readText(input);
  const header = readRecord(text, 0, input.name);
  const columns = header.cells.slice(1);
  const width = columns.length;
  const labels: string[] = [];
  let values = new Float64Array(Math.max(1024, Math.ceil(text.length / 6)));
  let count = 0;
  let position = header.end;
  while (position < text.length) {
    const start = position;
    const label = readCell(text, position, input.name);
    if (label.text === '' && atLineEnd(text, label.end)) {
      position = skipLineEnd(text, label.end);
      continue;
    }
    labels.push(label.text);
    position = label.end;
    if (count + width > values.length) values = enlarge(values);
    for (let column = 0; column < width; column++) {
      if (text.charCodeAt(position) !== COMMA) throw raggedRow(input.name, text, start, column + 1, width + 1);
      const end = cellEnd(text, position + 1);
      values[count++] = parseNumber(text, position + 1, end, () => [input.name, lineOf(text, start), columns[column]]);
      position = end;
    }
    if (!atLineEnd(text, position)) throw raggedRow(input.name, text, start, width + 2, width + 1);
    position = skipLineEnd(text, position);
  }
  return { labels, columns, values: values.slice(0, count) };
}

/** Any CSV with a header, as text by column; quoted cells may hold commas, quotes and line breaks. */
export function readTable(input: CalcInput): TextTable {
  const text = readText(input);
  const header = readRecord(text, 0, input.name);
  const cells: string[][] = header.cells.map(() => []);
  let rowCount = 0;
  let position = header.end;
  while (position < text.length) {
    const start = position;
    const record = readRecord(text, position, input.name);
    position = record.end;
    if (record.cells.length === 1 && record.cells[0] === '' && cells.length > 1) continue;
    if (record.cells.length !== cells.length) {
      throw raggedRow(input.name, text, start, record.cells.length, cells.length);
    }
    for (let column = 0; column < cells.length; column++) cells[column].push(record.cells[column]);
    rowCount++;
  }
  return { name: input.name, columns: header.cells, rowCount, cells };
}

/** Cells of one column. Errors: INVALID_DATA naming the columns that are there. */
export function textColumn(table: TextTable, column: string): readonly string[] {
  const index = table.columns.indexOf(column);
  if (index >= 0) return table.cells[index];
  throw new AppError(
    'INVALID_DATA',
    `Expected a column "${column}" in ${table.name}, found ${table.columns.join(', ')}. Rename the column.`,
  );
}

/** One column as numbers, empty = NaN. Errors: INVALID_DATA with line and column. */
export function numericColumn(table: TextTable, column: string): Float64Array {
  const cells = textColumn(table, column);
  return Float64Array.from(cells, (cell, row) =>
    parseNumber(cell, 0, cell.length, () => [table.name, row + 2, column]),
  );
}

/** A frame as a table answer: dates first, missing values as null. */
export function frameTable(frame: Frame, labelColumn = 'date'): CalcTable {
  return matrixTable({ labels: frame.dates, columns: frame.assets, values: frame.values }, labelColumn);
}

/** A labelled matrix as a table answer: labels first, missing values as null. */
export function matrixTable(matrix: Matrix, labelColumn: string): CalcTable {
  const { labels, columns, values } = matrix;
  const width = columns.length;
  return {
    columns: [labelColumn, ...columns],
    rows: labels.map((label, row) => {
      const cells: (string | number | null)[] = [label];
      for (let column = 0; column < width; column++) cells.push(finiteOrNull(values[row * width + column]));
      return cells;
    }),
  };
}

/** Columns of equal length as a table answer; numbers that are not finite become null. */
export function columnsTable(
  columns: Readonly<Record<string, ArrayLike<string | number | boolean | null>>>,
): CalcTable {
  const names = Object.keys(columns);
  const length = names.length === 0 ? 0 : columns[names[0]].length;
  return {
    columns: names,
    rows: Array.from({ length }, (_, row) =>
      names.map((name) => {
        const cell = columns[name][row];
        return typeof cell === 'number' ? finiteOrNull(cell) : cell;
      }),
    ),
  };
}

/** Values keyed by name, e.g. weights by ticker. */
export function byName(names: readonly string[], values: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/** A row-major [rows, columns] array as nested arrays, the JSON form of a matrix. */
export function nestedRows(values: Float64Array, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
}

const COMMA = 44;
const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;
const LARGEST_EXACT_POWER = 22;
const POWERS = Float64Array.from({ length: LARGEST_EXACT_POWER + 1 }, (_, k) => Number(`1e${k}`));

type Place = () => readonly [file: string, line: number, column: string];

/** Reads text[start, end) as a decimal number: exactly rounded, because mantissa and power of ten are both exact in the fast path. */
function parseNumber(text: string, start: number, end: number, place: Place): number {
  if (start === end) return NaN;
  let position = start;
  const negative = text.charCodeAt(position) === 45;
  if (negative) position++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; position < end; position++) {
    const digit = text.charCodeAt(position) - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (digit === -2 && decimals < 0) decimals = 0;
    else break;
  }
  if (position === end && digits > 0 && digits <= 15 && decimals <= LARGEST_EXACT_POWER) {
    const value = decimals > 0 ? mantissa / POWERS[decimals] : mantissa;
    return negative ? -value : value;
  }
  return parseUnusualNumber(text.slice(start, end), place);
}

function parseUnusualNumber(raw: string, place: Place): number {
  const cell = (raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw).trim();
  if (cell === '' || /^(nan|na|null)$/i.test(cell)) return NaN;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) {
    const value = Number(cell);
    if (Number.isFinite(value)) return value;
  }
  const [file, line, column] = place();
  throw new AppError(
    'INVALID_DATA',
    `Expected a number in ${file}, line ${line}, column ${column}, found "${cell.slice(0, 40)}". Correct the cell or leave it empty.`,
    { data: { file, line, column } },
  );
}

interface Cell {
  readonly text: string;
  /** Position of the comma or line end behind the cell. */
  readonly end: number;
}

function readCell(text: string, start: number, name: string): Cell {
  if (text.charCodeAt(start) !== QUOTE) {
    const end = cellEnd(text, start);
    return { text: text.slice(start, end), end };
  }
  let content = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) {
      throw new AppError(
        'INVALID_DATA',
        `Expected a closing quote in ${name} for the cell on line ${lineOf(text, start)}, found the end of the file.`,
      );
    }
    content += text.slice(from, quote);
    if (text.charCodeAt(quote + 1) !== QUOTE) return { text: content, end: quote + 1 };
    content += '"';
    from = quote + 2;
  }
}

function readRecord(text: string, start: number, name: string): { cells: string[]; end: number } {
  const cells: string[] = [];
  let position = start;
  for (;;) {
    const cell = readCell(text, position, name);
    cells.push(cell.text);
    position = cell.end;
    if (text.charCodeAt(position) === COMMA) position++;
    else if (atLineEnd(text, position)) return { cells, end: skipLineEnd(text, position) };
    else {
      throw new AppError(
        'INVALID_DATA',
        `Expected a comma after the closing quote in ${name}, line ${lineOf(text, position)}, found "${text[position]}".`,
      );
    }
  }
}

function cellEnd(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COMMA || code === NEWLINE || code === RETURN) return i;
  }
  return text.length;
}

function atLineEnd(text: string, position: number): boolean {
  if (position >= text.length) return true;
  const code = text.charCodeAt(position);
  return code === NEWLINE || code === RETURN;
}

function skipLineEnd(text: string, position: number): number {
  let next = position;
  if (text.charCodeAt(next) === RETURN) next++;
  if (text.charCodeAt(next) === NEWLINE) next++;
  return next;
}

function lineOf(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

function raggedRow(name: string, text: string, start: number, found: number, expected: number): AppError {
  const amount = found > expected ? `at least ${found}` : String(found);
  return new AppError(
    'INVALID_DATA',
    `Expected ${expected} cells in ${name}, line ${lineOf(text, start)}, found ${amount}. Check delimiter and quoting.`,
    { data: { file: name, line: lineOf(text, start) } },
  );
}

function enlarge(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
