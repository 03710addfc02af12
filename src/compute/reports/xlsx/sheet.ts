/** One sheet of a workbook while it is written: cells with their number format, live formulas with the value they have now, charts, names. */
import { colToLetter, type CellStyle, type ConditionalRule, type SheetChart, type WriteSheet } from 'hucre/xlsx';
import type { Unit } from '../model';

type Cells = NonNullable<WriteSheet['cells']>;

export interface SheetOptions {
  readonly currency: string;
  /** RRGGBB. */
  readonly accent: string;
}

const FORMATS: Readonly<Record<Exclude<Unit, 'money'>, string>> = {
  percent: '0.0%',
  fine: '0.000%',
  decimal: '#,##0.00',
  integer: '#,##0',
  probability: '0.000',
  days: '#,##0',
  exact: 'General',
};
/** Excel refuses longer cell texts. */
const LONGEST_TEXT = 32_000;
const INK = '1B1C1E';
export const DATE_FORMAT = 'yyyy-mm-dd';

export function numberFormat(unit: Unit, currency: string): string {
  if (unit !== 'money') return FORMATS[unit];
  return currency === '' ? '#,##0.00' : `#,##0.00" ${currency}"`;
}

/** Text as a cell may hold it: no control characters, not too long. It is stored as text, so a leading `=` is a letter like any other. */
export function cellText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are exactly the ones that XML cannot hold
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').slice(0, LONGEST_TEXT);
}

/** `$B$2:$B$90`, rows and columns from 0. */
export function absoluteRange(row: number, column: number, lastRow: number, lastColumn = column): string {
  return `$${colToLetter(column)}$${row + 1}:$${colToLetter(lastColumn)}$${lastRow + 1}`;
}

export function quoted(sheet: string): string {
  return `'${sheet.replaceAll("'", "''")}'`;
}

export class SheetWriter {
  readonly name: string;
  readonly #options: SheetOptions;
  readonly #cells: Cells = new Map();
  readonly #charts: SheetChart[] = [];
  readonly #rules: ConditionalRule[] = [];
  readonly #widths: number[] = [];
  #rows = 0;
  #frozen: { rows: number; columns: number } | undefined;

  constructor(name: string, options: SheetOptions) {
    this.name = name;
    this.#options = options;
  }

  /** First row below everything written so far. */
  get next(): number {
    return this.#rows;
  }

  /** @param comment shown when the pointer rests on the cell */
  text(row: number, column: number, text: string, style: CellStyle = {}, comment?: string): void {
    const value = cellText(text);
    const note = comment === undefined ? {} : { comment: { text: cellText(comment), author: 'Sextant' } };
    this.#put(row, column, { value, type: 'string', style: this.#styled(style), ...note });
    if (style.alignment?.wrapText !== true && column > 0) this.#widen(column, Math.min(60, value.length + 2));
  }

  number(row: number, column: number, value: number, format: string, style: CellStyle = {}): void {
    this.#put(row, column, { value, type: 'number', style: this.#styled({ ...style, numFmt: format }) });
    this.#widen(column, 11);
  }

  date(row: number, column: number, day: string): void {
    this.#put(row, column, {
      value: new Date(`${day}T00:00:00Z`),
      type: 'date',
      style: this.#styled({ numFmt: DATE_FORMAT }),
    });
    this.#widen(column, 12);
  }

  /** @param result what the formula gives now, so that a viewer that does not compute shows it */
  formula(row: number, column: number, formula: string, result: number, format: string, style: CellStyle = {}): void {
    this.#put(row, column, {
      value: result,
      type: 'formula',
      formula,
      formulaResult: result,
      style: this.#styled({ ...style, numFmt: format }),
    });
    this.#widen(column, 11);
  }

  heading(row: number, text: string, size: number): void {
    this.text(row, 0, text, { font: { bold: true, size } });
  }

  header(row: number, titles: readonly string[], areNumbers: readonly boolean[]): void {
    titles.forEach((title, column) => {
      this.text(row, column, title, {
        font: { bold: true, color: { rgb: 'FFFFFF' } },
        fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: this.#options.accent } },
        alignment: { horizontal: areNumbers[column] ? 'right' : 'left', vertical: 'center', wrapText: true },
      });
      if (column > 0) this.#widen(column, Math.min(24, Math.max(9, title.length + 2)));
    });
  }

  chart(chart: SheetChart): void {
    this.#charts.push(chart);
    this.#rows = Math.max(this.#rows, (chart.anchor.to?.row ?? chart.anchor.from.row + 15) + 2);
  }

  rule(rule: Omit<ConditionalRule, 'priority'>): void {
    this.#rules.push({ ...rule, priority: this.#rules.length + 1 });
  }

  /** Keeps the rows above and the columns before in view. The first call counts. */
  freeze(rows: number, columns = 0): void {
    this.#frozen ??= { rows, columns };
  }

  widen(column: number, width: number): void {
    this.#widen(column, width);
  }

  /** What the library writes. */
  done(): WriteSheet {
    const columns = Array.from({ length: this.#widths.length }, (_, i) => ({ width: this.#widths[i] ?? 10 }));
    return {
      name: this.name,
      columns,
      rows: [],
      cells: this.#cells,
      conditionalRules: this.#rules,
      charts: this.#charts,
      ...(this.#frozen === undefined ? {} : { freezePane: this.#frozen }),
      pageSetup: { orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
    };
  }

  #put(row: number, column: number, cell: NonNullable<ReturnType<Cells['get']>>): void {
    this.#cells.set(`${row},${column}`, cell);
    this.#rows = Math.max(this.#rows, row + 1);
  }

  #styled(style: CellStyle): CellStyle {
    return { ...style, font: { name: 'Calibri', size: 10, color: { rgb: INK }, ...style.font } };
  }

  #widen(column: number, width: number): void {
    this.#widths[column] = Math.max(this.#widths[column] ?? 9, width);
  }
}
