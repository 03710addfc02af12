import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#base/errors';
import { createRandom } from '#quant/array/random';
import { importPrices } from './import-prices';
import { previewSource } from './preview-source';

let folder = '';
let serial = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function parquet(select: string): Promise<string> {
  const path = join(folder, `prices ${serial++}'s.parquet`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const LONG = (date: string) => `
  SELECT ${date} AS date, ticker, 1.5 + i AS open, (3 + i)::FLOAT AS high, 1 + i AS low, 2.5 + i AS close, (1000 + i)::BIGINT AS volume
  FROM range(0, 5) t(i), (VALUES ('AAA'), ('BBB')) s(ticker)`;
const DAY = `(DATE '2024-01-08' + i::INTEGER)`;

describe('Parquet', () => {
  it.each([
    ['dates', DAY],
    ['timestamps', `(${DAY})::TIMESTAMP`],
    ['zoned timestamps', `(${DAY})::TIMESTAMP`],
    ['text', `strftime(${DAY}, '%Y-%m-%d')`],
    ['compact integers', `strftime(${DAY}, '%Y%m%d')::INTEGER`],
  ])('with %s in long form is read like text', async (_, date) => {
    const { panel, manifest, rejects } = await importPrices({ prices: [await parquet(LONG(date))] });
    expect(panel.dates).toEqual(['2024-01-08', '2024-01-09', '2024-01-10', '2024-01-11', '2024-01-12']);
    expect(panel.assets).toEqual(['AAA', 'BBB']);
    expect(Array.from(panel.fields.close.slice(0, 4))).toEqual([2.5, 2.5, 3.5, 3.5]);
    expect(Array.from(panel.fields.volume?.slice(-2) ?? [])).toEqual([1004, 1004]);
    expect(manifest).toMatchObject({ rows: 10, layout: 'parquet long' });
    expect(rejects).toEqual([]);
  });

  it('keeps missing values missing and rejects prices that are none', async () => {
    const path = await parquet(
      `SELECT ${DAY} AS date, 'AAA' AS ticker, CASE i WHEN 1 THEN NULL WHEN 2 THEN -4 WHEN 3 THEN 'inf'::DOUBLE ELSE 2.0 END AS close, 7 AS volume FROM range(0, 5) t(i)`,
    );
    const { panel, rejects } = await importPrices({ prices: [path] }, { maxBadShare: 0.5 });
    expect(Array.from(panel.fields.close)).toEqual([2, NaN, 2]);
    expect(rejects.map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [3, 'close', 'non_positive_price'],
      [4, 'close', 'infinite'],
    ]);
  });

  it('in wide form is one column a ticker', async () => {
    const path = await parquet(
      `SELECT ${DAY} AS "Date", 1.0 + i AS "AAA", CASE WHEN i = 2 THEN NULL ELSE 2.0 END AS "=cmd()" FROM range(0, 5) t(i)`,
    );
    const { panel } = await importPrices({ prices: [path] });
    expect(panel.assets).toEqual(['=cmd()', 'AAA']);
    expect(Array.from(panel.fields.close.slice(2, 6))).toEqual([2, 2, NaN, 3]);
  });

  it('that is cut off, or holds something else, is refused in words', async () => {
    const whole = readFileSync(await parquet(LONG(DAY)));
    const path = join(folder, 'cut.parquet');
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      Buffer.concat([whole.subarray(0, 300), whole.subarray(-8)]),
    ]) {
      writeFileSync(path, bytes);
      const error: unknown = await importPrices({ prices: [path] }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'INVALID_DATA' });
    }
  });

  it('that claims more rows than the limit is refused before a row is read', async () => {
    const path = await parquet(LONG(DAY));
    await expect(importPrices({ prices: [path] }, { limits: { rows: 5 } })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('shows its first rows in a preview', async () => {
    const preview = await previewSource({ prices: [await parquet(LONG(DAY))] });
    expect(preview).toMatchObject({
      layout: 'long',
      mapping: { date: 'date', symbol: 'ticker', close: 'close' },
      problems: [],
    });
    expect(preview.rows[0][0]).toBe('2024-01-08');
  });
});

describe('damaged Parquet', () => {
  it('is refused with a reason or imported, and nothing else', async () => {
    const whole = readFileSync(await parquet(LONG(DAY)));
    const path = join(folder, 'damaged.parquet');
    const random = createRandom(11);
    for (let round = 0; round < 150; round++) {
      const bytes = Buffer.from(whole);
      for (let edit = 0; edit <= round % 4; edit++) bytes[4 + random.integer(bytes.length - 8)] = random.integer(256);
      writeFileSync(path, bytes);
      const error: unknown = await importPrices({ prices: [path] }, { maxBadShare: 1 }).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error !== null) expect(error).toBeInstanceOf(AppError);
    }
  });
});
