/** Blocks of a report on a sheet: numbers stay numbers, totals are formulas, colors are conditional formats, every table has a name. */
import { colToLetter, type CellStyle, type SheetChart } from 'hucre/xlsx';
import type { Block, Cell, Chart, Column, Figure, Report, Row, Table } from '../model';
import { CATEGORICAL, colorOf } from '../charts/layout';
import { columnTotal } from '../totals';
import { rangeName } from './names';
import type { NamedRange, SeriesSheets } from './series-sheets';
import { absoluteRange, numberFormat, quoted, type SheetWriter } from './sheet';

export interface BlockContext {
  readonly report: Report;
  readonly names: NamedRange[];
  readonly takenNames: Set<string>;
  readonly series: SeriesSheets | null;
  /** Numbers behind the charts that no other sheet holds. */
  readonly data: SheetWriter;
}

const CHART_ROWS = 17;
const CHART_COLUMNS = 9;
const TONE_COLORS = { good: '1B7F4D', bad: 'A32020', warn: '8A5A00', quiet: '5A5D63', primary: '1B1C1E' } as const;

export function writeBlock(sheet: SheetWriter, block: Block, context: BlockContext): void {
  const row = sheet.next + (block.type === 'text' || block.type === 'list' ? 0 : 1);
  switch (block.type) {
    case 'text':
      sheet.text(row, 0, block.text, { font: { color: { rgb: TONE_COLORS[block.tone ?? 'primary'] } } });
      return;
    case 'list':
      block.items.forEach((item, i) =>
        sheet.text(row + i, 0, `• ${item}`, { font: { color: { rgb: TONE_COLORS[block.tone ?? 'primary'] } } }),
      );
      return;
    case 'facts':
      block.items.forEach(([name, value], i) => {
        sheet.widen(0, Math.min(50, name.length + 2));
        sheet.text(row + i, 0, name, { font: { color: { rgb: TONE_COLORS.quiet } } });
        sheet.text(row + i, 1, value);
      });
      return;
    case 'headlines':
      writeHeadlines(sheet, row, block.items, context);
      return;
    case 'table':
      writeTable(sheet, row, block, context);
      return;
    case 'chart':
      writeChart(sheet, row, block, context);
  }
}

function writeFigure(
  sheet: SheetWriter,
  row: number,
  column: number,
  figure: Figure,
  { report }: BlockContext,
  style: CellStyle = {},
): void {
  if (figure.value === null) {
    const quiet: CellStyle = { ...style, font: { ...style.font, italic: true }, alignment: { horizontal: 'right' } };
    sheet.text(row, column, report.words.notComputable, quiet, figure.reason);
  } else sheet.number(row, column, figure.value, numberFormat(figure.unit, report.currency), style);
}

function writeHeadlines(
  sheet: SheetWriter,
  row: number,
  items: readonly Extract<Block, { type: 'headlines' }>['items'][number][],
  context: BlockContext,
): void {
  const { words } = context.report;
  sheet.header(row, ['', words.value, words.from, words.to, words.conventions], [false, true, true, true, false]);
  sheet.freeze(row + 1, 1);
  items.forEach(({ label, figure, notes }, i) => {
    const at = row + 1 + i;
    sheet.text(at, 0, label, { font: { bold: true } });
    writeFigure(sheet, at, 1, figure, context, { font: { bold: true } });
    const format = numberFormat(figure.unit, context.report.currency);
    if (figure.low !== undefined) sheet.number(at, 2, figure.low, format);
    if (figure.high !== undefined) sheet.number(at, 3, figure.high, format);
    sheet.text(at, 4, notes.join(' · '));
  });
}

/** A column of the model takes three on the sheet where its figures have intervals. */
interface Placed {
  readonly column: Column;
  readonly at: number;
  readonly hasInterval: boolean;
}

function place({ columns, rows }: Table): Placed[] {
  let at = 0;
  return columns.map((column, j) => {
    const hasInterval = rows.some(({ cells }) => {
      const cell = cells[j];
      return cell !== null && typeof cell === 'object' && cell.low !== undefined;
    });
    const placed = { column, at, hasInterval };
    at += hasInterval ? 3 : 1;
    return placed;
  });
}

