/** Aligned tables and figures for a terminal. Numbers to the right, text to the left, no lines. */

export type Cell = string | number | boolean | null | undefined;

export interface TableColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  readonly align?: 'left' | 'right';
  /** Longest shown; the rest is cut with an ellipsis. */
  readonly most?: number;
}

export function formatTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], indent = ''): string {
  const cells = rows.map((row) => columns.map((column) => clip(show(column.value(row)), column.most ?? 60)));
  const right = columns.map(
    ({ align, value }) =>
      align === 'right' ||
      (align === undefined && rows.length > 0 && rows.every((row) => typeof (value(row) ?? 0) === 'number')),
  );
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const line = (texts: readonly string[]) =>
    `${indent}${texts.map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  ')}`.trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].map((text) => `${text}\n`).join('');
}

/** `name  value` lines. */
export function formatPairs(pairs: readonly (readonly [string, Cell])[], indent = ''): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${indent}${name.padEnd(width)}  ${show(value)}\n`).join('');
}

export function show(value: Cell): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : figure(value);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : printable(value);
}

/** Four significant digits, without exponents where those would only hide the size. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size < 1e-4 && size > 0)) return value.toExponential(2);
  return String(Number(value.toPrecision(size >= 10_000 ? Math.ceil(Math.log10(size)) + 1 : 4)));
}

export function percent(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? '–' : `${(value * 100).toFixed(digits)} %`;
}

/** Names of assets come from files: nothing in them may steer the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is removed here
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
