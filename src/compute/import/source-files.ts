/**
 * Finds the files of a source on disk: named files and the files of named folders, what each one contains (magic bytes, not names) and
 * which role it plays. Links inside folders are not followed.
 */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AppError } from '#base/errors';
import { fileRole, type FileRole } from '#quant/prices/companion-files';
import { contentKind, SNIFF_BYTES, type ContentKind } from '#quant/prices/dialect';
import type { ImportLimits, ImportSource } from './import-types';

export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly format: 'text' | 'json' | 'parquet';
  readonly gzip: boolean;
  readonly role: FileRole;
  /** First bytes, decompressed. Empty for Parquet. */
  readonly head: Uint8Array;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Files of folders that are no tables, with the reason. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
}

/** Finds and classifies. Errors: NOT_FOUND, IO (no permission), NOT_ENOUGH_DATA (empty folder or file), INVALID_DATA (no table). */
export async function findSourceFiles(source: ImportSource, limits: ImportLimits): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const ignored: { name: string; reason: string }[] = [];
  for (const path of source.prices) {
    const info = await describe(path);
    if (!info.isDirectory()) {
      const file = await inspect(path, limits);
      files.push(source.prices.length === 1 ? { ...file, role: file.role === 'index' ? 'prices' : file.role } : file);
      continue;
    }
    const names = await folderFiles(path, limits);
    for (const name of names) {
      try {
        files.push(await inspect(join(path, name), limits));
      } catch (error) {
        if (!(error instanceof AppError) || error.code === 'IO') throw error;
        ignored.push({ name, reason: error.message });
      }
    }
  }
  for (const role of ['companies', 'index', 'membership'] as const) {
    const path = source[role];
    if (path !== undefined) files.push({ ...(await inspect(path, limits)), role });
  }
  return { files: unique(files), ignored };
}

/** A file that was found in a folder and named as a companion is the companion. */
function unique(files: readonly FoundFile[]): FoundFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

async function describe(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw fileError(path, error);
  }
}

async function folderFiles(path: string, limits: ImportLimits): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw fileError(path, error);
  }
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map((entry) => entry.name);
  if (names.length === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected price files in the folder ${path}, found none. Name a file, or a folder with files.`,
    );
  }
  if (names.length > limits.files) {
    throw new AppError('TOO_LARGE', `Expected at most ${limits.files} files in ${path}, found ${names.length}.`, {
      data: { files: names.length, limit: limits.files },
    });
  }
  return names.sort();
}

/** The system's error in the product's words. */
export function fileError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('NOT_FOUND', `Expected a file at ${path}, found nothing. Check the path.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError(
      'IO',
      `Expected to read ${path}, found no permission. Change the file's permissions or copy it.`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('IO', `Expected to read ${path}, found: ${reason}.`, { cause: error });
}

async function inspect(path: string, limits: ImportLimits): Promise<FoundFile> {
  const name = basename(path);
  const info = await describe(path);
  if (!info.isFile())
    throw new AppError('INVALID_DATA', `Expected a file at ${path}, found something else. Name a regular file.`);
  if (info.size === 0)
    throw new AppError('NOT_ENOUGH_DATA', `Expected prices in ${name}, found an empty file. Download it again.`);
  const raw = await firstBytes(path, info.size);
  const magic = magicOf(raw);
  if (magic === 'archive')
    throw new AppError(
      'INVALID_DATA',
      `Expected a table in ${name}, found an archive or workbook. Unpack it, or save it as CSV.`,
    );
  if (magic !== 'gzip' && info.size > limits.fileBytes) throw tooLarge(name, info.size, limits.fileBytes);
  if (magic === 'parquet')
    return { path, name, bytes: info.size, format: 'parquet', gzip: false, role: 'prices', head: new Uint8Array(0) };
  const head = magic === 'gzip' ? await gunzipHead(name, raw) : raw;
  const kind = contentKind(head);
  if (kind !== 'delimited' && kind !== 'json') throw noTable(name, kind);
  const format = kind === 'json' ? 'json' : 'text';
  return {
    path,
    name,
    bytes: info.size,
    format,
    gzip: magic === 'gzip',
    role: format === 'text' ? fileRole(head) : 'prices',
    head,
  };
}

export function tooLarge(name: string, bytes: number, limit: number): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected at most ${limit} bytes in ${name}, found ${bytes}. Split the file, or raise the limit on purpose.`,
    { data: { bytes, limit } },
  );
}

function noTable(name: string, kind: ContentKind): AppError {
  const found: Readonly<Record<string, string>> = {
    empty: 'only blanks',
    markup: 'a web page (an error page saved as a file?)',
    binary: 'binary data',
    'not-tabular': 'text without columns',
  };
  const code = kind === 'empty' ? 'NOT_ENOUGH_DATA' : 'INVALID_DATA';
  return new AppError(code, `Expected a price table in ${name}, found ${found[kind] ?? kind}. Check the download.`, {
    data: { kind },
  });
}

async function firstBytes(path: string, size: number): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY);
    const buffer = new Uint8Array(Math.min(size, SNIFF_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await handle?.close();
  }
}

function magicOf(bytes: Uint8Array): 'gzip' | 'parquet' | 'archive' | 'plain' {
  const starts = (...values: number[]) => values.every((value, i) => bytes[i] === value);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0x50, 0x41, 0x52, 0x31)) return 'parquet';
  const isArchive =
    starts(0x50, 0x4b, 3, 4) || starts(0x28, 0xb5, 0x2f, 0xfd) || starts(0xfd, 0x37, 0x7a) || starts(0x42, 0x5a, 0x68);
  return isArchive ? 'archive' : 'plain';
}

/** The first decompressed bytes; stops as soon as there are enough. */
async function gunzipHead(name: string, raw: Uint8Array): Promise<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: SNIFF_BYTES });
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    gunzip.end(raw);
    for await (const part of gunzip) {
      // A zlib stream without an encoding hands out buffers.
      const bytes = part as Uint8Array;
      parts.push(bytes);
      length += bytes.length;
      if (length >= SNIFF_BYTES) break;
    }
  } catch (error) {
    // The sample is cut off, so its end is missing by design; what came out before counts.
    if (length === 0)
      throw new AppError('INVALID_DATA', `Expected gzip data in ${name}, found damaged data. Download it again.`, {
        cause: error,
      });
  }
  return Buffer.concat(parts).subarray(0, SNIFF_BYTES);
}
