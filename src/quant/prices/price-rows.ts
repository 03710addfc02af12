/**
 * Price rows in long form, column by column in typed arrays that grow as rows come: what every reader (delimited text, JSON, Parquet)
 * writes into and everything later reads from. Only the columns that a source has are kept.
 */
import { AppError } from '#base/errors';
import type { ByteInterner } from './byte-interner';

export const ROW_FIELDS = ['open', 'high', 'low', 'close', 'adjClose', 'volume', 'dividend', 'split'] as const;
export type RowField = (typeof ROW_FIELDS)[number];
export const PRICE_ROW_FIELDS = ['open', 'high', 'low', 'close', 'adjClose'] as const satisfies readonly RowField[];

const BLANK_STEP = 2048;

export class PriceRows {
  length = 0;
  /** Day number of each row. */
  day: Int32Array;
  /** Code of each row's ticker in `symbols`. */
  symbol: Int32Array;
  /** Line (or record) in its file. */
  line: Int32Array;
  /** File of each row as an index into the caller's list; all rows of one file follow each other. */
  readonly fileStarts: number[] = [];
  readonly symbols: ByteInterner;
  readonly columns = new Map<RowField, Float64Array>();
  /** Changes whenever arrays are replaced by longer ones, so that hot loops may keep references until then. */
  generation = 0;
  readonly #limit: number;
  /** Rows below this are missing where nothing was written. */
  #blank = 0;

  /** `expected` rows are allocated at once; more than `limit` rows are an error. */
  constructor(symbols: ByteInterner, expected: number, limit: number) {
    const capacity = Math.min(limit, Math.max(1024, Math.ceil(expected)));
    this.#limit = limit;
    this.symbols = symbols;
    this.day = new Int32Array(capacity);
    this.symbol = new Int32Array(capacity);
    this.line = new Int32Array(capacity);
  }

  /** Marks that rows from here on belong to the next file. */
  startFile(): void {
    this.fileStarts.push(this.length);
  }

  /** Index of the file that holds a row. */
  fileOf(row: number): number {
    let file = this.fileStarts.length - 1;
    while (file > 0 && this.fileStarts[file] > row) file--;
    return file;
  }

  /** The column of a field, created (all missing) where the rows had none yet. */
  ensureColumn(field: RowField): Float64Array {
    let column = this.columns.get(field);
    if (!column) {
      column = new Float64Array(this.day.length);
      column.fill(NaN, 0, this.#blank);
      this.columns.set(field, column);
      this.generation++;
    }
    return column;
  }

  /** Appends a row with every field missing and returns its index. Errors: TOO_LARGE beyond the limit. */
  push(day: number, symbol: number, line: number): number {
    const row = this.length;
    if (row >= this.day.length) this.#grow();
    if (row >= this.#blank) this.#blankNext();
    this.day[row] = day;
    this.symbol[row] = symbol;
    this.line[row] = line;
    this.length = row + 1;
    return row;
  }

  /** Marks the next rows of every column missing, a little at a time so that they are still in the cache when they are written. */
  #blankNext(): void {
    const next = Math.min(this.day.length, this.length + BLANK_STEP + 1);
    for (const column of this.columns.values()) column.fill(NaN, this.#blank, next);
    this.#blank = next;
  }

  #grow(): void {
    const capacity = Math.min(this.#limit, Math.ceil(this.day.length * 1.5) + 1024);
    if (capacity <= this.length) {
      throw new AppError(
        'TOO_LARGE',
        `Expected at most ${this.#limit} price rows, found more. Import a shorter span or fewer tickers.`,
        { data: { limit: this.#limit } },
      );
    }
    this.generation++;
    const grown = (old: Int32Array) => {
      const next = new Int32Array(capacity);
      next.set(old);
      return next;
    };
    this.day = grown(this.day);
    this.symbol = grown(this.symbol);
    this.line = grown(this.line);
    for (const [field, old] of this.columns) {
      const next = new Float64Array(capacity);
      next.set(old);
      this.columns.set(field, next);
    }
  }
}
