/**
 * Recognizes how a delimited price file is laid out, from its first records and its name: one ticker a file, many tickers in long form,
 * one column a ticker (wide), the three header rows of yfinance, and files without a header. The answer is a plan that a reader follows.
 */
import { AppError } from '#base/errors';
import { COLUMN_ROLES, plainName, rolesOf, symbolOfFileName, type ColumnIndex, type ColumnRole } from './column-roles';
import { cutLine, sampleLines, sniffDialect, type Delimiter, type Dialect } from './dialect';
import { DATE_FORMATS, sniffDateFormat, type DateFormat } from './date-reader';
import {
  dateSamples,
  findDateColumn,
  holdsNumbers,
  holdsWords,
  isMultiHeader,
  startsWithData,
  withoutTickerLetters,
} from './layout-evidence';
import type { DecimalMark } from './number-reader';
import type { RowField } from './price-rows';
import { vendorOf } from './vendors';

/** A column of a wide table. */
interface WideColumn {
  readonly column: number;
  readonly symbol: string;
  readonly field: RowField;
}

export interface DelimitedPlan {
  readonly layout: string;
  readonly shape: 'single' | 'long' | 'wide';
  readonly dialect: Dialect;
  /** Records before the first row of data. */
  readonly headerRecords: number;
  /** Column names; `column 1` … where the file has none. */
  readonly columns: readonly string[];
  readonly roles: ColumnIndex & { readonly date: number };
  readonly wide: readonly WideColumn[];
  readonly dateFormat: DateFormat;
  /** True while MM/DD and DD/MM both fit what was seen. */
  readonly dateUndecided: boolean;
  /** The ticker of a file that holds one. */
  readonly symbol: string | null;
  /** Removes an exchange suffix such as `.US` from tickers. */
  readonly stripSuffix: boolean;
}

/** What a person says about a file where detection cannot know. */
export interface LayoutHints {
  /** Column name (or `column 3`) by role. */
  readonly mapping?: Partial<Record<ColumnRole, string>>;
  readonly delimiter?: Delimiter;
  readonly decimal?: DecimalMark;
  readonly dateFormat?: DateFormat;
  /** Ticker of a file that holds one. */
  readonly symbol?: string;
  /** `wide-close`, `long`, `single` or a vendor's id: what the file must turn out to be. */
  readonly layout?: string;
  readonly maxColumns?: number;
}

export const MAX_COLUMNS = 5_000;

interface Head {
  readonly fileName: string;
  readonly dialect: Dialect;
  readonly records: readonly (readonly string[])[];
  readonly hints: LayoutHints;
}

/**
 * The plan for a delimited price file. `head` is its first SNIFF_BYTES bytes (or all of it).
 * Errors: INVALID_DATA when the layout is not known (data: columns, missing roles), TOO_LARGE for too many columns.
 */
export function detectLayout(head: Uint8Array, fileName: string, hints: LayoutHints = {}): DelimitedPlan {
  const dialect = sniffDialect(head, hints);
  const records = sampleLines(head).map((line) => cutLine(line, dialect.delimiter));
  const columns = records.length > 0 ? records[0].length : 0;
  const limit = hints.maxColumns ?? MAX_COLUMNS;
  if (columns > limit + 1) throw tooManyColumns(columns, limit);
  const context: Head = { fileName, dialect, records, hints };
  const plan = planOf(context);
  if (hints.layout === undefined || hints.layout === plan.layout || hints.layout === plan.shape) return plan;
  throw new AppError(
    'INVALID_CONFIG',
    `Expected the layout ${hints.layout} in ${fileName}, found ${plan.layout}. Leave the layout out, or map the columns by hand.`,
    { data: { layout: plan.layout, shape: plan.shape } },
  );
}

function planOf(context: Head): DelimitedPlan {
  const { records, hints } = context;
  if (isMultiHeader(records)) return multiHeaderPlan(context);
  if (records.length > 0 && startsWithData(records[0])) return headerlessPlan(context);
  if (hints.layout === 'wide-close') {
    const date = rolesOf(records[0] ?? []).date ?? findDateColumn(context.records);
    const columns = (records[0] ?? []).map((name, i) => (name === '' ? `column ${i + 1}` : name));
    if (date >= 0) return widePlan(context, columns, date);
  }
  return headerPlan(context);
}

