/** Calculation kinds that read price files: `import.ohlcv` normalizes one, `import.issues` says what is wrong with one. */
import { z } from 'zod';
import { formatIsoDay } from '#quant/calendar/iso-day';
import { densePanel } from '#quant/prices/dense-panel';
import { findFileIssues } from '#quant/prices/file-issues';
import { eventsOf, readPriceFile, valueAt, type FileRead, type PriceEvent } from '#quant/prices/normalize';
import type { RowField } from '#quant/prices/price-rows';
import { calcKind, type CalcTable } from '../kind';
import { requireInput } from '../tables';

const MOST_CELLS = 20_000_000;

const OUTPUT_COLUMNS: readonly (readonly [name: string, field: RowField])[] = [
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['volume', 'volume'],
  ['adj_close', 'adjClose'],
];

/** A wide close table stays wide; everything else is one row per ticker and date. */
function ohlcvTable(read: FileRead, symbols: readonly string[]): CalcTable {
  const { rows } = read;
  if (read.layout === 'wide-close') {
    const panel = densePanel(rows, 'keep-first', MOST_CELLS);
    const close = panel.fields.close ?? new Float64Array(0);
    const column = new Map(panel.assets.map((asset, n) => [asset, n]));
    const cell = (t: number, symbol: string) => {
      const value = close[t * panel.assets.length + (column.get(symbol) ?? -1)];
      return value === undefined || Number.isNaN(value) ? null : value;
    };
    return {
      columns: ['date', ...symbols],
      rows: panel.dates.map((date, t) => [date, ...symbols.map((symbol) => cell(t, symbol))]),
    };
  }
  const columns = OUTPUT_COLUMNS.filter(([, field]) => rows.columns.has(field));
  const many = symbols.length > 1;
  return {
    columns: ['date', ...(many ? ['symbol'] : []), ...columns.map(([name]) => name)],
    rows: Array.from(read.order, (row) => [
      formatIsoDay(rows.day[row]),
      ...(many ? [rows.symbols.texts[rows.symbol[row]]] : []),
      ...columns.map(([, field]) => valueAt(rows, field, row)),
    ]),
  };
}

function eventList(
  events: readonly PriceEvent[],
  name: 'ratio' | 'amount',
  many: boolean,
): Record<string, string | number>[] {
  return events.map(({ symbol, date, value }) => ({ ...(many ? { symbol } : {}), date, [name]: value }));
}

const importParams = z.strictObject({
  format_hint: z.string().nullable().default(null).meta({
    title: 'Format hint',
    description: 'Free text for the record; the layout is detected from the content and the file name.',
  }),
});

const ohlcv = calcKind({
  id: 'import.ohlcv',
  summary: 'A vendor price file as normalized daily bars',
  recipe:
    'Layout detected from header, content and file name. Ascending by ticker and date, ISO dates, null = missing; rows without any value are dropped. ' +
    'Wide close tables stay wide. splits and dividends are listed where the file has them (ratio other than 1, amount above 0).',
  inputs: { file: 'One price file: CSV in any known layout, or vendor JSON' },
  params: importParams,
  run: (inputs) => {
    const file = requireInput(inputs, 'file');
    const read = readPriceFile(file.bytes, file.name);
    const present = new Set(Array.from(read.order, (row) => read.rows.symbol[row]));
    const known = read.rows.symbols.texts.filter((_, code) => present.has(code));
    const symbols = read.layout === 'wide-close' ? known : [...known].sort();
    const table = ohlcvTable(read, symbols);
    const days = Array.from(read.order, (row) => read.rows.day[row]);
    const span = days.length > 0 ? [days.reduce((a, b) => Math.min(a, b)), days.reduce((a, b) => Math.max(a, b))] : [];
    const answer: Record<string, unknown> = {
      layout: read.layout,
      symbols,
      n_rows: table.rows.length,
      table,
      first_date: span.length > 0 ? formatIsoDay(span[0]) : null,
      last_date: span.length > 0 ? formatIsoDay(span[1]) : null,
      missing_cells: read.missingCells,
      rejected_rows: read.rejects.map(({ line, column, reason }) => ({ line, column, reason })),
    };
    if (read.rows.columns.has('split')) answer.splits = eventList(eventsOf(read, 'split'), 'ratio', symbols.length > 1);
    if (read.rows.columns.has('dividend'))
      answer.dividends = eventList(eventsOf(read, 'dividend'), 'amount', symbols.length > 1);
    return answer;
  },
});

const issues = calcKind({
  id: 'import.issues',
  summary: 'What is wrong with a price file',
  recipe:
    'Lists empty_file, no_rows, not_tabular, vendor_error_message, truncated_row (1-based line), bad_row, non_positive_price (row not usable), ' +
    'non_numeric (cell missing, row kept), duplicate_date (conflicting or not; the first row stays), unsorted, ohlc_inconsistent, price_spike ' +
    '(beyond a factor 1.5 of both neighbours, which agree) and ambiguous_date_format (slash dates without a day above 12; read as MM/DD/YYYY). ' +
    'n_usable_rows counts distinct (ticker, date) rows that can be used.',
  inputs: { file: 'One price file, however broken' },
  params: z.strictObject({}),
  run: (inputs) => {
    const file = requireInput(inputs, 'file');
    const found = findFileIssues(file.bytes, file.name);
    return { issues: found.issues, n_usable_rows: found.usableRows };
  },
});

export const kinds = [ohlcv, issues];
