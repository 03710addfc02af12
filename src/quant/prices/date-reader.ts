/**
 * Reads dates straight from the bytes of a cell into day numbers (days since 1970-01-01). The calendar day as written is kept: a time
 * or offset behind it is ignored, because vendors stamp daily bars with local or exchange midnight.
 * `01/02/2014` is settled by evidence from the whole file: the first component above 12 decides, also for rows already read.
 */
import { civilDayOf, dayNumberOf } from '../calendar/iso-day';

export const DATE_FORMATS = [
  'YYYY-MM-DD',
  'YYYYMMDD',
  'MM/DD/YYYY',
  'DD/MM/YYYY',
  'DD-MMM-YYYY',
  'MMM DD, YYYY',
  'epoch-s',
  'epoch-ms',
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** Not a date in the expected format. */
export const BAD_DAY = -(2 ** 31);

const FIRST_YEAR = 1800;
const LAST_YEAR = 2199;
const SECONDS_PER_DAY = 86_400;
const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Day number of the first of each month; one entry more than months, so that the next one bounds the month. */
const MONTH_START = Int32Array.from({ length: (LAST_YEAR - FIRST_YEAR + 1) * 12 + 1 }, (_, i) =>
  dayNumberOf({ year: FIRST_YEAR + Math.floor(i / 12), month: (i % 12) + 1, day: 1 }),
);

function checkedDay(year: number, month: number, day: number): number {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return BAD_DAY;
  const index = (year - FIRST_YEAR) * 12 + month - 1;
  const result = MONTH_START[index] + day - 1;
  return result < MONTH_START[index + 1] ? result : BAD_DAY;
}

/** 69 → 2069, 70 → 1970 (the POSIX pivot, one year later). */
function fullYear(year: number, digits: number): number {
  if (digits !== 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

const decoder = new TextDecoder();

export class DateReader {
  readonly format: DateFormat;
  /** True while nothing in the file tells MM/DD from DD/MM. */
  undecided: boolean;
  /** Becomes true when evidence turned MM/DD into DD/MM: every day read before must be passed through `swapped`. */
  flipped = false;
  #dayFirst: boolean;

  /** `undecided` marks a numeric format whose order was assumed and may be corrected by later rows. */
  constructor(format: DateFormat, undecided = false) {
    this.format = format;
    this.undecided = undecided;
    this.#dayFirst = format === 'DD/MM/YYYY';
  }

  /** The format in force now, after whatever evidence there was. */
  get effectiveFormat(): DateFormat {
    if (this.format !== 'MM/DD/YYYY' && this.format !== 'DD/MM/YYYY') return this.format;
    return this.#dayFirst ? 'DD/MM/YYYY' : 'MM/DD/YYYY';
  }

  /** The same date with month and day exchanged. */
  static swapped(dayNumber: number): number {
    const { year, month, day } = civilDayOf(dayNumber);
    return checkedDay(year, day, month);
  }

  /** Day number of the cell [start, end), or BAD_DAY. */
  read(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    let stop = end;
    while (i < stop && bytes[i] === 32) i++;
    while (stop > i && bytes[stop - 1] === 32) stop--;
    switch (this.format) {
      case 'YYYY-MM-DD':
        return this.#yearFirst(bytes, i, stop);
      case 'YYYYMMDD':
        return this.#compact(bytes, i, stop);
      case 'MM/DD/YYYY':
      case 'DD/MM/YYYY':
        return this.#yearLast(bytes, i, stop);
      default:
        return stop - i > 40 ? BAD_DAY : this.readText(decoder.decode(bytes.subarray(i, stop)));
    }
  }

  /** Day number of a date in text, or BAD_DAY. */
  readText(text: string): number {
    switch (this.format) {
      case 'DD-MMM-YYYY': {
        const match = /^(\d{1,2})[-/ ]([A-Za-z]{3})[a-z]*[-/ ](\d{4}|\d{2})(?:[T ].*)?$/.exec(text);
        return match ? this.#named(match[3], match[2], match[1]) : BAD_DAY;
      }
      case 'MMM DD, YYYY': {
        const match = /^([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})$/.exec(text);
        return match ? this.#named(match[3], match[1], match[2]) : BAD_DAY;
      }
      case 'epoch-s':
      case 'epoch-ms': {
        if (!/^-?\d{1,14}(?:\.0*)?$/.test(text)) return BAD_DAY;
        const seconds = Number(text) / (this.format === 'epoch-ms' ? 1000 : 1);
        const day = Math.floor(seconds / SECONDS_PER_DAY);
        return day >= MONTH_START[0] && day < MONTH_START[MONTH_START.length - 1] ? day : BAD_DAY;
      }
      default: {
        const bytes = new TextEncoder().encode(text);
        return this.read(bytes, 0, bytes.length);
      }
    }
  }

  #named(year: string, month: string, day: string): number {
    return checkedDay(fullYear(Number(year), year.length), MONTH_NAMES.indexOf(month.toLowerCase()) + 1, Number(day));
  }

  #yearFirst(bytes: Uint8Array, start: number, end: number): number {
    const mark = bytes[start + 4];
    if (end - start < 8 || (mark !== 45 && mark !== 47 && mark !== 46)) return BAD_DAY;
    const year = digitsAt(bytes, start, start + 4);
    const monthEnd = bytes[start + 6] === mark ? start + 6 : start + 7;
    if (bytes[monthEnd] !== mark) return BAD_DAY;
    const dayEnd = monthEnd + 3 <= end && isDigit(bytes[monthEnd + 2]) ? monthEnd + 3 : monthEnd + 2;
    if (dayEnd > end || !endsDate(bytes, dayEnd, end)) return BAD_DAY;
    return checkedDay(year, digitsAt(bytes, start + 5, monthEnd), digitsAt(bytes, monthEnd + 1, dayEnd));
  }

  #compact(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 8 || !endsDate(bytes, start + 8, end)) return BAD_DAY;
    return checkedDay(
      digitsAt(bytes, start, start + 4),
      digitsAt(bytes, start + 4, start + 6),
      digitsAt(bytes, start + 6, start + 8),
    );
  }

  #yearLast(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end && isDigit(bytes[i])) i++;
    const firstEnd = i;
    const mark = bytes[i];
    if (mark !== 47 && mark !== 46 && mark !== 45) return BAD_DAY;
    const secondStart = ++i;
    while (i < end && isDigit(bytes[i])) i++;
    const secondEnd = i;
    if (i >= end || bytes[i] !== mark) return BAD_DAY;
    const yearStart = ++i;
    while (i < end && isDigit(bytes[i])) i++;
    const yearDigits = i - yearStart;
    if ((yearDigits !== 4 && yearDigits !== 2) || !endsDate(bytes, i, end)) return BAD_DAY;
    const year = fullYear(digitsAt(bytes, yearStart, i), yearDigits);
    return this.#ordered(year, digitsAt(bytes, start, firstEnd), digitsAt(bytes, secondStart, secondEnd));
  }

  #ordered(year: number, first: number, second: number): number {
    if (this.undecided && first > 12 !== second > 12) {
      const dayFirst = first > 12;
      this.flipped = dayFirst !== this.#dayFirst;
      this.#dayFirst = dayFirst;
      this.undecided = false;
    }
    return this.#dayFirst ? checkedDay(year, second, first) : checkedDay(year, first, second);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** Value of the digits in [start, end); NaN (which fails every range check) when one is not a digit or there is none. */
