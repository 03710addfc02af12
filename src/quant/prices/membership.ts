/**
 * Point-in-time index membership: `ticker,start_date,end_date` intervals and the questions asked of them.
 * A ticker is a member on day d when start ≤ d and the end is open or after d: on its end date it has already left.
 */
import { AppError } from '#base/errors';
import { isoDayNumber } from '../calendar/iso-day';
import { plainName } from './column-roles';
import { readRecords } from './delimited-reader';

export interface MembershipInterval {
  readonly ticker: string;
  /** Day numbers; `end` is the first day without membership, null while it lasts. */
  readonly start: number;
  readonly end: number | null;
}

const START_NAMES = ['start_date', 'start date', 'start', 'from', 'added', 'date_added', 'first_date'];
const END_NAMES = ['end_date', 'end date', 'end', 'to', 'removed', 'date_removed', 'last_date'];
const TICKER_NAMES = ['ticker', 'symbol', 'name'];

/** Columns of a membership table, or null when the header is not one. */
export function membershipColumns(header: readonly string[]): { ticker: number; start: number; end: number } | null {
  const names = header.map(plainName);
  const of = (candidates: readonly string[]) => names.findIndex((name) => candidates.includes(name));
  const columns = { ticker: of(TICKER_NAMES), start: of(START_NAMES), end: of(END_NAMES) };
  return columns.ticker < 0 || columns.start < 0 || columns.end < 0 ? null : columns;
}

/** Reads a membership file. Errors: INVALID_DATA naming the line of the first row that cannot be read. */
export function readMembership(bytes: Uint8Array, fileName: string): MembershipInterval[] {
  const [header, ...records] = readRecords(bytes, { delimiter: ',', maxFields: 64 });
  const columns = header ? membershipColumns(header.cells) : null;
  if (columns === null) {
    throw new AppError(
      'INVALID_DATA',
      `Expected the columns ticker, start_date and end_date in ${fileName}, found ${header?.cells.join(', ') || 'nothing'}.`,
    );
  }
  return records.map(({ line, cells }) => {
    try {
      const ticker = cells[columns.ticker];
      const end = cells[columns.end] ?? '';
      if (!ticker) throw new AppError('INVALID_DATA', 'Expected a ticker, found nothing.');
      const interval = {
        ticker,
        start: isoDayNumber(cells[columns.start]),
        end: end === '' ? null : isoDayNumber(end),
      };
      if (interval.end !== null && interval.end < interval.start) {
        throw new AppError('INVALID_DATA', `Expected an end after the start, found ${cells[columns.start]} to ${end}.`);
      }
      return interval;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError('INVALID_DATA', `${fileName}, line ${line}: ${error.message}`, {
        data: { file: fileName, line },
      });
    }
  });
}

/** Members on a day, unique, in ASCII order. */
export function membersOn(intervals: readonly MembershipInterval[], day: number): string[] {
  const members = new Set<string>();
  for (const { ticker, start, end } of intervals) if (start <= day && (end === null || end > day)) members.add(ticker);
  return [...members].sort();
}

/** Membership as the [T, N] mask of a panel: 1 where the asset is a member on that date. `days` are ascending day numbers. */
export function membershipMask(
  intervals: readonly MembershipInterval[],
  days: readonly number[],
  assets: readonly string[],
): Uint8Array {
  const column = new Map(assets.map((asset, n) => [asset, n]));
  const mask = new Uint8Array(days.length * assets.length);
  for (const { ticker, start, end } of intervals) {
    const n = column.get(ticker);
    if (n === undefined) continue;
    for (let t = 0; t < days.length; t++) {
      if (days[t] >= start && (end === null || days[t] < end)) mask[t * assets.length + n] = 1;
    }
  }
  return mask;
}
