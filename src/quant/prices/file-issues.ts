/**
 * What is wrong with one price file, as a list that a person can act on: files that are no tables, rows that cannot be used, duplicates,
 * order, bars that contradict themselves, prices that leave and come back.
 */
import { AppError } from '#base/errors';
import { formatIsoDay } from '../calendar/iso-day';
import { contentKind } from './dialect';
import { parseJson, vendorMessage } from './json-prices';
import { readPriceFile, type FileRead } from './normalize';
import type { PriceRows } from './price-rows';

interface FileIssue {
  readonly kind:
    | 'empty_file'
    | 'no_rows'
    | 'not_tabular'
    | 'vendor_error_message'
    | 'truncated_row'
    | 'bad_row'
    | 'non_positive_price'
    | 'non_numeric'
    | 'duplicate_date'
    | 'unsorted'
    | 'ohlc_inconsistent'
    | 'price_spike'
    | 'ambiguous_date_format';
  readonly date?: string;
  readonly field?: string;
  readonly conflicting?: boolean;
  readonly row?: number;
  readonly candidates?: readonly string[];
  readonly message?: string;
}

export interface FileIssues {
  readonly issues: readonly FileIssue[];
  /** Distinct (ticker, date) rows that can be used. */
  readonly usableRows: number;
}

/** Prices beyond this factor of both neighbours, which themselves agree, are a spike. */
const SPIKE_FACTOR = 1.5;
/** Rounding slack between bars' own fields, relative to the price. */
const BAR_SLACK = 1e-9;

/** Finds the issues of a file. Never throws for bad content: that is what it reports. */
export function findFileIssues(bytes: Uint8Array, fileName: string): FileIssues {
  const only = (issue: FileIssue): FileIssues => ({ issues: [issue], usableRows: 0 });
  const kind = contentKind(bytes);
  if (kind === 'empty') return only({ kind: 'empty_file' });
  if (kind === 'json') {
    const refusal = jsonRefusal(bytes);
    if (refusal !== null) return only(refusal);
  } else if (kind !== 'delimited') return only({ kind: 'not_tabular' });
  let read: FileRead;
  try {
    read = readPriceFile(bytes, fileName);
  } catch (error) {
    if (error instanceof AppError) return only({ kind: 'not_tabular', message: error.message });
    throw error;
  }
  if (read.rows.length === 0 && read.rejects.length === 0) return only({ kind: 'no_rows' });
  const kept = firstOccurrences(read.rows, read.order);
  return {
    issues: [
      ...ambiguity(read),
      ...rejected(read),
      ...nonNumeric(read),
      ...duplicates(read.rows, read.order),
      ...unsorted(read.rows, kept),
      ...inconsistentBars(read.rows, kept),
      ...spikes(read.rows, kept),
    ],
    usableRows: kept.length,
  };
}

function jsonRefusal(bytes: Uint8Array): FileIssue | null {
  try {
    const message = vendorMessage(parseJson(new TextDecoder().decode(bytes)));
    return message === null ? null : { kind: 'vendor_error_message', message };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'not_tabular', message: error.message };
    throw error;
  }
}

function ambiguity(read: FileRead): FileIssue[] {
  if (!read.dateUndecided || read.rows.length === 0) return [];
  return [{ kind: 'ambiguous_date_format', candidates: ['MM/DD/YYYY', 'DD/MM/YYYY'] }];
}

function rejected(read: FileRead): FileIssue[] {
  return read.rejects.map((reject): FileIssue => {
    if (reject.reason === 'truncated_row') return { kind: 'truncated_row', row: reject.line };
    const field = reject.column?.toLowerCase();
    const date = reject.day === null ? undefined : formatIsoDay(reject.day);
    if (reject.reason === 'non_positive_price') {
      return { kind: 'non_positive_price', date, field, row: reject.line };
    }
    return { kind: 'bad_row', row: reject.line, field, message: reject.reason };
  });
}

function nonNumeric(read: FileRead): FileIssue[] {
  return read.notes.map(({ day, field }) => ({ kind: 'non_numeric', date: formatIsoDay(day), field }));
}

/** Rows of `order` without repeats of (ticker, date); of repeats the first in the file stays. */
function firstOccurrences(rows: PriceRows, order: Int32Array): number[] {
  return Array.from(order).filter((row, i) => i === 0 || !sameKey(rows, row, order[i - 1]));
}

function sameKey(rows: PriceRows, a: number, b: number): boolean {
  return rows.day[a] === rows.day[b] && rows.symbol[a] === rows.symbol[b];
}

function duplicates(rows: PriceRows, order: Int32Array): FileIssue[] {
  const issues: FileIssue[] = [];
  for (let i = 1; i < order.length; i++) {
    let first = i - 1;
    if (!sameKey(rows, order[i], order[first])) continue;
    while (first > 0 && sameKey(rows, order[first], order[first - 1])) first--;
    const conflicting = [...rows.columns.values()].some((column) => !Object.is(column[order[i]], column[order[first]]));
    issues.push({ kind: 'duplicate_date', date: formatIsoDay(rows.day[order[i]]), conflicting });
  }
  return issues;
}

/** A file may run up or down in time, but it must not do both within one ticker. */
function unsorted(rows: PriceRows, kept: readonly number[]): FileIssue[] {
  let up = false;
  let down = false;
  for (let i = 1; i < kept.length; i++) {
    if (rows.symbol[kept[i]] !== rows.symbol[kept[i - 1]]) continue;
    if (kept[i] > kept[i - 1]) up = true;
    else down = true;
  }
  return up && down ? [{ kind: 'unsorted' }] : [];
}

function inconsistentBars(rows: PriceRows, kept: readonly number[]): FileIssue[] {
  const [open, high, low, close] = (['open', 'high', 'low', 'close'] as const).map((field) => rows.columns.get(field));
  if (!open || !high || !low || !close) return [];
  return kept
    .filter((row) => {
      const slack = BAR_SLACK * close[row];
      return (
        high[row] < Math.max(open[row], low[row], close[row]) - slack ||
        low[row] > Math.min(open[row], high[row], close[row]) + slack
      );
    })
    .map((row) => ({ kind: 'ohlc_inconsistent', date: formatIsoDay(rows.day[row]) }));
}

function spikes(rows: PriceRows, kept: readonly number[]): FileIssue[] {
  const close = rows.columns.get('close');
  if (!close) return [];
  const limit = Math.log(SPIKE_FACTOR);
  const issues: FileIssue[] = [];
  for (let i = 1; i + 1 < kept.length; i++) {
    const [before, row, after] = [kept[i - 1], kept[i], kept[i + 1]];
    if (rows.symbol[before] !== rows.symbol[row] || rows.symbol[after] !== rows.symbol[row]) continue;
    const out = Math.log(close[row] / close[before]);
    const back = Math.log(close[after] / close[row]);
    const isSpike =
      Math.abs(out) > limit && out * back < 0 && Math.abs(out + back) < 0.25 * Math.min(Math.abs(out), Math.abs(back));
    if (isSpike) issues.push({ kind: 'price_spike', date: formatIsoDay(rows.day[row]) });
  }
  return issues;
}
