/**
 * Long price rows → the dense panel [dates, assets]: calendar = union of all dates, assets in ASCII order. Repeated (ticker, date) rows
 * are found here: equal ones are dropped, conflicting ones are settled as asked and listed.
 */
import { AppError } from '#base/errors';
import { formatIsoDay } from '../calendar/iso-day';
import type { PriceField } from '../panel';
import type { PriceRows, RowField } from './price-rows';

/** What to do where two rows of one ticker and date differ. */
export type ConflictRule = 'refuse' | 'keep-last' | 'keep-first';

export interface DuplicateRow {
  readonly asset: string;
  readonly date: string;
  /** Row indices in the long form. */
  readonly first: number;
  readonly second: number;
}

export interface DensePanel {
  readonly dates: readonly string[];
  /** Day numbers of `dates`. */
  readonly days: Int32Array;
  readonly assets: readonly string[];
  /** [T, N] row-major, NaN = missing; only the fields that the source has. */
  readonly fields: Partial<Record<PriceField | 'adjClose', Float64Array>>;
  /** Rows behind the panel, duplicates not counted. */
  readonly rows: number;
  readonly equalDuplicates: number;
  readonly conflictingDuplicates: number;
  /** The first of each sort, at most `SAMPLES`. */
  readonly equalSamples: readonly DuplicateRow[];
  readonly conflictSamples: readonly DuplicateRow[];
}

const PANEL_FIELDS = ['open', 'high', 'low', 'close', 'adjClose', 'volume'] as const satisfies readonly RowField[];
const SAMPLES = 20;

/**
 * Builds the panel. `maxCells` bounds T·N before anything of that size is allocated.
 * Errors: NOT_ENOUGH_DATA without rows, TOO_LARGE over `maxCells`, CONFLICT never: under 'refuse' the caller reads `conflictingDuplicates`.
 */
export function densePanel(rows: PriceRows, rule: ConflictRule, maxCells: number): DensePanel {
  if (rows.length === 0)
    throw new AppError('NOT_ENOUGH_DATA', 'Expected price rows, found none. Check the file and the span.');
  const { days, index, firstDay } = calendarOf(rows);
  const { assets, position } = assetsOf(rows);
  const width = assets.length;
  const cells = days.length * width;
  if (cells > maxCells) {
    throw new AppError(
      'TOO_LARGE',
      `Expected at most ${maxCells} cells, found ${days.length} dates × ${width} tickers = ${cells}. Import a shorter span or fewer tickers.`,
      { data: { dates: days.length, assets: width, limit: maxCells } },
    );
  }
  const owner = new Int32Array(cells);
  const duplicates = new Duplicates(rows, rule);
  for (let row = 0; row < rows.length; row++) {
    const cell = index[rows.day[row] - firstDay] * width + position[rows.symbol[row]];
    const held = owner[cell];
    owner[cell] = held === 0 ? row + 1 : duplicates.settle(held - 1, row) + 1;
  }
  const fields: DensePanel['fields'] = {};
  for (const field of PANEL_FIELDS) {
    const column = rows.columns.get(field);
    if (!column) continue;
    const values = new Float64Array(cells);
    for (let cell = 0; cell < cells; cell++) values[cell] = owner[cell] === 0 ? NaN : column[owner[cell] - 1];
    fields[field] = values;
  }
  return {
    dates: Array.from(days, formatIsoDay),
    days,
    assets,
    fields,
    rows: rows.length - duplicates.equal - duplicates.conflicting,
    equalDuplicates: duplicates.equal,
    conflictingDuplicates: duplicates.conflicting,
    equalSamples: duplicates.equalSamples,
    conflictSamples: duplicates.conflictSamples,
  };
}

/** Sorted unique days, and the position of each day behind the first one. */
function calendarOf(rows: PriceRows): { days: Int32Array; index: Int32Array; firstDay: number } {
  let firstDay = Infinity;
  let lastDay = -Infinity;
  for (let row = 0; row < rows.length; row++) {
    const day = rows.day[row];
    if (day < firstDay) firstDay = day;
    if (day > lastDay) lastDay = day;
  }
  const index = new Int32Array(lastDay - firstDay + 1).fill(-1);
  for (let row = 0; row < rows.length; row++) index[rows.day[row] - firstDay] = 0;
  const days: number[] = [];
  for (let i = 0; i < index.length; i++) {
    if (index[i] < 0) continue;
    index[i] = days.length;
    days.push(firstDay + i);
  }
  return { days: Int32Array.from(days), index, firstDay };
}

/** Tickers that have rows, in ASCII order, and the position of each code among them. */
function assetsOf(rows: PriceRows): { assets: string[]; position: Int32Array } {
  const { texts } = rows.symbols;
  const present = new Uint8Array(texts.length);
  for (let row = 0; row < rows.length; row++) present[rows.symbol[row]] = 1;
  const assets = texts.filter((_, code) => present[code] === 1).sort();
  const place = new Map(assets.map((asset, n) => [asset, n]));
  return { assets, position: Int32Array.from(texts, (text) => place.get(text) ?? -1) };
}

class Duplicates {
  equal = 0;
  conflicting = 0;
  readonly equalSamples: DuplicateRow[] = [];
  readonly conflictSamples: DuplicateRow[] = [];
  readonly #rows: PriceRows;
  readonly #rule: ConflictRule;

  constructor(rows: PriceRows, rule: ConflictRule) {
    this.#rows = rows;
    this.#rule = rule;
  }

  /** Row that stays. */
  settle(first: number, second: number): number {
    const rows = this.#rows;
    const sample = {
      asset: rows.symbols.texts[rows.symbol[first]],
      date: formatIsoDay(rows.day[first]),
      first,
      second,
    };
    for (const column of rows.columns.values()) {
      if (Object.is(column[first], column[second])) continue;
      this.conflicting++;
      if (this.conflictSamples.length < SAMPLES) this.conflictSamples.push(sample);
      return this.#rule === 'keep-last' ? second : first;
    }
    this.equal++;
    if (this.equalSamples.length < SAMPLES) this.equalSamples.push(sample);
    return first;
  }
}
