/**
 * CSV text that is safe to open in a spreadsheet (RFC 4180 quoting; OWASP formula-injection rule):
 * text that a spreadsheet would run as a formula gets a leading apostrophe, numbers stay numbers.
 */

const FORMULA_START = /^[=+\-@\t\r\n\0]/;

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = FORMULA_START.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows to CSV with CRLF line ends; null becomes an empty cell. */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

export interface CsvRow {
  /** Of its first character, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Cells of comma, semicolon or tab separated text (RFC 4180 quoting), the separator taken from the first line. Empty lines are left out; an
 * apostrophe that `toCsv` put before a formula is taken away. Errors: none; a quote that is never closed ends with the text.
 */
export function parseCsv(text: string): CsvRow[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const first = body.slice(0, body.search(/[\r\n]|$/));
  const separator = [';', '\t'].find((mark) => first.split(mark).length > first.split(',').length) ?? ',';
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let current = '';
  let quoted = false;
  let line = 1;
  let start = 1;
  const endCell = () => {
    const value = current.trim();
    cells.push(/^'[=+\-@]/.test(value) ? value.slice(1) : value);
    current = '';
  };
  const endRow = () => {
    endCell();
    if (cells.some((value) => value !== '')) rows.push({ line: start, cells });
    cells = [];
  };
  for (let i = 0; i < body.length; i++) {
    const character = body[i];
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') current += character;
      else if (body[i + 1] === '"') {
        current += '"';
        i += 1;
      } else quoted = false;
    } else if (character === '"' && current.trim() === '') {
      quoted = true;
      current = '';
    } else if (character === separator) endCell();
    else if (character === '\n' || (character === '\r' && body[i + 1] !== '\n')) {
      endRow();
      start = line;
    } else if (character !== '\r') current += character;
  }
  endRow();
  return rows;
}