function tooManyColumns(found: number, limit: number): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected at most ${limit} columns, found ${found}. Split the table or keep only the columns that are needed.`,
    { data: { columns: found, limit } },
  );
}

function dateFormatOf(context: Head, skip: number, column: number): { format: DateFormat; undecided: boolean } {
  if (context.hints.dateFormat) return { format: context.hints.dateFormat, undecided: false };
  const samples = dateSamples(context.records, skip, column);
  if (samples.length === 0) return { format: 'YYYY-MM-DD', undecided: false };
  const sniffed = sniffDateFormat(samples);
  if (sniffed === null) {
    throw new AppError(
      'INVALID_DATA',
      `Expected dates in the column "${context.records[0][column] ?? ''}" of ${context.fileName}, found "${samples[0]}". ` +
        `Choose the date column, or a date format (${DATE_FORMATS.join(', ')}).`,
      { data: { column, sample: samples[0], formats: [...DATE_FORMATS] } },
    );
  }
  return sniffed;
}

function multiHeaderPlan(context: Head): DelimitedPlan {
  const [fields, tickers] = context.records;
  const headerRecords = plainName(context.records[2]?.[0] ?? '') === 'date' ? 3 : 2;
  const wide: WideColumn[] = [];
  for (let column = 1; column < fields.length; column++) {
    const role = Object.keys(rolesOf([fields[column]]))[0];
    const field = ROW_FIELD_OF_ROLE.get(role);
    if (field !== undefined && tickers[column] !== '') wide.push({ column, symbol: tickers[column], field });
  }
  refuseRepeats(wide, context.fileName);
  const { format, undecided } = dateFormatOf(context, headerRecords, 0);
  return {
    layout: 'yfinance',
    shape: 'wide',
    dialect: context.dialect,
    headerRecords,
    columns: fields.map((field, i) => (i === 0 ? 'Date' : `${field} ${tickers[i]}`)),
    roles: { date: 0 },
    wide,
    dateFormat: format,
    dateUndecided: undecided,
    symbol: null,
    stripSuffix: false,
  };
}

const ROW_FIELD_OF_ROLE: ReadonlyMap<string | undefined, RowField> = new Map<string, RowField>([
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['adjClose', 'adjClose'],
  ['volume', 'volume'],
  ['dividend', 'dividend'],
  ['split', 'split'],
]);

/** NinjaTrader `yyyymmdd;O;H;L;C;V` and MetaTrader 4 `yyyy.mm.dd,hh:mm,O,H,L,C,V`. */
function headerlessPlan(context: Head): DelimitedPlan {
  const width = context.records[0].length;
  const columns = context.records[0].map((_, i) => `column ${i + 1}`);
  const timed = width === 7 && /^\d{1,2}:?\d{2}/.test(context.records[0][1]);
  const order: readonly ColumnRole[] = ['open', 'high', 'low', 'close', 'volume'];
  let roles: ColumnIndex = {};
  if (context.hints.mapping) roles = mappedRoles(columns, context.hints.mapping);
  else if (timed || width === 6 || width === 5) {
    roles.date = 0;
    order.forEach((role, i) => {
      const column = i + (timed ? 2 : 1);
      if (column < width) roles[role] = column;
    });
  } else if (width === 2) Object.assign(roles, { date: 0, close: 1 });
  return rolesPlan(context, columns, roles, 0, timed ? 'metatrader4' : 'ninjatrader');
}

function headerPlan(context: Head): DelimitedPlan {
  const header = context.records[0] ?? [];
  const columns = header.map((name, i) => (name === '' ? `column ${i + 1}` : name));
  if (context.hints.mapping) {
    return rolesPlan(context, columns, mappedRoles(columns, context.hints.mapping, rolesOf(header)), 1, 'mapped');
  }
  const roles = withoutTickerLetters(rolesOf(header), header);
  if (roles.date === undefined) {
    const found = findDateColumn(context.records);
    if (found >= 0) {
      for (const role of COLUMN_ROLES) if (roles[role] === found) delete roles[role];
      roles.date = found;
    }
  }
  const isWide = roles.close === undefined && roles.adjClose === undefined;
  const { date, symbol } = roles;
  if (isWide && date !== undefined && (symbol === undefined || holdsNumbers(context.records, symbol))) {
    return widePlan(context, columns, date);
  }
  return rolesPlan(context, columns, roles, 1, null);
}

function widePlan(context: Head, columns: readonly string[], date: number): DelimitedPlan {
  const wide = columns
    .map((symbol, column): WideColumn => ({ column, symbol: symbol.trim(), field: 'close' }))
    .filter(({ column }) => column !== date && context.records[0][column] !== '');
  // A column without a number in the sample may be a ticker that starts later; a column of words is none, and makes this another table.
  const words = wide.some(({ column }) => holdsWords(context.records, column, context.dialect.decimal));
  const numeric = wide.some(({ column }) => holdsNumbers(context.records, column));
  if (wide.length === 0 || words || (!numeric && context.records.length > 1)) {
    throw unknownLayout(context, columns, ['close']);
  }
  refuseRepeats(wide, context.fileName);
  const { format, undecided } = dateFormatOf(context, 1, date);
  return {
    layout: 'wide-close',
    shape: 'wide',
    dialect: context.dialect,
    headerRecords: 1,
    columns,
    roles: { date },
    wide,
    dateFormat: format,
    dateUndecided: undecided,
    symbol: null,
    stripSuffix: false,
  };
}

/** Two columns of one ticker would overwrite each other. */
function refuseRepeats(wide: readonly WideColumn[], fileName: string): void {
  const seen = new Set<string>();
  for (const { symbol, field } of wide) {
    const key = `${field} ${symbol}`;
    if (seen.has(key)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected every ticker once in the header of ${fileName}, found ${symbol} twice. Remove or rename a column.`,
      );
    }
    seen.add(key);
  }
}

