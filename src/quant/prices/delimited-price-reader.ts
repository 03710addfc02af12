/**
 * Reads the records of one delimited price file, by its plan, into price rows. Every record that is not taken is reported with its line,
 * column, reason and text; nothing is repaired in silence.
 */
import { BAD_DAY, DateReader } from './date-reader';
import { DelimitedReader } from './delimited-reader';
import { MAX_COLUMNS, type DelimitedPlan } from './layouts';
import { CELL, NumberReader } from './number-reader';
import { type PriceRows, ROW_FIELDS, type RowField } from './price-rows';

const QUOTE = 34;

export type RejectReason =
  | 'truncated_row'
  | 'extra_fields'
  | 'bad_quote'
  | 'bad_date'
  | 'future_date'
  | 'no_ticker'
  | 'not_a_number'
  | 'infinite'
  | 'non_positive_price'
  | 'negative_volume'
  | 'duplicate_conflict';

export interface RowReject {
  readonly line: number;
  /** Day number, where the date could be read. */
  readonly day: number | null;
  readonly column: string | null;
  readonly reason: RejectReason;
  readonly text: string;
}

/** A cell that was left missing while its row was kept. */
export interface CellNote {
  readonly kind: 'not_a_number' | 'placeholder' | 'zero_price';
  readonly line: number;
  readonly day: number;
  readonly symbol: string;
  readonly field: RowField;
  readonly text: string;
}

export interface ReadPolicy {
  /** True: a cell that is no number becomes missing and the row stays. False: the row is rejected. */
  readonly keepBadCells: boolean;
  /** True: a zero open, high or low becomes missing and the row stays. False: the row is rejected. */
  readonly keepZeroCells: boolean;
  /** Day number of today; later rows are rejected. Null: not checked. */
  readonly today: number | null;
  /** Day numbers between which rows are kept, both included. */
  readonly from: number | null;
  readonly to: number | null;
  readonly onReject: (reject: RowReject) => void;
  readonly onCell: (note: CellNote) => void;
}

interface NumericColumn {
  readonly column: number;
  readonly field: RowField;
  readonly isPrice: boolean;
}

const PRICE_FIELD_SET: ReadonlySet<RowField> = new Set(['open', 'high', 'low', 'close', 'adjClose']);

export class DelimitedPriceReader {
  /** Records of data met, taken or not. */
  records = 0;
  /** Records without any value (Yahoo's null rows). */
  emptyRecords = 0;
  /** Records outside the asked span. */
  outsideSpan = 0;
  /** Records that were not taken; in wide tables also single cells. */
  rejectedRecords = 0;
  rejectedCells = 0;
  /** Cells that are missing in rows that were taken. */
  missingCells = 0;
  readonly dates: DateReader;
  readonly #plan: DelimitedPlan;
  readonly #policy: ReadPolicy;
  readonly #rows: PriceRows;
  readonly #numbers: NumberReader;
  readonly #columns: readonly NumericColumn[];
  readonly #values: Float64Array;
  readonly #reader: DelimitedReader;
  readonly #firstRow: number;
  readonly #wideCodes: Int32Array;
  #targets: Float64Array[] = [];
  #generation = -1;
  #fixedSymbol = -1;
  #currentDay: number | null = null;
  #header: number;

