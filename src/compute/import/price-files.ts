/** Reads all price files of a source, in order, into one set of price rows, and refuses the source when too many of its rows are bad. */
import { AppError } from '#base/errors';
import { formatIsoDay } from '#quant/calendar/iso-day';
import { ByteInterner } from '#quant/prices/byte-interner';
import { COLUMN_ROLES, type ColumnRole } from '#quant/prices/column-roles';
import {
  DelimitedPriceReader,
  type CellNote,
  type ReadPolicy,
  type RowReject,
} from '#quant/prices/delimited-price-reader';
import { detectJson, parseJson, readJsonPrices, vendorMessage } from '#quant/prices/json-prices';
import { detectLayout, type DelimitedPlan } from '#quant/prices/layouts';
import { PriceRows } from '#quant/prices/price-rows';
import type { PersonalColumn } from '#quant/prices/personal-data';
import { readWhole, streamFile } from './file-stream';
import {
  REJECTS_KEPT,
  type ImportContext,
  type ImportLimits,
  type ImportOptions,
  type ImportReject,
} from './import-types';
import { layoutHints, optionalDay } from './layout-hints';
import { PersonalDataFilter } from './personal-data-filter';
import { readParquet, withParquet } from './parquet-file';
import type { FoundFile } from './source-files';

/** JSON must be held whole to be parsed. */
const MOST_JSON_BYTES = 256 << 20;
const EMIT_MS = 100;
/** Samples kept of each kind of cell note. */
const NOTES_KEPT = 20;

interface NoteTally {
  count: number;
  readonly samples: CellNote[];
}

interface Rejects {
  readonly count: number;
  /** At most REJECTS_KEPT. */
  readonly kept: readonly ImportReject[];
  readonly byReason: ReadonlyMap<string, { count: number; samples: { date: string; note: string }[] }>;
}

export interface PricesRead {
  readonly rows: PriceRows;
  /** By the file indices of `rows`. */
  readonly fileNames: readonly string[];
  readonly layouts: readonly string[];
  readonly dateFormats: readonly string[];
  /** Files whose dates could be MM/DD or DD/MM. */
  readonly undecidedDates: readonly string[];
  /** Of the first file. */
  readonly mapping: Partial<Record<ColumnRole, string>>;
  readonly rejects: Rejects;
  readonly notes: ReadonlyMap<CellNote['kind'], NoteTally>;
  readonly outsideSpan: number;
  /** Rows that held no value at all. */
  readonly emptyRecords: number;
  readonly personalColumns: readonly (PersonalColumn & { readonly file: string })[];
  /** By path. */
  readonly sha256: ReadonlyMap<string, string>;
}

interface FileResult {
  readonly layout: string;
  readonly dateFormat: string;
  readonly undecided: boolean;
  readonly mapping: Partial<Record<ColumnRole, string>>;
  readonly records: number;
  readonly badShare: number;
  readonly outsideSpan: number;
  readonly emptyRecords: number;
  readonly sha256: string;
}

/** Errors: as `importPrices`. */
export async function readPriceFiles(
  files: readonly FoundFile[],
  options: ImportOptions,
  limits: ImportLimits,
  context: ImportContext,
): Promise<PricesRead> {
  const priceFiles = files.filter(({ role }) => role === 'prices');
  if (priceFiles.length === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      'Expected at least one price file, found none. Name a file with dates, tickers and closes.',
    );
  }
  const reading = new Reading(priceFiles, options, limits, context);
  for (const file of priceFiles) await reading.read(file);
  return reading.finish();
}

class Reading {
  readonly #rows: PriceRows;
  readonly #policy: ReadPolicy;
  readonly #kept: ImportReject[] = [];
  readonly #byReason = new Map<string, { count: number; samples: { date: string; note: string }[] }>();
  readonly #notes = new Map<CellNote['kind'], NoteTally>();
  readonly #results: FileResult[] = [];
  readonly #expected: number;
  readonly #personal: PersonalDataFilter;
  #rejected = 0;
  #emitted = -Infinity;
  #file = '';

