import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HEADER, ROWS, bar, folder, imported, refusal, refused, table, write } from './import-fixtures.test-data';
import { importPrices } from './import-prices';

describe('files that cannot be imported', () => {
  it.each([
    ['an empty file', '', 'NOT_ENOUGH_DATA', /empty file/],
    ['only blanks', '\n\n  \n', 'NOT_ENOUGH_DATA', /only blanks/],
    ['a header without rows', `${HEADER}\n`, 'NOT_ENOUGH_DATA', /header and no rows/],
    ['a web page', '<!DOCTYPE html><html><body>429</body></html>', 'INVALID_DATA', /web page/],
    ['binary data', new Uint8Array(5000), 'INVALID_DATA', /binary/],
    ['a delimiter of an unknown kind', table(ROWS).replaceAll(',', '^'), 'INVALID_DATA', /without columns/],
    ['no price column', 'a,b\n1,2\n', 'INVALID_DATA', /date and a close column/],
    ['a workbook', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), 'INVALID_DATA', /archive or workbook/],
    ['damaged gzip', gzipSync(table(ROWS)).subarray(0, 200), 'INVALID_DATA', /complete gzip/],
    ['broken JSON', '{"results": [', 'INVALID_DATA', /complete JSON/],
    ['JSON without end', `${'['.repeat(200)}${']'.repeat(200)}`, 'INVALID_DATA', /32 levels/],
    ['a rate limit', '{"Note": "5 calls per minute"}', 'INVALID_DATA', /5 calls per minute/],
  ])('%s', async (_, content, code, message) => {
    const error = await refused(content);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('a wrong delimiter by hand', async () => {
    expect((await refused(table(ROWS), { delimiter: ';' })).code).toBe('INVALID_DATA');
  });

  it('10,000 columns, with the numbers', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `T${i}`);
    const error = await refused(`Date,${names.join(',')}\n2024-01-02,${names.map(() => 1).join(',')}\n`);
    expect(error).toMatchObject({ code: 'TOO_LARGE', data: { columns: 10_001, limit: 5_000 } });
  });

  it('more rows, tickers, cells or bytes than the limits', async () => {
    for (const limits of [{ rows: 10 }, { tickers: 1 }, { cells: 20 }, { fileBytes: 100 }]) {
      expect((await refused(table(ROWS), { limits })).code).toBe('TOO_LARGE');
    }
  });

  it('a path that is not there, a folder without files, a folder without tables', async () => {
    expect((await refusal(importPrices({ prices: [join(folder, 'nowhere.csv')] }))).code).toBe('NOT_FOUND');
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect((await refusal(importPrices({ prices: [empty] }))).code).toBe('NOT_ENOUGH_DATA');
    writeFileSync(join(empty, 'notes.txt'), 'hello\n');
    expect((await refusal(importPrices({ prices: [empty] }))).code).toBe('NOT_ENOUGH_DATA');
  });

  it('a file without permission (as root: with the effective user of nobody)', async () => {
    const path = write(table(ROWS));
    for (const open of [folder, join(path, '..')]) chmodSync(open, 0o755);
    chmodSync(path, 0);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const error = await refusal(importPrices({ prices: [path] })).finally(() => {
      if (isRoot) process.seteuid?.(0);
    });
    expect(error.code).toBe('IO');
    expect(error.message).toMatch(/no permission/);
  });

  it('a span without data', async () => {
    const error = await refused(table(ROWS), { from: '1999-01-01', to: '1999-12-31' });
    expect(error).toMatchObject({ code: 'NOT_ENOUGH_DATA', data: { outside: ROWS.length } });
  });

  it('a mapping to a column that is not there', async () => {
    expect((await refused(table(ROWS), { mapping: { close: 'nope' } })).code).toBe('INVALID_CONFIG');
  });

  it('a gigabyte of zeros in a megabyte of gzip, at once and in little memory', async () => {
    const start = performance.now();
    expect((await refused(members(Buffer.alloc(1 << 24), 64), {}, 'bomb.csv.gz')).message).toMatch(/binary/);
    expect(performance.now() - start).toBeLessThan(1500);
  });

  /** A table of one row, repeated: 4.6 MB a member. */
  const repeated = Buffer.from(`${bar('2024-02-01', 'AAA')}\n`.repeat(100_000));
  const header = gzipSync(`${HEADER}\n`);

  it('a gigabyte of one repeated row in a few megabytes of gzip', async () => {
    const before = process.memoryUsage().rss;
    const bomb = Buffer.concat([header, members(repeated, Math.ceil(2 ** 30 / repeated.length))]);
    const error = await refused(bomb, {}, 'rows.csv.gz');
    expect(error.code).toBe('TOO_LARGE');
    expect(error.message).toMatch(/decompression bomb/);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
  });

  it('only because of the ratio: without that limit the same rows are imported', async () => {
    const rows = Buffer.concat([header, members(repeated, 22)]);
    expect((await refused(rows, {}, 'rows.csv.gz')).code).toBe('TOO_LARGE');
    const { manifest } = await imported(rows, { limits: { compressionRatio: 1e6 } }, 'rows.csv.gz');
    expect(manifest).toMatchObject({ rows: 1, equalDuplicates: 2_199_999 });
  });
});

/** A block in as many members of one gzip file. */
function members(block: Buffer, count: number): Buffer {
  const member = gzipSync(block, { level: 9 });
  return Buffer.concat(Array.from({ length: count }, () => member));
}
