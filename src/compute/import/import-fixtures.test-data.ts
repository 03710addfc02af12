/** Small price tables for the tests of the import, written to a folder that a test file makes and removes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { AppError } from '#base/errors';
import { importPrices } from './import-prices';
import type { ImportedPrices, ImportOptions } from './import-types';

/** Folder of this test process. */
export const folder = mkdtempSync(join(tmpdir(), 'sextant-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
export function write(content: string | Uint8Array, name = 'prices.csv'): string {
  const own = join(folder, String(serial++));
  mkdirSync(own);
  const path = join(own, name);
  writeFileSync(path, content);
  return path;
}

export const DAYS = Array.from({ length: 28 }, (_, i) => `2024-02-${String(i + 1).padStart(2, '0')}`).filter((day) => {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
});
export const HEADER = 'date,open,high,low,close,volume,ticker';
export const bar = (day: string, ticker: string, close = 100) =>
  `${day},${close},${close + 1},${close - 1},${close + 0.5},1000,${ticker}`;
/** A clean table of two tickers. */
export const ROWS = DAYS.flatMap((day, i) => [bar(day, 'AAA', 100 + i), bar(day, 'BBB', 50 + i)]);
export const table = (rows: readonly string[]) => `${HEADER}\n${rows.join('\n')}\n`;
export const imported = (content: string | Uint8Array, options: ImportOptions = {}, name = 'prices.csv') =>
  importPrices({ prices: [write(content, name)] }, options);

export async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`Expected an AppError, found ${String(error)}`);
  return error;
}

export const refused = (content: string | Uint8Array, options: ImportOptions = {}, name = 'prices.csv') =>
  refusal(imported(content, options, name));
export const findings = (result: ImportedPrices) =>
  Object.fromEntries(result.quality.findings.map(({ kind, count }) => [kind, count]));