  constructor(
    private readonly files: readonly FoundFile[],
    private readonly options: ImportOptions,
    private readonly limits: ImportLimits,
    private readonly context: ImportContext,
  ) {
    this.#expected = files.reduce((sum, file) => sum + expectedRows(file), 0);
    this.#personal = new PersonalDataFilter(options.personalData ?? 'remove');
    this.#rows = new PriceRows(new ByteInterner(limits.tickers), this.#expected * 1.05, limits.rows);
    this.#policy = {
      keepBadCells: false,
      keepZeroCells: true,
      today: optionalDay(options.today),
      from: optionalDay(options.from),
      to: optionalDay(options.to),
      onReject: (reject) => this.#onReject(reject),
      onCell: (note) => this.#onCell(note),
    };
  }

  async read(file: FoundFile): Promise<void> {
    this.#file = file.name;
    this.#personal.forget();
    this.#rows.startFile();
    this.#emit(file.name);
    if (file.format === 'parquet') this.#results.push(await this.#parquet(file));
    else if (file.format === 'json') this.#results.push(await this.#json(file));
    else this.#results.push(await this.#text(file));
  }

  finish(): PricesRead {
    this.#refuseBad();
    const rows = this.#rows;
    if (rows.length === 0) throw this.#noRows();
    return {
      rows,
      fileNames: this.files.map(({ name }) => name),
      layouts: this.#results.map(({ layout }) => layout),
      dateFormats: this.#results.map(({ dateFormat }) => dateFormat),
      undecidedDates: this.files.filter((_, i) => this.#results[i].undecided).map(({ name }) => name),
      mapping: this.#results[0].mapping,
      rejects: { count: this.#rejected, kept: this.#kept, byReason: this.#byReason },
      notes: this.#notes,
      outsideSpan: this.#results.reduce((sum, result) => sum + result.outsideSpan, 0),
      emptyRecords: this.#results.reduce((sum, result) => sum + result.emptyRecords, 0),
      personalColumns: this.#personal.found,
      sha256: new Map(this.files.map(({ path }, i) => [path, this.#results[i].sha256])),
    };
  }

  /** At most ten times a second: every event is stored by the host. */
  #emit(detail: string): void {
    const now = performance.now();
    if (now - this.#emitted < EMIT_MS) return;
    this.#emitted = now;
    this.context.emit?.({
      stage: 'reading',
      detail,
      step: this.#rows.length,
      of: Math.max(this.#rows.length, Math.round(this.#expected)),
    });
  }

  async #text(file: FoundFile): Promise<FileResult> {
    const plan = detectLayout(file.head, file.name, layoutHints(this.options, this.limits));
    this.#personal.look(plan, file);
    const reader = new DelimitedPriceReader(plan, this.#rows, this.#policy);
    const stream = streamFile(file, this.limits, this.context.signal);
    for await (const chunk of stream.chunks) {
      reader.write(chunk);
      this.#refuseHopeless(file, reader);
      this.#emit(file.name);
    }
    reader.end();
    return {
      layout: plan.layout,
      dateFormat: reader.dates.effectiveFormat,
      undecided: reader.dates.undecided,
      mapping: namedMapping(plan),
      records: reader.records,
      badShare: reader.badShare,
      outsideSpan: reader.outsideSpan,
      emptyRecords: reader.emptyRecords,
      sha256: stream.sha256(),
    };
  }

  /** A file of nothing but bad rows is not read to its end. */
  #refuseHopeless(file: FoundFile, reader: DelimitedPriceReader): void {
    if (reader.records > 200_000 && reader.badShare > 0.9)
      throw this.#tooManyBad(file.name, reader.badShare, reader.records);
  }

  async #json(file: FoundFile): Promise<FileResult> {
    const { bytes, sha256 } = await readWhole(file, this.limits, this.context.signal, MOST_JSON_BYTES);
    const document = parseJson(new TextDecoder().decode(bytes));
    const message = vendorMessage(document);
    if (message !== null)
      throw new AppError('INVALID_DATA', `Expected prices in ${file.name}, found the vendor's message: ${message}`);
    const prices = detectJson(document, file.name);
    const sink = readJsonPrices(prices, this.#rows, this.#policy);
    return {
      layout: prices.layout,
      dateFormat: 'YYYY-MM-DD',
      undecided: false,
      mapping: {},
      records: sink.records,
      badShare: sink.badShare,
      outsideSpan: sink.outsideSpan,
      emptyRecords: sink.emptyRecords,
      sha256,
    };
  }

  async #parquet(file: FoundFile): Promise<FileResult> {
    const stream = streamFile(file, this.limits, this.context.signal);
    for await (const chunk of stream.chunks) if (chunk.length > 0) this.#emit(file.name);
    const hints = layoutHints(this.options, this.limits);
    return withParquet(file, this.limits, hints, async (shape, connection) => {
      const sink = await readParquet(file, shape, connection, {
        rows: this.#rows,
        policy: this.#policy,
        signal: this.context.signal,
        onChunk: () => this.#emit(file.name),
      });
      return {
        layout: `parquet ${shape.plan.layout}`,
        dateFormat: shape.plan.dateFormat,
        undecided: shape.plan.dateUndecided,
        mapping: namedMapping(shape.plan),
        records: sink.records,
        badShare: sink.badShare,
        outsideSpan: sink.outsideSpan,
        emptyRecords: sink.emptyRecords,
        sha256: stream.sha256(),
      };
    });
  }

  #onReject({ line, day, column, reason, text: found }: RowReject): void {
    this.#rejected++;
    const text = this.#personal.clean(found);
    if (this.#kept.length < REJECTS_KEPT) this.#kept.push({ file: this.#file, line, column, reason, text });
    const tally = this.#byReason.get(reason) ?? { count: 0, samples: [] };
    tally.count++;
    if (tally.samples.length < NOTES_KEPT) {
      tally.samples.push({
        date: day === null ? '' : formatIsoDay(day),
        note: `${this.#file}:${line} ${text.slice(0, 120)}`,
      });
    }
    this.#byReason.set(reason, tally);
  }

  #onCell(note: CellNote): void {
    const tally = this.#notes.get(note.kind) ?? { count: 0, samples: [] };
    tally.count++;
    if (tally.samples.length < NOTES_KEPT) tally.samples.push(note);
    this.#notes.set(note.kind, tally);
  }

  #refuseBad(): void {
    const allowed = this.options.maxBadShare ?? 0.01;
    this.#results.forEach((result, i) => {
      if (result.badShare > allowed) throw this.#tooManyBad(this.files[i].name, result.badShare, result.records);
    });
  }

  #tooManyBad(file: string, share: number, records: number): AppError {
    const reasons = [...this.#byReason].map(([reason, { count }]) => `${reason} ${count}`).join(', ');
    const first = this.#kept.find((reject) => reject.file === file);
    const where = first
      ? ` First: line ${first.line}, column ${first.column ?? '?'}, ${first.reason}: ${first.text.slice(0, 120)}.`
      : '';
    return new AppError(
      'INVALID_DATA',
      `Expected at most ${percent(this.options.maxBadShare ?? 0.01)} bad rows in ${file}, found ${percent(share)} of ${records} (${reasons}).${where} ` +
        'Correct the file, map its columns, or allow a larger share.',
      {
        data: {
          file,
          records,
          badShare: share,
          rejectedRows: this.#rejected,
          reasons: Object.fromEntries([...this.#byReason].map(([reason, { count }]) => [reason, count])),
          rejects: this.#kept.slice(0, 100),
        },
      },
    );
  }

  #noRows(): AppError {
    const outside = this.#results.reduce((sum, result) => sum + result.outsideSpan, 0);
    if (outside > 0) {
      return new AppError(
        'NOT_ENOUGH_DATA',
        `Expected rows between ${this.options.from ?? 'the start'} and ${this.options.to ?? 'the end'}, found none; ${outside} rows lie outside. Change the span.`,
        { data: { outside } },
      );
    }
    const names = this.files.map(({ name }) => name).join(', ');
    return new AppError(
      'NOT_ENOUGH_DATA',
      `Expected price rows in ${names}, found a header and no rows. Download the file again.`,
    );
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Rows that a file probably has, by its size and the length of its first lines. */
function expectedRows(file: FoundFile): number {
  if (file.format !== 'text') return file.bytes / 20;
  let lines = 0;
  for (const byte of file.head) if (byte === 10) lines++;
  const perLine = lines > 0 ? file.head.length / lines : 60;
  return (file.bytes * (file.gzip ? 4 : 1)) / perLine;
}

function namedMapping(plan: DelimitedPlan): Partial<Record<ColumnRole, string>> {
  const mapping: Partial<Record<ColumnRole, string>> = {};
  for (const role of COLUMN_ROLES) {
    const column = plan.roles[role];
    if (column !== undefined) mapping[role] = plan.columns[column];
  }
  return mapping;
}
