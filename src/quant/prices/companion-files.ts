/**
 * The files that come beside prices: companies (sectors) and index levels. Recognized by their headers, read whole (they are small).
 */
import { AppError } from '#base/errors';
import { plainName, rolesOf } from './column-roles';
import { BAD_DAY, DateReader, sniffDateFormat } from './date-reader';
import { readRecords } from './delimited-reader';
import { cutLine, sampleLines, sniffDialect } from './dialect';
import { membershipColumns } from './membership';
import { CELL, NumberReader } from './number-reader';

/** What a delimited file is, as far as its header tells; `prices` is everything else. */
export type FileRole = 'prices' | 'companies' | 'index' | 'membership';

const SECTOR_NAMES = ['sector', 'gics sector', 'gics_sector', 'sector name'];
const INDEX_NAMES = ['s&p500', 's&p 500', 'sp500', 'sp 500', '^gspc', 'gspc', 'index', 'benchmark', 'level'];

/** Role of a file by its first lines. */
export function fileRole(head: Uint8Array): FileRole {
  const lines = sampleLines(head);
  if (lines.length === 0) return 'prices';
  const { delimiter } = sniffDialect(head);
  const header = cutLine(lines[0].replace(/^\uFEFF/, ''), delimiter);
  if (membershipColumns(header) !== null) return 'membership';
  const names = header.map(plainName);
  const roles = rolesOf(header);
  if (names.some((name) => SECTOR_NAMES.includes(name)) && roles.symbol !== undefined && roles.date === undefined)
    return 'companies';
  if (header.length === 2 && roles.date === 0 && INDEX_NAMES.includes(names[1])) return 'index';
  return 'prices';
}

/** Sector by ticker. Errors: INVALID_DATA when the ticker or sector column is missing. */
export function readSectors(bytes: Uint8Array, fileName: string): Map<string, string> {
  const [header, ...records] = readRecords(bytes, {
    delimiter: sniffDialect(bytes).delimiter,
    maxFields: 256,
    multiline: true,
  });
  const names = header?.cells.map(plainName) ?? [];
  const symbol = rolesOf(header?.cells ?? []).symbol;
  const sector = names.findIndex((name) => SECTOR_NAMES.includes(name));
  if (symbol === undefined || sector < 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected a ticker and a sector column in ${fileName}, found ${header?.cells.slice(0, 12).join(', ') || 'nothing'}.`,
    );
  }
  const sectors = new Map<string, string>();
  for (const { cells } of records) if (cells[symbol]) sectors.set(cells[symbol], cells[sector] ?? '');
  return sectors;
}

export interface IndexLevels {
  /** Column name. */
  readonly name: string;
  /** Level by day number. */
  readonly levels: ReadonlyMap<number, number>;
  /** Lines that could not be read. */
  readonly badLines: readonly number[];
}

/** Index levels: a date column and the close column, or else the first other one. Errors: INVALID_DATA when there is none. */
export function readIndexLevels(bytes: Uint8Array, fileName: string): IndexLevels {
  const dialect = sniffDialect(bytes);
  const [header, ...records] = readRecords(bytes, { delimiter: dialect.delimiter, maxFields: 64 });
  const cells = header?.cells ?? [];
  const roles = rolesOf(cells);
  const date = roles.date ?? 0;
  const value = roles.adjClose ?? roles.close ?? cells.findIndex((_, i) => i !== date);
  const sniffed = sniffDateFormat(records.slice(0, 2000).map((record) => record.cells[date] ?? ''));
  if (value < 0 || sniffed === null) {
    throw new AppError(
      'INVALID_DATA',
      `Expected dates and index levels in ${fileName}, found the columns ${cells.join(', ') || 'none'}.`,
    );
  }
  const dates = new DateReader(sniffed.format);
  const numbers = new NumberReader(dialect.decimal);
  const levels = new Map<number, number>();
  const badLines: number[] = [];
  for (const { line, cells: row } of records) {
    const day = dates.readText(row[date] ?? '');
    const level = numbers.readText(row[value] ?? '');
    if (numbers.status === CELL.empty || numbers.status === CELL.placeholder) continue;
    if (day === BAD_DAY || !(level > 0)) badLines.push(line);
    else levels.set(day, level);
  }
  return { name: cells[value], levels, badLines };
}
