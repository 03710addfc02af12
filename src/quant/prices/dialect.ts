/**
 * Finds out how a text table is written, from its first bytes: byte order mark, delimiter, decimal mark, and whether it is a table at
 * all (an error page, a JSON message or binary data saved as .csv is told apart here).
 */
import { AppError } from '#base/errors';
import type { DecimalMark } from './number-reader';

const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export interface Dialect {
  readonly delimiter: Delimiter;
  readonly decimal: DecimalMark;
  readonly byteOrderMark: boolean;
  readonly lineEnd: 'LF' | 'CRLF';
}

export type ContentKind = 'empty' | 'delimited' | 'json' | 'markup' | 'binary' | 'not-tabular';

/** Lines looked at; more than enough for a header block and a typical row. */
const SAMPLE_LINES = 60;

/** Bytes of a file that sniffing wants to see. */
export const SNIFF_BYTES = 1 << 18;

/** Tells what kind of content starts with these bytes. */
export function contentKind(head: Uint8Array): ContentKind {
  if (head.length === 0) return 'empty';
  if (head.subarray(0, 4096).includes(0)) return 'binary';
  const text = sampleText(head).trimStart();
  if (text === '') return 'empty';
  if (text.startsWith('{') || text.startsWith('[')) return 'json';
  if (/^<(?:!doctype|html|\?xml|head|body|\w+[ >/])/i.test(text) && !/^<(?:TICKER|DATE|DTYYYYMMDD|PER)>/i.test(text))
    return 'markup';
  return pickDelimiter(sampleLines(head)) === null ? 'not-tabular' : 'delimited';
}

function sampleText(head: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: false }).decode(head.subarray(0, SNIFF_BYTES));
}

/** The first non-empty lines; the last one is dropped when the sample may have cut it. */
export function sampleLines(head: Uint8Array): string[] {
  const lines = sampleText(head).split(/\r?\n/);
  if (lines.length > 1 && head.length >= SNIFF_BYTES) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, SAMPLE_LINES);
}

/** Occurrences outside quotes. */
function countOf(line: string, delimiter: string): number {
  let count = 0;
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) count++;
  }
  return count;
}

/** The delimiter that cuts most lines into the same number of fields; null when none cuts half of them. */
export function pickDelimiter(lines: readonly string[]): Delimiter | null {
  let best: Delimiter | null = null;
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => countOf(line, delimiter));
    const tally = new Map<number, number>();
    for (const count of counts) if (count > 0) tally.set(count, (tally.get(count) ?? 0) + 1);
    let agreed = 0;
    let columns = 0;
    for (const [count, frequency] of tally) {
      if (frequency > agreed || (frequency === agreed && count > columns)) [agreed, columns] = [frequency, count];
    }
    const share = agreed / lines.length;
    // The first line settles what rows alone leave open: commas that are decimal marks do not occur in a header.
    const score = share + (counts[0] === columns ? 0.5 : 0) + Math.min(columns, 10) / 100;
    if (share >= 0.5 && score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

/**
 * Decimal mark by the evidence of the cells: `1.234,5` and `0,75` speak for the comma, `1,234.5` and `0.75` for the point;
 * `1,234` and `1.234` count only where the delimiter cannot be a comma and nothing else speaks.
 */
export function sniffDecimal(cells: readonly string[], delimiter: Delimiter): DecimalMark {
  let comma = 0;
  let point = 0;
  let weakComma = 0;
  for (const cell of cells) {
    if (!/^[+-]?[$€£]?\s*[\d.,' ]+\s*[KMBT€$%]?$/iu.test(cell) || !/[.,]/.test(cell)) continue;
    const lastComma = cell.lastIndexOf(',');
    const lastPoint = cell.lastIndexOf('.');
    if (lastComma >= 0 && lastPoint >= 0) {
      if (lastComma > lastPoint) comma++;
      else point++;
    } else if (lastComma >= 0) {
      if (cell.indexOf(',') !== lastComma) point += 0.5;
      else if (/,\d{3}(?!\d)/.test(cell)) weakComma++;
      else comma++;
    } else if (cell.indexOf('.') !== lastPoint) comma += 0.5;
    else if (!/\.\d{3}(?!\d)/.test(cell)) point++;
  }
  if (comma !== point) return comma > point ? ',' : '.';
  return weakComma > 0 && delimiter !== ',' ? ',' : '.';
}

/** Dialect of a text table. Errors: INVALID_DATA when it is no text table. */
export function sniffDialect(head: Uint8Array, forced: { delimiter?: Delimiter; decimal?: DecimalMark } = {}): Dialect {
  const lines = sampleLines(head);
  const delimiter = forced.delimiter ?? pickDelimiter(lines);
  if (delimiter === null) {
    throw new AppError(
      'INVALID_DATA',
      'Expected columns separated by comma, semicolon, tab or bar, found none. Check the file or name the delimiter.',
    );
  }
  const cells = lines.slice(1).flatMap((line) => cutLine(line, delimiter));
  return {
    delimiter,
    decimal:
      forced.decimal ??
      sniffDecimal(
        cells.filter((cell) => !looksLikeDate(cell)),
        delimiter,
      ),
    byteOrderMark: head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf,
    lineEnd: lines.length > 0 && sampleText(head).includes('\r\n') ? 'CRLF' : 'LF',
  };
}

function looksLikeDate(cell: string): boolean {
  return /^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?:[T ].*)?$/.test(cell);
}

/** Cells of one line, quotes and blanks around them removed. */
export function cutLine(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= line.length; i++) {
    if (line[i] === '"') quoted = !quoted;
    if (i === line.length || (line[i] === delimiter && !quoted)) {
      cells.push(
        line
          .slice(start, i)
          .trim()
          .replace(/^"([\s\S]*)"$/, '$1')
          .replaceAll('""', '"')
          .trim(),
      );
      start = i + 1;
    }
  }
  return cells;
}