function writeTable(sheet: SheetWriter, row: number, table: Table, context: BlockContext): void {
  const { report, names, takenNames } = context;
  const placed = place(table);
  sheet.heading(row, table.title, 11);
  const titles = placed.flatMap(({ column, hasInterval }) =>
    hasInterval
      ? [column.title, `${column.title} ${report.words.from}`, `${column.title} ${report.words.to}`]
      : [column.title],
  );
  const areNumbers = placed.flatMap(({ column, hasInterval }) =>
    hasInterval ? [true, true, true] : [column.unit !== undefined],
  );
  const head = row + 1;
  sheet.header(head, titles, areNumbers);
  if (head < 14) sheet.freeze(head + 1, 1);
  const first = head + 1;
  table.rows.forEach((item, i) => writeRow(sheet, first + i, item, placed, context));
  const last = first + Math.max(1, table.rows.length) - 1;
  names.push({
    name: rangeName(table.id, takenNames),
    range: `${quoted(sheet.name)}!${absoluteRange(first, 0, last, titles.length - 1)}`,
  });
  if (table.rows.length > 0) writeTotals(sheet, table, placed, { first, last, context });
  placed.forEach(({ at }, j) => colorColumn(sheet, table, j, at, first, last));
  if (table.note !== undefined && table.note !== '')
    sheet.text(sheet.next, 0, table.note, { font: { size: 9, color: { rgb: '6B6E74' } } });
}

function writeRow(
  sheet: SheetWriter,
  row: number,
  { cells, tone }: Row,
  placed: readonly Placed[],
  context: BlockContext,
): void {
  const style: CellStyle =
    tone === undefined
      ? {}
      : { font: { color: { rgb: TONE_COLORS[tone] }, ...(tone === 'primary' ? { bold: true } : {}) } };
  cells.forEach((cell: Cell, j) => {
    const { at, column } = placed[j];
    if (cell === null || cell === '') return;
    if (typeof cell === 'string') {
      if (j === 0) sheet.widen(0, Math.min(44, cell.length + 2));
      sheet.text(row, at, cell, column.unit === undefined ? style : { ...style, alignment: { horizontal: 'right' } });
      return;
    }
    writeFigure(sheet, row, at, cell, context, style);
    const format = numberFormat(cell.unit, context.report.currency);
    if (cell.low !== undefined) sheet.number(row, at + 1, cell.low, format, style);
    if (cell.high !== undefined) sheet.number(row, at + 2, cell.high, format, style);
  });
}

function writeTotals(
  sheet: SheetWriter,
  table: Table,
  placed: readonly Placed[],
  { first, last, context }: { readonly first: number; readonly last: number; readonly context: BlockContext },
): void {
  if (table.columns.every(({ total }) => total === undefined)) return;
  const row = last + 1;
  const style: CellStyle = { font: { bold: true }, border: { top: { style: 'thin', color: { rgb: 'CFCDC6' } } } };
  sheet.text(row, 0, context.report.words.total, style);
  placed.forEach(({ column, at }, j) => {
    const total = columnTotal(table, j);
    if (total === null || column.unit === undefined) return;
    const letter = colToLetter(at);
    sheet.formula(
      row,
      at,
      `SUM(${letter}${first + 1}:${letter}${last + 1})`,
      total,
      numberFormat(column.unit, context.report.currency),
      style,
    );
  });
}

function colorColumn(sheet: SheetWriter, table: Table, j: number, at: number, first: number, last: number): void {
  const { scale, unit } = table.columns[j];
  if (scale === undefined) return;
  const range = `${colToLetter(at)}${first + 1}:${colToLetter(at)}${last + 1}`;
  const figures = table.rows.flatMap(({ cells }) => {
    const cell = cells[j];
    return cell !== null && typeof cell === 'object' && cell.value !== null && cell.unit === unit ? [cell.value] : [];
  });
  if (scale.kind === 'bar' && figures.every((value) => value >= 0)) {
    const cfvo = [0, scale.limit].map((value) => ({ type: 'num' as const, value: String(value) }));
    sheet.rule({ type: 'dataBar', range, dataBar: { cfvo, color: 'FF9DBCE3' } });
    return;
  }
  const cfvo = [-scale.limit, 0, scale.limit].map((value) => ({ type: 'num' as const, value: String(value) }));
  sheet.rule({ type: 'colorScale', range, colorScale: { cfvo, colors: ['FFEDB58F', 'FFFFFFFF', 'FF8FBDDC'] } });
}