function rolesPlan(
  context: Head,
  columns: readonly string[],
  roles: ColumnIndex,
  headerRecords: number,
  layout: string | null,
): DelimitedPlan {
  const { date } = roles;
  const close = roles.close ?? roles.adjClose;
  if (date === undefined || close === undefined) {
    throw unknownLayout(context, columns, [
      ...(date === undefined ? ['date'] : []),
      ...(close === undefined ? ['close'] : []),
    ]);
  }
  const complete = roles.close === undefined ? { ...roles, close, adjClose: undefined } : roles;
  const { format, undecided } = dateFormatOf(context, headerRecords, date);
  const vendor = vendorOf(columns, context.fileName);
  const long = roles.symbol !== undefined;
  return {
    layout: layout ?? vendor ?? (long ? 'long' : 'single'),
    shape: long ? 'long' : 'single',
    dialect: context.dialect,
    headerRecords,
    columns,
    roles: { ...complete, date },
    wide: [],
    dateFormat: format,
    dateUndecided: undecided,
    symbol: long ? null : (context.hints.symbol ?? symbolOfFileName(context.fileName)),
    stripSuffix: vendor === 'stooq-bulk',
  };
}

/** The mapping by hand over what was recognized. Errors: INVALID_CONFIG for a column that is not there. */
function mappedRoles(
  columns: readonly string[],
  mapping: Partial<Record<ColumnRole, string>>,
  base: ColumnIndex = {},
): ColumnIndex {
  const roles: ColumnIndex = { ...base };
  for (const role of COLUMN_ROLES) {
    const name = mapping[role];
    if (name === undefined) continue;
    const exact = columns.indexOf(name);
    const column = exact >= 0 ? exact : columns.findIndex((candidate) => plainName(candidate) === plainName(name));
    if (column < 0) {
      throw new AppError(
        'INVALID_CONFIG',
        `Expected a column named "${name}" for ${role}, found ${columns.slice(0, 20).join(', ')}. Choose one of these.`,
        { data: { role, columns: columns.slice(0, 200) } },
      );
    }
    for (const other of COLUMN_ROLES) if (other !== role && roles[other] === column) delete roles[other];
    roles[role] = column;
  }
  return roles;
}

function unknownLayout(context: Head, columns: readonly string[], missing: readonly string[]): AppError {
  return new AppError(
    'INVALID_DATA',
    `Expected a price table with a date and a close column, found the columns ${columns.slice(0, 12).join(', ')} in ${context.fileName}. ` +
      `Say which column holds: ${missing.join(', ')}.`,
    { data: { columns: columns.slice(0, 200), missing } },
  );
}
