/**
 * Reads numbers straight from the bytes of a cell, in the styles that price files use: `1234.5`, `1.234,5`, `$12.30 `, `"3,306.90"`,
 * `87.22M`. Plain decimals of up to 15 digits take an exact fast path; everything else goes through text. Never guesses: what is not
 * a number is said to be none.
 */

/** What the last cell was. */
export const CELL = { number: 0, empty: 1, placeholder: 2, infinite: 3, bad: 4 } as const;
export type CellStatus = (typeof CELL)[keyof typeof CELL];

export type DecimalMark = '.' | ',';

const EMPTY_WORDS = new Set(['', 'null', 'nan', 'none', 'nil']);
const PLACEHOLDERS = new Set(['n/a', 'na', '#n/a', '#na', '<na>', '-', '--', '.', '?', 'n.a.', 'nd', 'k.a.']);
const INFINITE = /^[+-]?(?:inf|infinity|∞)$/;
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/;
const GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;
const SUFFIXES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };
/** No number needs more; a longer cell is text. */
const LONGEST_NUMBER = 64;
const POWERS = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);

const decoder = new TextDecoder();

/** Turns the text of a number in either style into a value. NaN when it is none. */
function parseNumberText(text: string, decimal: DecimalMark, suffixes: boolean): number {
  let body = text.replace(/^([+-]?)\s*[$€£¥]\s*/u, '$1').replace(/\s*[$€£¥]$/u, '');
  let factor = 1;
  const suffix = suffixes ? SUFFIXES[body.slice(-1)] : undefined;
  if (suffix !== undefined) {
    factor = suffix;
    body = body.slice(0, -1).trimEnd();
  }
  // Everything is brought to the style 1,234.5 before it is judged.
  if (decimal === ',') body = body.replace(/[.,]/g, (mark) => (mark === ',' ? '.' : ','));
  body = body.replace(/(\d)[\s'’\u00a0](?=\d{3})/gu, '$1,');
  if (PLAIN.test(body)) return Number(body) * factor;
  return GROUPED.test(body) ? Number(body.replaceAll(',', '')) * factor : NaN;
}

export class NumberReader {
  /** What the last `read` met. */
  status: CellStatus = CELL.empty;
  readonly #decimal: DecimalMark;
  readonly #mark: number;

  constructor(decimal: DecimalMark) {
    this.#decimal = decimal;
    this.#mark = decimal.charCodeAt(0);
  }

  /**
   * The number in bytes [start, end); NaN unless `status` is then CELL.number.
   * `suffixes` admits K, M, B and T (thousand to trillion), as volumes carry them.
   */
  read(bytes: Uint8Array, start: number, end: number, suffixes = false): number {
    let i = start;
    while (i < end && bytes[i] === 32) i++;
    const first = i;
    let negative = false;
    if (bytes[i] === 45 && i < end) {
      negative = true;
      i++;
    }
    let mantissa = 0;
    let digits = 0;
    let scale = -1;
    for (; i < end; i++) {
      const digit = bytes[i] - 48;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digits++;
        if (scale >= 0) scale++;
      } else if (bytes[i] === this.#mark && scale < 0) scale = 0;
      else return this.#slow(bytes, first, end, suffixes);
    }
    // Both operands are exact up to 15 digits, so the division is correctly rounded (Clinger 1990).
    if (digits === 0 || digits > 15) return this.#slow(bytes, first, end, suffixes);
    this.status = CELL.number;
    const value = scale > 0 ? mantissa / POWERS[scale] : mantissa;
    return negative ? -value : value;
  }

  #slow(bytes: Uint8Array, start: number, end: number, suffixes: boolean): number {
    if (end - start > LONGEST_NUMBER) {
      this.status = CELL.bad;
      return NaN;
    }
    return this.readText(decoder.decode(bytes.subarray(start, end)), suffixes);
  }

  /** As `read`, from text. */
  readText(raw: string, suffixes = false): number {
    const text = raw.trim().toLowerCase();
    if (EMPTY_WORDS.has(text)) this.status = CELL.empty;
    else if (PLACEHOLDERS.has(text)) this.status = CELL.placeholder;
    else if (INFINITE.test(text)) this.status = CELL.infinite;
    else {
      const value = parseNumberText(text, this.#decimal, suffixes);
      this.status = Number.isNaN(value) ? CELL.bad : Number.isFinite(value) ? CELL.number : CELL.infinite;
      return this.status === CELL.number ? value : NaN;
    }
    return NaN;
  }
}