/** A native chart over the numbers of the workbook. */
function writeChart(sheet: SheetWriter, row: number, chart: Chart, context: BlockContext): void {
  if (chart.x.length < 2 && chart.kind !== 'bars') return;
  const sources = sourcesOf(chart, context);
  const color = (i: number) => colorOf(chart.series[i].color, context.report.look).slice(1);
  const made: SheetChart = {
    type: chart.kind === 'bars' ? 'column' : 'line',
    title: chart.title,
    altText: chart.alternative,
    series: sources.map(({ name, values, categories }, i) => ({
      name,
      values,
      categories,
      color: color(i) ?? CATEGORICAL[i % CATEGORICAL.length].slice(1),
      smooth: false,
      ...(chart.kind === 'bars'
        ? {}
        : { marker: { symbol: 'none' as const }, stroke: { width: chart.series[i].emphasized === true ? 1.75 : 1 } }),
    })),
    legend: 'right',
    showLineMarkers: false,
    dispBlanksAs: 'gap',
    anchor: { from: { row, col: 0 }, to: { row: row + CHART_ROWS, col: CHART_COLUMNS } },
    axes: {
      x: {
        tickLblSkip: Math.max(1, Math.round(chart.x.length / 10)),
        tickMarkSkip: Math.max(1, Math.round(chart.x.length / 10)),
        tickLblPos: 'low',
        majorTickMark: 'none',
        // The format's own default draws a cross at every day.
        minorTickMark: 'none',
        labelFontSize: 8,
      },
      y: {
        majorTickMark: 'out',
        minorTickMark: 'none',
        numberFormat: { formatCode: numberFormat(chart.unit, context.report.currency), sourceLinked: false },
        labelFontSize: 8,
        ...(chart.logarithmic === true && spread(chart) > 10 ? { scale: { logBase: 10 } } : {}),
      },
    },
  };
  sheet.chart(made);
}

/** Largest over smallest value; decades are of use only where there are some. */
function spread({ series }: Chart): number {
  let low = Infinity;
  let high = 0;
  for (const { values } of series) {
    for (const value of values) {
      if (value === null || !(value > 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high / low;
}

interface Source {
  readonly name: string;
  readonly values: string;
  readonly categories: string;
}

/** Curves of the equity sheets where they are the same numbers, else columns of their own on the data sheet. */
function sourcesOf(chart: Chart, { report, series, data }: BlockContext): Source[] {
  const isWhole = report.series !== null && chart.x.length === report.series.dates.length;
  if (series !== null && isWhole && (chart.id === 'equity' || chart.id === 'drawdown')) {
    const kind = chart.id;
    return chart.series.flatMap(({ name }) => {
      const source = series.source(kind, name);
      return source === null ? [] : [{ name, values: source.values, categories: source.dates }];
    });
  }
  const column = data.next === 0 ? 0 : dataColumns(data);
  const titles = [chart.title, ...chart.series.map(({ name }) => name)];
  titles.forEach((title, j) => data.text(0, column + j, title, { font: { bold: true } }));
  chart.x.forEach((x, t) => {
    if (/^\d{4}-\d{2}-\d{2}$/.test(x)) data.date(1 + t, column, x);
    else data.text(1 + t, column, x);
    chart.series.forEach(({ values }, j) => {
      const value = values[t];
      if (value !== null && Number.isFinite(value))
        data.number(1 + t, column + 1 + j, value, numberFormat(chart.unit, ''));
    });
  });
  usedColumns.set(data, column + titles.length + 1);
  const sheet = quoted(data.name);
  return chart.series.map(({ name }, j) => ({
    name,
    values: `${sheet}!${absoluteRange(1, column + 1 + j, chart.x.length)}`,
    categories: `${sheet}!${absoluteRange(1, column, chart.x.length)}`,
  }));
}

const usedColumns = new WeakMap<SheetWriter, number>();
const dataColumns = (data: SheetWriter): number => usedColumns.get(data) ?? 0;
