/**
 * Import of the `sp500` sample market (1.89 M rows, 91 MB of CSV): the whole import, and its reading step against DuckDB's CSV reader
 * into typed arrays. The choice of our own reader for delimited text rests on this and on exact lines and columns of rejects.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { importPrices } from '#compute/import/import-prices';
import { DEFAULT_LIMITS } from '#compute/import/import-types';
import { readPriceFiles } from '#compute/import/price-files';
import { findSourceFiles } from '#compute/import/source-files';
import { generateMarket } from '#quant/market/market';
import { marketFiles } from '#quant/market/market-files';
import { bench } from './harness';

const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
for (const { name, chunks } of marketFiles(generateMarket('sp500', 1)))
  writeFileSync(join(folder, name), [...chunks()].join(''));
const stocks = join(folder, 'sample_stocks.csv');

/** Columns of every chunk as typed arrays, tickers as codes: what the reader of an import must deliver. */
async function readWithDuckDb(): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' });
  const connection = await instance.connect();
  const result = await connection.stream(
    `SELECT (date - DATE '1970-01-01')::INTEGER, open::DOUBLE, high::DOUBLE, low::DOUBLE, close::DOUBLE, volume::DOUBLE, Name
     FROM read_csv('${stocks}', header = true, store_rejects = true)`,
  );
  const codes = new Map<string, number>();
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (let column = 0; column < 6; column++) chunk.getColumnVector(column);
    for (const name of chunk.getColumnValues(6)) if (!codes.has(String(name))) codes.set(String(name), codes.size);
    rows += chunk.rowCount;
  }
  connection.closeSync();
  instance.closeSync();
  return rows;
}

async function readOurselves(): Promise<number> {
  const { files } = await findSourceFiles({ prices: [stocks] }, DEFAULT_LIMITS);
  return (await readPriceFiles(files, {}, DEFAULT_LIMITS, {})).rows.length;
}

try {
  await bench({ job: 'read 1.89 M rows of CSV into typed arrays, with SHA-256', rounds: 5 }, [
    { name: 'own byte reader', run: readOurselves },
    { name: 'DuckDB, 2 threads, without SHA-256', run: readWithDuckDb },
  ]);
  await bench({ job: 'import of the sp500 sample market from CSV, quality report included', goalMs: 2000, rounds: 5 }, [
    { name: 'importPrices', run: () => importPrices({ prices: [folder] }) },
  ]);
  process.stdout.write(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
