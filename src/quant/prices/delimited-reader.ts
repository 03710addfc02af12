/**
 * Cuts delimited text (RFC 4180 and its relatives) into records without making strings: bytes go in by chunks of any size, each record
 * comes out as field offsets into the current buffer. Line numbers are those of the file, counted from 1. Quotes may be doubled inside
 * a quoted field; a quote that is still open at the end of its line is reported and the next line starts afresh, so one lost quote
 * cannot swallow the rest of a file.
 */
import { AppError } from '#base/errors';

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/** Bytes of one record, terminator included; a wide table of 5,000 columns needs about 100 KB. */
const LONGEST_RECORD = 1 << 20;

export interface DelimitedOptions {
  /** One ASCII character. */
  readonly delimiter: string;
  /** Admits line ends inside quoted fields, as free text has them. Price files do not need it. */
  readonly multiline?: boolean;
  /** More fields than this in one record are an error. */
  readonly maxFields: number;
}

const decoder = new TextDecoder();

export class DelimitedReader {
  /** Valid during `onRecord` only: the buffer and the fields [starts[i], ends[i]), i < fields, quotes removed. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  fields = 0;
  /** Line on which the record starts. */
  line = 0;
  /** The record as a whole, terminator excluded. */
  recordStart = 0;
  recordEnd = 0;
  /** A quote is not closed on its line, or text follows a closed one. */
  badQuote = false;
  /** True when the record was ended by the end of the file, not by a line end. */
  endedByFile = false;
  /** Bytes handed out so far. */
  bytesRead = 0;

  readonly #delimiter: number;
  readonly #multiline: boolean;
  readonly #maxFields: number;
  readonly #onRecord: (reader: DelimitedReader) => void;
  #rest: Uint8Array | null = null;
  #nextLine = 1;
  #first = true;

  constructor(options: DelimitedOptions, onRecord: (reader: DelimitedReader) => void) {
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#multiline = options.multiline ?? false;
    this.#maxFields = options.maxFields;
    this.#onRecord = onRecord;
    this.starts = new Int32Array(options.maxFields + 1);
    this.ends = new Int32Array(options.maxFields + 1);
  }

  /** Feeds the next bytes of the file. Errors: TOO_LARGE for a record or a number of fields over the limit. */
  write(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest !== null) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const used = this.#consume(bytes, false);
    this.#rest = used < bytes.length ? bytes.slice(used) : null;
    if (this.#rest !== null && this.#rest.length > LONGEST_RECORD) throw recordTooLong(this.#nextLine);
  }

  /** Hands out what is left after the last line end. */
  end(): void {
    const bytes = this.#rest ?? new Uint8Array(0);
    this.#rest = null;
    this.#consume(bytes, true);
  }

  /** Text of field `i`, trimmed, doubled quotes undone. */
  text(i: number): string {
    const raw = decoder.decode(this.bytes.subarray(this.starts[i], this.ends[i])).trim();
    return raw.includes('""') ? raw.replaceAll('""', '"') : raw;
  }

  /** The record as written, for messages; cut to 500 characters. */
  recordText(): string {
    return decoder.decode(this.bytes.subarray(this.recordStart, Math.min(this.recordEnd, this.recordStart + 500)));
  }

  #consume(bytes: Uint8Array, last: boolean): number {
    this.bytes = bytes;
    let at = 0;
    if (this.#first && bytes.length >= 3) {
      this.#first = false;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    while (at < bytes.length) {
      const next = this.#record(bytes, at, last);
      if (next < 0) break;
      this.bytesRead += next - at;
      at = next;
    }
    return at;
  }

  /** Cuts one record and hands it out. Returns where the next one starts, or −1 when the buffer ends before the record does. */
  #record(bytes: Uint8Array, start: number, last: boolean): number {
    const length = bytes.length;
    const delimiter = this.#delimiter;
    let fields = 0;
    let lines = 1;
    let at = start;
    this.badQuote = false;
    for (;;) {
      let fieldStart = at;
      let fieldEnd: number;
      if (bytes[at] === QUOTE && at < length) {
        fieldStart = at + 1;
        const close = this.#closingQuote(bytes, fieldStart);
        if (close < 0) {
          if (!last && this.#lineEnd(bytes, at) < 0) return -1;
          if (!last && this.#multiline) return -1;
          this.badQuote = true;
          const lineEnd = this.#lineEnd(bytes, at);
          at = lineEnd < 0 ? length : lineEnd;
          fieldEnd = at;
        } else {
          if (this.#multiline) lines += countLines(bytes, fieldStart, close);
          fieldEnd = close;
          at = close + 1;
          for (; at < length && bytes[at] !== delimiter && bytes[at] !== LF; at++) {
            if (bytes[at] !== SPACE && bytes[at] !== CR) this.badQuote = true;
          }
        }
      } else {
        let byte = at < length ? bytes[at] : LF;
        while (byte !== delimiter && byte !== LF) byte = ++at < length ? bytes[at] : LF;
        fieldEnd = at > fieldStart && at < length && bytes[at] === LF && bytes[at - 1] === CR ? at - 1 : at;
      }
      if (at >= length && !last) return -1;
      if (fields > this.#maxFields) throw tooManyFields(this.#maxFields, this.#nextLine);
      this.starts[fields] = fieldStart;
      this.ends[fields] = fieldEnd;
      fields++;
      if (at >= length || bytes[at] === LF) break;
      at++;
    }
    this.#emit(start, at, fields, lines, at >= length);
    return Math.min(at + 1, length);
  }

  #emit(start: number, end: number, fields: number, lines: number, endedByFile: boolean): void {
    this.line = this.#nextLine;
    this.#nextLine += lines;
    const trimmed = end > start && this.bytes[end - 1] === CR ? end - 1 : end;
    if (endedByFile && fields > 0 && this.ends[fields - 1] > trimmed) this.ends[fields - 1] = trimmed;
    if (trimmed === start) return;
    this.recordStart = start;
    this.recordEnd = trimmed;
    this.endedByFile = endedByFile;
    this.fields = fields;
    this.#onRecord(this);
  }

  /** Position of the quote that closes a field, or −1 when the line (or, with `multiline`, the buffer) ends first. */
  #closingQuote(bytes: Uint8Array, from: number): number {
    for (let i = from; i < bytes.length; i++) {
      if (bytes[i] === QUOTE) {
        if (bytes[i + 1] !== QUOTE) return i;
        i++;
      } else if (bytes[i] === LF && !this.#multiline) return -1;
    }
    return -1;
  }

  #lineEnd(bytes: Uint8Array, from: number): number {
    return bytes.indexOf(LF, from);
  }
}

function countLines(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let i = start; i < end; i++) if (bytes[i] === LF) lines++;
  return lines;
}

function recordTooLong(line: number): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected lines of at most ${LONGEST_RECORD} bytes, found a longer one at line ${line}. Check that this is a text table with line ends.`,
    { data: { line, limit: LONGEST_RECORD } },
  );
}

function tooManyFields(limit: number, line: number): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected at most ${limit} columns, found more at line ${line}. Split the table or keep only the columns that are needed.`,
    { data: { line, limit } },
  );
}

/** All records of a small text as trimmed strings, with their lines. */
export function readRecords(
  bytes: Uint8Array,
  options: DelimitedOptions,
): { readonly line: number; readonly cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = [];
  const reader = new DelimitedReader(options, (record) => {
    records.push({ line: record.line, cells: Array.from({ length: record.fields }, (_, i) => record.text(i)) });
  });
  reader.write(bytes);
  reader.end();
  return records;
}
