/**
 * Reads vendor JSON (Alpha Vantage, Polygon, Alpaca, Tiingo, Yahoo chart, records of any vendor with known field names) into price rows.
 * The text must be a complete JSON document; its depth is checked before it is used.
 */
import { AppError } from '#base/errors';
import { plainName, rolesOf, symbolOfFileName, type ColumnRole } from './column-roles';
import { BarSink, NOT_A_NUMBER } from './bar-sink';
import { BAD_DAY, DateReader, sniffDateFormat } from './date-reader';
import type { ReadPolicy } from './delimited-price-reader';
import { CELL, NumberReader } from './number-reader';
import { ROW_FIELDS, type PriceRows } from './price-rows';

const DEEPEST = 32;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** One bar before its cells are judged. */
interface Bar {
  readonly symbol: string;
  readonly date: string;
  readonly cells: Readonly<Partial<Record<ColumnRole, Json>>>;
}

export interface JsonPrices {
  readonly layout: string;
  readonly bars: readonly Bar[];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Parses JSON of bounded depth. Errors: INVALID_DATA for malformed or too deep text. */
export function parseJson(text: string): Json {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') {
      if (++depth > DEEPEST) {
        throw new AppError(
          'INVALID_DATA',
          `Expected JSON of at most ${DEEPEST} levels, found more. This is no price file.`,
        );
      }
    } else if (char === '}' || char === ']') depth--;
  }
  try {
    // JSON.parse answers `any`; Json is exactly what it can answer.
    return JSON.parse(text) as Json;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'INVALID_DATA',
      `Expected a complete JSON document, found: ${reason}. Download the file again.`,
      { cause },
    );
  }
}

const MESSAGE_KEYS = ['note', 'information', 'error message', 'error', 'message', 'detail', 'errors'];

/** The vendor's words when the document is a refusal (rate limit, unknown symbol) instead of data; null otherwise. */
export function vendorMessage(document: Json): string | null {
  if (
    !isObject(document) ||
    Object.values(document).some((value) => isList(value) && value.length > 0 && isObject(value[0]))
  )
    return null;
  for (const [key, value] of Object.entries(document)) {
    if (MESSAGE_KEYS.includes(key.toLowerCase()) && (typeof value === 'string' || isObject(value))) {
      return typeof value === 'string' ? value : JSON.stringify(value);
    }
  }
  return null;
}

/** Finds the bars of a document. Errors: INVALID_DATA when none of the known layouts fits. */
export function detectJson(document: Json, fileName: string): JsonPrices {
  const found =
    (isObject(document)
      ? (alphaVantage(document) ?? polygon(document) ?? alpaca(document) ?? yahooChart(document))
      : null) ?? (isList(document) ? records(document, fileName) : null);
  if (found === null) {
    throw new AppError(
      'INVALID_DATA',
      `Expected price bars of a known vendor, found other JSON in ${fileName}. Convert it to a table with date and close columns.`,
    );
  }
  return found;
}

/** The cells of a record by role; names are those of the CSV layouts. */
function cellsOf(record: JsonObject): Partial<Record<ColumnRole, Json>> {
  const names = Object.keys(record);
  const roles = rolesOf(names);
  const cells: Partial<Record<ColumnRole, Json>> = {};
  for (const [role, column] of Object.entries(roles)) {
    // `rolesOf` answers roles only; Object.entries forgets that.
    cells[role as ColumnRole] = record[names[column]];
  }
  return cells;
}

function alphaVantage(document: JsonObject): JsonPrices | null {
  const meta = document['Meta Data'];
  const key = Object.keys(document).find((name) => /time series/i.test(name));
  const series = key === undefined ? undefined : document[key];
  if (!isObject(meta) || !isObject(series)) return null;
  const symbol = String(Object.entries(meta).find(([name]) => /symbol$/i.test(name))?.[1] ?? '');
  const bars = Object.entries(series).flatMap(([date, bar]) =>
    isObject(bar) ? [{ symbol, date, cells: cellsOf(bar) }] : [],
  );
  const adjusted = bars.some(({ cells }) => cells.adjClose !== undefined);
  return { layout: adjusted ? 'alphavantage-adjusted-json' : 'alphavantage-json', bars };
}

function letterBar(bar: JsonObject, symbol: string): Bar {
  const { t, o, h, l, c, v } = bar;
  return { symbol, date: String(t), cells: { open: o, high: h, low: l, close: c, volume: v } };
}

