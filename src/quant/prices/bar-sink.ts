/** Takes bars that are numbers already (JSON, Parquet) into price rows under the same rules as delimited text. */
import type { ReadPolicy, RejectReason } from './delimited-price-reader';
import { PRICE_ROW_FIELDS, type PriceRows, type RowField } from './price-rows';

const PRICES: ReadonlySet<RowField> = new Set(PRICE_ROW_FIELDS);

/** What a value is when its source was not a number. */
export const NOT_A_NUMBER = -Infinity;

export class BarSink {
  records = 0;
  rejected = 0;
  emptyRecords = 0;
  outsideSpan = 0;
  missingCells = 0;
  readonly #fields: readonly RowField[];
  readonly #rows: PriceRows;
  readonly #policy: ReadPolicy;

  constructor(rows: PriceRows, fields: readonly RowField[], policy: ReadPolicy) {
    this.#rows = rows;
    this.#fields = fields;
    this.#policy = policy;
    for (const field of fields) rows.ensureColumn(field);
  }

  get badShare(): number {
    return this.records === 0 ? 0 : this.rejected / this.records;
  }

  /** Rejects a record. `describe` writes it for a person. */
  reject(line: number, day: number | null, reason: RejectReason, column: string, describe: () => string): void {
    this.rejected++;
    this.#policy.onReject({ line, day, column, reason, text: describe().slice(0, 500) });
  }

  /**
   * Judges a bar of a readable date and ticker and takes it. `values`: one per field, NaN where missing, NOT_A_NUMBER where the source
   * is none; +Infinity is rejected.
   */
  add(line: number, day: number, symbol: number, values: readonly number[], describe: () => string): void {
    const { today, from, to } = this.#policy;
    if (today !== null && day > today) return this.reject(line, day, 'future_date', 'date', describe);
    if ((from !== null && day < from) || (to !== null && day > to)) {
      this.outsideSpan++;
      return;
    }
    const kept: number[] = [];
    for (let k = 0; k < this.#fields.length; k++) {
      const field = this.#fields[k];
      const value = this.#judged(values[k], field, line, day, symbol);
      if (typeof value === 'string') return this.reject(line, day, value, field, describe);
      kept.push(value);
    }
    const present = kept.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    if (present === 0) {
      this.emptyRecords++;
      return;
    }
    this.missingCells += kept.length - present;
    const row = this.#rows.push(day, symbol, line);
    for (let k = 0; k < kept.length; k++) this.#rows.ensureColumn(this.#fields[k])[row] = kept[k];
  }

  #judged(value: number, field: RowField, line: number, day: number, symbol: number): number | RejectReason {
    if (Number.isNaN(value)) return NaN;
    const note = (kind: 'not_a_number' | 'zero_price') =>
      this.#policy.onCell({ kind, line, day, symbol: this.#rows.symbols.texts[symbol], field, text: String(value) });
    if (value === NOT_A_NUMBER) {
      if (!this.#policy.keepBadCells) return 'not_a_number';
      note('not_a_number');
      return NaN;
    }
    if (value === Infinity) return 'infinite';
    if (field === 'dividend' || field === 'split') return value > 0 ? value : NaN;
    if (!PRICES.has(field)) return value >= 0 ? value : 'negative_volume';
    if (value > 0) return value;
    if (value === 0 && field !== 'close' && this.#policy.keepZeroCells) {
      note('zero_price');
      return NaN;
    }
    return 'non_positive_price';
  }
}
