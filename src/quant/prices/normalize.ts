/**
 * One small price file in any known layout → normalized daily bars: ascending by ticker and date, ISO dates, missing cells missing.
 * Sees the whole file at once; the import job streams large ones through the same readers.
 */
import { AppError } from '#base/errors';
import { formatIsoDay } from '../calendar/iso-day';
import { ByteInterner } from './byte-interner';
import { DelimitedPriceReader, type CellNote, type ReadPolicy, type RowReject } from './delimited-price-reader';
import { contentKind, SNIFF_BYTES } from './dialect';
import { detectJson, parseJson, readJsonPrices, vendorMessage } from './json-prices';
import { detectLayout, type DelimitedPlan, type LayoutHints } from './layouts';
import { PriceRows, type RowField } from './price-rows';

const MOST_ROWS = 5_000_000;
const MOST_TICKERS = 50_000;

export interface PriceEvent {
  readonly symbol: string;
  readonly date: string;
  readonly value: number;
}

export interface FileRead {
  readonly layout: string;
  readonly plan: DelimitedPlan | null;
  /** As in the file; see `order` for the normalized order. */
  readonly rows: PriceRows;
  /** Row indices by ticker (ASCII), then date, then position. */
  readonly order: Int32Array;
  readonly rejects: readonly RowReject[];
  readonly notes: readonly CellNote[];
  readonly missingCells: number;
  /** True when nothing in the file told month from day. */
  readonly dateUndecided: boolean;
}

/** Reads a whole file. Errors: INVALID_DATA when it is empty, no table, a vendor's refusal, or of an unknown layout. */
export function readPriceFile(bytes: Uint8Array, fileName: string, hints: LayoutHints = {}): FileRead {
  const rejects: RowReject[] = [];
  const notes: CellNote[] = [];
  const policy: ReadPolicy = {
    keepBadCells: true,
    keepZeroCells: false,
    today: null,
    from: null,
    to: null,
    onReject: (reject) => rejects.push(reject),
    onCell: (note) => notes.push(note),
  };
  const rows = new PriceRows(new ByteInterner(MOST_TICKERS), bytes.length / 40, MOST_ROWS);
  rows.startFile();
  if (contentKind(bytes) === 'json') {
    const document = parseJson(new TextDecoder().decode(bytes));
    const message = vendorMessage(document);
    if (message !== null)
      throw new AppError('INVALID_DATA', `Expected prices in ${fileName}, found the vendor's message: ${message}`);
    const prices = detectJson(document, fileName);
    const { missingCells } = readJsonPrices(prices, rows, policy);
    return {
      layout: prices.layout,
      plan: null,
      rows,
      order: rowOrder(rows),
      rejects,
      notes,
      missingCells,
      dateUndecided: false,
    };
  }
  const plan = detectLayout(bytes.subarray(0, SNIFF_BYTES), fileName, hints);
  const reader = new DelimitedPriceReader(plan, rows, policy);
  reader.write(bytes);
  reader.end();
  return {
    layout: plan.layout,
    plan,
    rows,
    order: rowOrder(rows),
    rejects,
    notes,
    missingCells: reader.missingCells,
    dateUndecided: reader.dates.undecided,
  };
}

/** Row indices sorted by ticker, date and position. */
function rowOrder(rows: PriceRows): Int32Array {
  const texts = rows.symbols.texts;
  const rank = new Int32Array(texts.length);
  [...texts.keys()].sort((a, b) => (texts[a] < texts[b] ? -1 : 1)).forEach((code, i) => (rank[code] = i));
  const order = Int32Array.from({ length: rows.length }, (_, i) => i);
  return order.sort((a, b) => rank[rows.symbol[a]] - rank[rows.symbol[b]] || rows.day[a] - rows.day[b] || a - b);
}

/** Splits (ratio other than 1) and dividends (amount above 0), by ticker and date. */
export function eventsOf(read: FileRead, field: 'split' | 'dividend'): PriceEvent[] {
  const column = read.rows.columns.get(field);
  if (!column) return [];
  const neutral = field === 'split' ? 1 : 0;
  return Array.from(read.order)
    .filter((row) => column[row] > 0 && column[row] !== neutral)
    .map((row) => ({
      symbol: read.rows.symbols.texts[read.rows.symbol[row]],
      date: formatIsoDay(read.rows.day[row]),
      value: column[row],
    }));
}

/** Column of a field at a row; null when missing. */
export function valueAt(rows: PriceRows, field: RowField, row: number): number | null {
  const value = rows.columns.get(field)?.[row];
  return value === undefined || Number.isNaN(value) ? null : value;
}