function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 4) return NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** A date may be followed by nothing or by a time. */
function endsDate(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= end || bytes[at] === 84 || bytes[at] === 32;
}

export interface DateSniff {
  readonly format: DateFormat;
  /** True when MM/DD and DD/MM both read every sample. */
  readonly undecided: boolean;
  /** Share of the samples that the format reads. */
  readonly share: number;
}

/** The format that reads most samples; null when none reads half of them. `samples` are non-empty cells. */
export function sniffDateFormat(samples: readonly string[]): DateSniff | null {
  let best: DateSniff | null = null;
  for (const format of DATE_FORMATS) {
    if (format === 'epoch-s' || format === 'epoch-ms') continue;
    const reader = new DateReader(format);
    const share = samples.filter((text) => reader.readText(text.trim()) !== BAD_DAY).length / samples.length;
    if (share >= 0.5 && (best === null || share > best.share)) best = { format, undecided: false, share };
  }
  if (best === null) return sniffEpoch(samples);
  if (best.format !== 'MM/DD/YYYY') return best;
  const dayFirst = new DateReader('DD/MM/YYYY');
  const share = samples.filter((text) => dayFirst.readText(text.trim()) !== BAD_DAY).length / samples.length;
  if (share < best.share) return best;
  // Dots are written day first wherever they are written; a slash or a dash says nothing.
  return samples.every((text) => text.includes('.'))
    ? { format: 'DD/MM/YYYY', undecided: false, share }
    : { ...best, undecided: true };
}

function sniffEpoch(samples: readonly string[]): DateSniff | null {
  if (samples.length === 0) return null;
  if (samples.every((text) => /^\d{12,13}$/.test(text.trim())))
    return { format: 'epoch-ms', undecided: false, share: 1 };
  if (samples.every((text) => /^\d{9,10}$/.test(text.trim()))) return { format: 'epoch-s', undecided: false, share: 1 };
  return null;
}
