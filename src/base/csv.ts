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
