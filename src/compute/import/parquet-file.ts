/**
 * Reads Parquet through DuckDB, in memory, with the named file as the only thing it can reach: no extensions, no network, no spill files.
 * Sizes that the file claims are checked before a row is read. Rows come in chunks of columns and go through the same rules as text.
 */
import { DuckDBInstance, type DuckDBConnection, type DuckDBDataChunk } from '@duckdb/node-api';
import { open } from 'node:fs/promises';
import { throwIfCancelled } from '#base/async';
import { AppError } from '#base/errors';
import { BarSink, NOT_A_NUMBER } from '#quant/prices/bar-sink';
import { BAD_DAY, DateReader } from '#quant/prices/date-reader';
import type { ReadPolicy } from '#quant/prices/delimited-price-reader';
import { detectLayout, type DelimitedPlan, type LayoutHints } from '#quant/prices/layouts';
import { CELL, NumberReader } from '#quant/prices/number-reader';
import { ROW_FIELDS, type PriceRows, type RowField } from '#quant/prices/price-rows';
import type { ImportLimits } from './import-types';
import { fileError, type FoundFile } from './source-files';

const MEMORY_LIMIT = '512MB';
const SAMPLE_ROWS = 60;

interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

export interface ParquetShape {
  readonly plan: DelimitedPlan;
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** First rows as text. */
  readonly sample: readonly (readonly (string | null)[])[];
}

/** Opens the file for `use`, and closes everything afterwards. Errors: INVALID_DATA (damaged), TOO_LARGE, IO. */
export async function withParquet<Result>(
  file: FoundFile,
  limits: ImportLimits,
  hints: LayoutHints,
  use: (shape: ParquetShape, connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  await checkMagic(file);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: '2',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run(`SET temp_directory = ''`);
    await connection.run(`SET allowed_paths = [${quoted(file.path)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return await use(await shapeOf(connection, file, limits, hints), connection);
  } catch (error) {
    throw parquetError(file, error);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function parquetError(file: FoundFile, error: unknown): Error {
  if (error instanceof AppError || !(error instanceof Error))
    return error instanceof Error ? error : new Error(String(error));
  return new AppError(
    'INVALID_DATA',
    `Expected a complete Parquet file in ${file.name}, found: ${error.message.split('\n')[0]}. Write it again.`,
    {
      cause: error,
    },
  );
}

/** A complete Parquet file ends as it begins. */
async function checkMagic(file: FoundFile): Promise<void> {
  let handle;
  try {
    handle = await open(file.path);
    const tail = new Uint8Array(4);
    await handle.read(tail, 0, 4, Math.max(0, file.bytes - 4));
    if (new TextDecoder().decode(tail) !== 'PAR1') {
      throw new AppError(
        'INVALID_DATA',
        `Expected a complete Parquet file in ${file.name}, found one without its end. Copy or download it again.`,
      );
    }
  } catch (error) {
    throw fileError(file.path, error);
  } finally {
    await handle?.close();
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const tableOf = (file: FoundFile) => `read_parquet(${quoted(file.path)})`;

async function shapeOf(
  connection: DuckDBConnection,
  file: FoundFile,
  limits: ImportLimits,
  hints: LayoutHints,
): Promise<ParquetShape> {
  const meta = await connection.runAndReadAll(
    `SELECT (SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${quoted(file.path)})),
            (SELECT coalesce(sum(total_uncompressed_size), 0)::DOUBLE FROM parquet_metadata(${quoted(file.path)}))`,
  );
  const [rows, bytes] = meta.getRows()[0].map(Number);
  checkClaims(file, rows, bytes, limits);
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${tableOf(file)}`);
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  const expressions = columns.map(({ name, type }) => `${asText(type, identifier(name))} AS ${identifier(name)}`);
  const first = await connection.runAndReadAll(
    `SELECT ${expressions.join(', ')} FROM ${tableOf(file)} LIMIT ${SAMPLE_ROWS}`,
  );
  const sample = first.getRows().map((row) => row.map((cell) => (cell === null ? null : String(cell))));
  const plan = detectLayout(new TextEncoder().encode(tableText(columns, sample)), file.name, {
    ...hints,
    delimiter: '\t',
    decimal: '.',
    maxColumns: limits.columns,
  });
  return { plan, columns, rows, sample };
}

function checkClaims(file: FoundFile, rows: number, bytes: number, limits: ImportLimits): void {
  if (rows > limits.rows) {
    throw new AppError('TOO_LARGE', `Expected at most ${limits.rows} rows in ${file.name}, found ${rows}.`, {
      data: { rows, limit: limits.rows },
    });
  }
  if (bytes > limits.fileBytes || bytes > Math.max(64 << 20, limits.compressionRatio * file.bytes)) {
    throw new AppError(
      'TOO_LARGE',
      `Expected a plausible Parquet file in ${file.name}, found one of ${file.bytes} bytes that claims ${bytes}.`,
      {
        data: { bytes, fileBytes: file.bytes, limit: limits.fileBytes },
      },
    );
  }
}

/** Dates as ISO text, everything else as DuckDB writes it. */
function asText(type: string, column: string): string {
  return type.startsWith('TIMESTAMP') ? `strftime(${column}::DATE, '%Y-%m-%d')` : `${column}::VARCHAR`;
}