  constructor(plan: DelimitedPlan, rows: PriceRows, policy: ReadPolicy) {
    this.#plan = plan;
    this.#rows = rows;
    this.#policy = policy;
    this.#header = plan.headerRecords;
    this.#firstRow = rows.length;
    this.dates = new DateReader(plan.dateFormat, plan.dateUndecided);
    this.#numbers = new NumberReader(plan.dialect.decimal);
    this.#columns = numericColumns(plan);
    this.#values = new Float64Array(this.#columns.length);
    for (const { field } of this.#columns) rows.ensureColumn(field);
    if (plan.symbol !== null) this.#fixedSymbol = rows.symbols.internText(plan.symbol);
    this.#wideCodes = Int32Array.from(plan.wide, ({ symbol }) => rows.symbols.internText(symbol));
    const onRecord = plan.shape === 'wide' ? () => this.#wideRecord() : () => this.#longRecord();
    const maxFields = Math.max(plan.columns.length, 64);
    this.#reader = new DelimitedReader(
      { delimiter: plan.dialect.delimiter, maxFields: Math.min(maxFields, MAX_COLUMNS + 1) },
      () => {
        if (this.#header > 0) this.#header--;
        else onRecord();
      },
    );
  }

  /** Bytes turned into records so far. */
  get bytesRead(): number {
    return this.#reader.bytesRead;
  }

  /** Share of records, or in wide tables of cells, that was rejected. */
  get badShare(): number {
    const cells = this.records * this.#columns.length;
    const byRecord = this.records > 0 ? this.rejectedRecords / this.records : 0;
    return this.#plan.shape === 'wide' && cells > 0 ? byRecord + this.rejectedCells / cells : byRecord;
  }

  /** Feeds the next bytes of the file. Errors: TOO_LARGE beyond the limits of rows, tickers, columns or record length. */
  write(chunk: Uint8Array): void {
    this.#reader.write(chunk);
  }

  end(): void {
    this.#reader.end();
  }

  #reject(reason: RejectReason, column: number | null): void {
    const name = column === null ? null : (this.#plan.columns[column] ?? `column ${column + 1}`);
    const { line } = this.#reader;
    this.#policy.onReject({ line, day: this.#currentDay, column: name, reason, text: this.#reader.recordText() });
  }

  #rejectRecord(reason: RejectReason, column: number | null): void {
    this.rejectedRecords++;
    this.#reject(reason, column);
  }