function polygon(document: JsonObject): JsonPrices | null {
  const { results, ticker } = document;
  if (!isList(results) || !results.every((bar) => isObject(bar) && 't' in bar && 'c' in bar)) return null;
  const bars = results.flatMap((bar) => (isObject(bar) ? [letterBar(bar, String(ticker ?? bar.T ?? ''))] : []));
  return { layout: 'polygon-json', bars };
}

function alpaca(document: JsonObject): JsonPrices | null {
  const { bars, symbol } = document;
  if (isList(bars))
    return {
      layout: 'alpaca-json',
      bars: bars.flatMap((bar) => (isObject(bar) ? [letterBar(bar, String(symbol ?? ''))] : [])),
    };
  if (!isObject(bars)) return null;
  const all = Object.entries(bars).flatMap(([ticker, list]) =>
    isList(list) ? list.flatMap((bar) => (isObject(bar) ? [letterBar(bar, ticker)] : [])) : [],
  );
  return { layout: 'alpaca-json', bars: all };
}

function yahooChart(document: JsonObject): JsonPrices | null {
  const { chart } = document;
  const result = isObject(chart) && isList(chart.result) ? chart.result[0] : undefined;
  if (!isObject(result) || !isList(result.timestamp) || !isObject(result.indicators) || !isObject(result.meta))
    return null;
  const { quote, adjclose } = result.indicators;
  const quotes = isList(quote) ? quote[0] : undefined;
  const adjusted = isList(adjclose) && isObject(adjclose[0]) ? adjclose[0].adjclose : undefined;
  if (!isObject(quotes)) return null;
  const symbol = String(result.meta.symbol ?? '');
  const at = (list: Json | undefined, i: number): Json => (isList(list) ? (list[i] ?? null) : null);
  const bars = result.timestamp.map((stamp, i): Bar => {
    const cells: Partial<Record<ColumnRole, Json>> = {
      open: at(quotes.open, i),
      high: at(quotes.high, i),
      low: at(quotes.low, i),
      close: at(quotes.close, i),
      volume: at(quotes.volume, i),
    };
    if (adjusted !== undefined) cells.adjClose = at(adjusted, i);
    return { symbol, date: String(stamp), cells };
  });
  return { layout: 'yahoo-chart-json', bars };
}

function records(list: readonly Json[], fileName: string): JsonPrices | null {
  const first = list[0];
  if (!isObject(first)) return null;
  const names = Object.keys(first).map(plainName);
  const fallback = symbolOfFileName(fileName);
  const bars = list.flatMap((record) => {
    if (!isObject(record)) return [];
    const { date, symbol, ...cells } = cellsOf(record);
    return date === undefined
      ? []
      : [{ symbol: symbol === undefined ? fallback : String(symbol), date: String(date), cells }];
  });
  if (bars.length === 0 || !bars.some(({ cells }) => cells.close !== undefined || cells.adjClose !== undefined))
    return null;
  return { layout: names.includes('divcash') ? 'tiingo-json' : 'records-json', bars };
}

/** Writes the bars into `rows`. Line numbers are positions of the bars, from 1. */
export function readJsonPrices(prices: JsonPrices, rows: PriceRows, policy: ReadPolicy): BarSink {
  const samples = prices.bars.slice(0, 1000).map(({ date }) => date);
  const dates = new DateReader(sniffDateFormat(samples)?.format ?? 'YYYY-MM-DD');
  const numbers = new NumberReader('.');
  const fields = ROW_FIELDS.filter((field) => prices.bars.some(({ cells }) => cells[field] !== undefined));
  const sink = new BarSink(rows, fields, policy);
  prices.bars.forEach((bar, i) => {
    const line = i + 1;
    const describe = () => JSON.stringify(bar);
    sink.records++;
    const day = dates.readText(bar.date.trim());
    if (day === BAD_DAY) return sink.reject(line, null, 'bad_date', 'date', describe);
    if (bar.symbol === '') return sink.reject(line, day, 'no_ticker', 'symbol', describe);
    const values = fields.map((field) => {
      const cell = bar.cells[field];
      const value = numbers.readText(cell === undefined || cell === null ? '' : String(cell), field === 'volume');
      if (numbers.status === CELL.bad) return NOT_A_NUMBER;
      return numbers.status === CELL.infinite ? Infinity : value;
    });
    sink.add(line, day, rows.symbols.internText(bar.symbol.toUpperCase()), values, describe);
  });
  return sink;
}