/** The sample as tab separated text, so that one detector serves all formats. */
function tableText(columns: readonly ParquetColumn[], sample: readonly (readonly (string | null)[])[]): string {
  const clean = (cell: string | null) => (cell ?? '').replace(/[\t\r\n"]/g, ' ');
  const rename = (name: string) => (/^__index_level_\d+__$/.test(name) ? 'index' : name);
  return [columns.map(({ name }) => clean(rename(name))), ...sample.map((row) => row.map(clean))]
    .map((cells) => cells.join('\t'))
    .join('\n');
}

interface Target {
  readonly column: number;
  readonly field: RowField;
  /** Ticker of a wide column. */
  readonly symbol: number;
}

export interface ParquetTarget {
  readonly rows: PriceRows;
  readonly policy: ReadPolicy;
  readonly signal: AbortSignal | undefined;
  /** Called after every chunk. */
  readonly onChunk: () => void;
}

/** Reads all rows. */
export async function readParquet(
  file: FoundFile,
  { plan, columns }: ParquetShape,
  connection: DuckDBConnection,
  { rows, policy, signal, onChunk }: ParquetTarget,
): Promise<BarSink> {
  const targets = targetsOf(plan, rows);
  const wide = plan.shape === 'wide';
  const fields = wide ? [...new Set(targets.map(({ field }) => field))] : targets.map(({ field }) => field);
  const sink = new BarSink(rows, fields, policy);
  const isText = targets.map(({ column }) => columns[column].type === 'VARCHAR');
  const select = [
    `${asText(columns[plan.roles.date].type, identifier(columns[plan.roles.date].name))}`,
    plan.roles.symbol === undefined ? `NULL::VARCHAR` : `${identifier(columns[plan.roles.symbol].name)}::VARCHAR`,
    ...targets.map(({ column }, k) =>
      isText[k] ? identifier(columns[column].name) : `${identifier(columns[column].name)}::DOUBLE`,
    ),
  ];
  const result = await connection.stream(`SELECT ${select.join(', ')} FROM ${tableOf(file)}`);
  const reader = new ChunkReader(plan, targets, fields, rows, sink);
  for (;;) {
    throwIfCancelled(signal);
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    reader.read(chunk);
    onChunk();
  }
  return sink;
}

function targetsOf(plan: DelimitedPlan, rows: PriceRows): Target[] {
  if (plan.shape === 'wide') {
    return plan.wide.map(({ column, symbol, field }) => ({ column, field, symbol: rows.symbols.internText(symbol) }));
  }
  const symbol = plan.symbol === null ? -1 : rows.symbols.internText(plan.symbol);
  return ROW_FIELDS.flatMap((field) => {
    const column = plan.roles[field];
    return column === undefined ? [] : [{ column, field, symbol }];
  });
}

/** Turns chunks of columns into bars. */
class ChunkReader {
  readonly #dates: DateReader;
  readonly #numbers = new NumberReader('.');

  constructor(
    private readonly plan: DelimitedPlan,
    private readonly targets: readonly Target[],
    private readonly fields: readonly RowField[],
    private readonly rows: PriceRows,
    private readonly sink: BarSink,
  ) {
    this.#dates = new DateReader(plan.dateFormat);
  }

  read(chunk: DuckDBDataChunk): void {
    const dates = chunk.getColumnValues(0);
    const symbols = chunk.getColumnValues(1);
    const cells = this.targets.map((_, k) => chunk.getColumnValues(k + 2));
    for (let i = 0; i < chunk.rowCount; i++) {
      this.sink.records++;
      const line = this.sink.records;
      const describe = () =>
        [dates[i], symbols[i], ...cells.map((column) => column[i])].map((cell) => String(cell ?? '')).join(',');
      const day = dates[i] === null ? BAD_DAY : this.#dates.readText(String(dates[i]));
      if (day === BAD_DAY) {
        this.sink.reject(line, null, 'bad_date', 'date', describe);
        continue;
      }
      const values = cells.map((column) => this.#value(column[i]));
      if (this.plan.shape === 'wide') this.#wide(line, day, values, describe);
      else this.#long(line, day, symbols[i], values, describe);
    }
  }

  #value(cell: unknown): number {
    if (cell === null || cell === undefined) return NaN;
    if (typeof cell === 'number') return cell === -Infinity ? Infinity : cell;
    const value = this.#numbers.readText(String(cell), true);
    if (this.#numbers.status === CELL.bad) return NOT_A_NUMBER;
    return this.#numbers.status === CELL.infinite ? Infinity : value;
  }

  #long(line: number, day: number, cell: unknown, values: readonly number[], describe: () => string): void {
    let symbol = this.targets[0].symbol;
    if (symbol < 0) {
      const text = String(cell ?? '').trim();
      if (text === '') return this.sink.reject(line, day, 'no_ticker', 'symbol', describe);
      symbol = this.rows.symbols.internText(text);
    }
    this.sink.add(line, day, symbol, values, describe);
  }

  /** One bar per ticker. */
  #wide(line: number, day: number, values: readonly number[], describe: () => string): void {
    const bars = new Map<number, number[]>();
    this.targets.forEach(({ symbol, field }, k) => {
      let bar = bars.get(symbol);
      if (!bar) bars.set(symbol, (bar = this.fields.map(() => NaN)));
      bar[this.fields.indexOf(field)] = values[k];
    });
    for (const [symbol, bar] of bars) this.sink.add(line, day, symbol, bar, describe);
  }
}