  /** Checks the form of a record. True when it may be read. */
  #wellFormed(): boolean {
    const reader = this.#reader;
    const expected = this.#plan.columns.length;
    this.records++;
    this.#currentDay = null;
    if (reader.badQuote) {
      this.#rejectRecord('bad_quote', Math.min(reader.fields, expected) - 1);
      return false;
    }
    if (reader.fields < expected) {
      this.#rejectRecord('truncated_row', reader.fields);
      return false;
    }
    for (let i = expected; i < reader.fields; i++) {
      if (reader.ends[i] > reader.starts[i]) {
        this.#rejectRecord('extra_fields', expected - 1);
        return false;
      }
    }
    return true;
  }

  /** Day of the record, or BAD_DAY when it is rejected or outside the span. */
  #day(): number {
    const { date } = this.#plan.roles;
    const reader = this.#reader;
    const day = this.dates.read(reader.bytes, reader.starts[date], reader.ends[date]);
    if (day === BAD_DAY) {
      this.#rejectRecord('bad_date', date);
      return BAD_DAY;
    }
    this.#currentDay = day;
    if (this.dates.flipped) this.#flipEarlierDays();
    const { today, from, to } = this.#policy;
    if (today !== null && day > today) {
      this.#rejectRecord('future_date', date);
      return BAD_DAY;
    }
    if ((from !== null && day < from) || (to !== null && day > to)) {
      this.outsideSpan++;
      return BAD_DAY;
    }
    return day;
  }

  #flipEarlierDays(): void {
    this.dates.flipped = false;
    const { day } = this.#rows;
    for (let row = this.#firstRow; row < this.#rows.length; row++) day[row] = DateReader.swapped(day[row]);
  }

  #symbol(): number {
    const column = this.#plan.roles.symbol;
    if (column === undefined) return this.#fixedSymbol;
    const { bytes, starts, ends } = this.#reader;
    let end = ends[column];
    if (this.#plan.stripSuffix && end - starts[column] > 3 && bytes[end - 3] === 46) end -= 3;
    while (end > starts[column] && bytes[end - 1] === 32) end--;
    if (end === starts[column]) {
      this.#rejectRecord('no_ticker', column);
      return -1;
    }
    // A doubled quote is the one thing whose bytes are not its text.
    for (let i = starts[column]; i < end; i++) {
      if (bytes[i] === QUOTE) return this.#rows.symbols.internText(this.#reader.text(column));
    }
    return this.#rows.symbols.intern(bytes, starts[column], end);
  }

  #longRecord(): void {
    if (!this.#wellFormed()) return;
    const day = this.#day();
    if (day === BAD_DAY) return;
    const symbol = this.#symbol();
    if (symbol < 0) return;
    const values = this.#values;
    let present = 0;
    for (let k = 0; k < values.length; k++) {
      const value = this.#cell(this.#columns[k], day, symbol);
      if (value === REJECTED) {
        this.rejectedRecords++;
        return;
      }
      values[k] = value;
      if (!Number.isNaN(value)) present++;
    }
    if (present === 0) {
      this.emptyRecords++;
      return;
    }
    this.missingCells += values.length - present;
    const row = this.#rows.push(day, symbol, this.#reader.line);
    if (this.#generation !== this.#rows.generation) this.#retarget();
    for (let k = 0; k < values.length; k++) this.#targets[k][row] = values[k];
  }

  #wideRecord(): void {
    if (!this.#wellFormed()) return;
    const day = this.#day();
    if (day === BAD_DAY) return;
    const values = this.#values;
    // One bad cell must not cost a date of thousands of tickers: in a wide table the cell is rejected, not the record.
    for (let k = 0; k < values.length; k++) {
      const value = this.#cell(this.#columns[k], day, this.#wideCodes[k]);
      if (value === REJECTED) this.rejectedCells++;
      values[k] = value === REJECTED ? NaN : value;
    }
    this.#pushWide(day);
  }

  /** One row per ticker that has a value; columns of the same ticker are brought together. */
  #pushWide(day: number): void {
    const rowOf = new Map<number, number>();
    let missing = 0;
    for (let k = 0; k < this.#values.length; k++) {
      if (Number.isNaN(this.#values[k])) {
        missing++;
        continue;
      }
      const code = this.#wideCodes[k];
      let row = rowOf.get(code);
      if (row === undefined) {
        row = this.#rows.push(day, code, this.#reader.line);
        rowOf.set(code, row);
        if (this.#generation !== this.#rows.generation) this.#retarget();
      }
      this.#targets[k][row] = this.#values[k];
    }
    if (rowOf.size === 0) this.emptyRecords++;
    else this.missingCells += missing;
  }

  #retarget(): void {
    this.#targets = this.#columns.map(({ field }) => this.#rows.ensureColumn(field));
    this.#generation = this.#rows.generation;
  }

  /** Value of a cell, NaN when missing, REJECTED when the record cannot be taken. */
  #cell(target: NumericColumn, day: number, symbol: number): number {
    const { bytes, starts, ends } = this.#reader;
    const { column, field, isPrice } = target;
    const value = this.#numbers.read(bytes, starts[column], ends[column], field === 'volume');
    const { status } = this.#numbers;
    if (status === CELL.number) {
      if (isPrice ? value > 0 : value >= 0) return value;
      return this.#outOfRange(target, value, day, symbol);
    }
    if (status === CELL.empty) return NaN;
    if (status === CELL.placeholder || (status === CELL.bad && this.#policy.keepBadCells)) {
      this.#note(status === CELL.placeholder ? 'placeholder' : 'not_a_number', target, day, symbol);
      return NaN;
    }
    this.#reject(status === CELL.infinite ? 'infinite' : 'not_a_number', column);
    return REJECTED;
  }

  #outOfRange(target: NumericColumn, value: number, day: number, symbol: number): number {
    const { column, field, isPrice } = target;
    if (field === 'dividend' || field === 'split') return NaN;
    if (isPrice && value === 0 && field !== 'close' && this.#policy.keepZeroCells) {
      this.#note('zero_price', target, day, symbol);
      return NaN;
    }
    this.#reject(isPrice ? 'non_positive_price' : 'negative_volume', column);
    return REJECTED;
  }

  #note(kind: CellNote['kind'], target: NumericColumn, day: number, symbol: number): void {
    const text = this.#reader.text(target.column).slice(0, 100);
    const ticker = this.#rows.symbols.texts[symbol];
    this.#policy.onCell({ kind, line: this.#reader.line, day, symbol: ticker, field: target.field, text });
  }
}

/** No price or volume can be this; NaN already means missing. */
const REJECTED = -Infinity;

function numericColumns(plan: DelimitedPlan): NumericColumn[] {
  const make = (column: number, field: RowField): NumericColumn => ({
    column,
    field,
    isPrice: PRICE_FIELD_SET.has(field),
  });
  if (plan.shape === 'wide') return plan.wide.map(({ column, field }) => make(column, field));
  return ROW_FIELDS.flatMap((field) => {
    const column = plan.roles[field];
    return column === undefined ? [] : [make(column, field)];
  });
}
