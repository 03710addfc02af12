import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#base/errors';
import { importPrices } from './import-prices';
import type { ImportOptions, ImportProgress, ImportSource } from './import-types';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
function write(content: string | Uint8Array, name = 'prices.csv'): string {
  const own = join(folder, String(serial++));
  mkdirSync(own);
  const path = join(own, name);
  writeFileSync(path, content);
  return path;
}

const DAYS = Array.from({ length: 28 }, (_, i) => `2024-02-${String(i + 1).padStart(2, '0')}`).filter((day) => {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
});
const HEADER = 'date,open,high,low,close,volume,ticker';
const bar = (day: string, ticker: string, close = 100) =>
  `${day},${close},${close + 1},${close - 1},${close + 0.5},1000,${ticker}`;
/** A clean table of two tickers. */
const ROWS = DAYS.flatMap((day, i) => [bar(day, 'AAA', 100 + i), bar(day, 'BBB', 50 + i)]);
const table = (rows: readonly string[]) => `${HEADER}\n${rows.join('\n')}\n`;
const imported = (content: string | Uint8Array, options: ImportOptions = {}, name = 'prices.csv') =>
  importPrices({ prices: [write(content, name)] }, options);

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`Expected an AppError, found ${String(error)}`);
  return error;
}

const refused = (content: string | Uint8Array, options: ImportOptions = {}, name = 'prices.csv') =>
  refusal(imported(content, options, name));
const findings = (result: Awaited<ReturnType<typeof importPrices>>) =>
  Object.fromEntries(result.quality.findings.map(({ kind, count }) => [kind, count]));

describe('a clean table', () => {
  it('becomes a dense panel in date and ticker order, with its manifest', async () => {
    const { panel, manifest, rejects } = await imported(table([...ROWS].reverse()));
    expect(panel.dates).toEqual(DAYS);
    expect(panel.assets).toEqual(['AAA', 'BBB']);
    expect(Array.from(panel.fields.close.slice(0, 4))).toEqual([100.5, 50.5, 101.5, 51.5]);
    expect(manifest).toMatchObject({
      rows: ROWS.length,
      rejectedRows: 0,
      assets: 2,
      layout: 'long',
      firstDate: DAYS[0],
    });
    expect(manifest.sources[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(rejects).toEqual([]);
  });

  it('is the same from gzip, with CRLF, a byte order mark, and either delimiter', async () => {
    const plain = await imported(table(ROWS));
    const variants: (string | Uint8Array)[] = [
      gzipSync(table(ROWS)),
      table(ROWS).replaceAll('\n', '\r\n'),
      `\uFEFF${table(ROWS)}`,
      table(ROWS).replaceAll(',', ';'),
      table(ROWS).replaceAll(',', '\t'),
      table(ROWS).replace(/\n$/, ''),
      table(ROWS).replace(/^([^,\n]+),/gm, '"$1",'),
    ];
    for (const variant of variants) expect((await imported(variant)).panel).toEqual(plain.panel);
  });

  it('is the same with decimal commas', async () => {
    const plain = await imported(table(ROWS));
    const german = table(ROWS)
      .replaceAll(',', ';')
      .replace(/(\d)\.(\d)/g, '$1,$2');
    expect((await imported(german)).panel).toEqual(plain.panel);
  });

  it('keeps tickers that look like formulas or markup as the text they are', async () => {
    const rows = DAYS.flatMap((day) => [bar(day, '=cmd()'), bar(day, '<script>')]);
    expect((await imported(table(rows))).panel.assets).toEqual(['<script>', '=cmd()']);
  });

  it('takes companies, index and membership from the same folder', async () => {
    const path = write(table(ROWS), 'stocks.csv');
    const own = join(path, '..');
    writeFileSync(
      join(own, 'companies.csv'),
      'Exchange,Symbol,Shortname,Sector,Longbusinesssummary\nX,AAA,"A, Inc.",Energy,"two\nlines"\n',
    );
    writeFileSync(
      join(own, 'index.csv'),
      `Date,S&P500\n${DAYS.slice(1)
        .map((day, i) => `${day},${1000 + i}`)
        .join('\n')}\n`,
    );
    writeFileSync(
      join(own, 'members.csv'),
      `ticker,start_date,end_date\nAAA,2024-02-05,\nBBB,2020-01-01,2024-02-06\nZZZ,2020-01-01,\n`,
    );
    writeFileSync(join(own, 'README.txt'), 'no table here\n');
    const result = await importPrices({ prices: [own] });
    expect(result.panel.sectors).toEqual(['Energy', '']);
    expect(result.benchmark?.name).toBe('S&P500');
    expect(Array.from(result.benchmark?.levels.slice(0, 3) ?? [])).toEqual([NaN, 1000, 1001]);
    expect(Array.from(result.panel.membership?.slice(0, 8) ?? [])).toEqual([0, 1, 0, 1, 1, 1, 1, 0]);
    expect(result.manifest.ignoredFiles).toEqual(['README.txt']);
    expect(findings(result)).toMatchObject({ missing_sectors: 1, members_without_prices: 1, benchmark_gaps: 1 });
    expect(findings(result)).not.toHaveProperty('missing_benchmark');
  });

  it('scales by the adjusted close where there is one, unless raw prices are asked for', async () => {
    const text = `Date,Open,High,Low,Close,Adj Close,Volume\n${DAYS.map((day) => `${day},100,110,90,100,50,7`).join('\n')}\n`;
    const adjusted = await imported(text, {}, 'yahoo_AAA.csv');
    expect([
      adjusted.panel.fields.open?.[0],
      adjusted.panel.fields.close[0],
      adjusted.panel.fields.volume?.[0],
    ]).toEqual([50, 50, 7]);
    expect((await imported(text, { prices: 'raw' }, 'yahoo_AAA.csv')).panel.fields.close[0]).toBe(100);
  });

  it('reads a folder with one file a ticker', async () => {
    const path = write(
      `Date,Open,High,Low,Close,Volume\n${DAYS.map((day) => `${day},1,2,1,2,5`).join('\n')}\n`,
      'aaa_us_d.csv',
    );
    writeFileSync(
      join(path, '..', 'bbb.us.txt'),
      `<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n${DAYS.map((day) => `BBB.US,D,${day.replaceAll('-', '')},000000,3,4,3,4,5,0`).join('\n')}\n`,
    );
    const { panel, manifest } = await importPrices({ prices: [join(path, '..')] });
    expect(panel.assets).toEqual(['AAA', 'BBB']);
    expect(manifest.layout).toBe('stooq + stooq-bulk');
  });
});

describe('bad rows', () => {
  const withBad = (...bad: readonly string[]) => table([...ROWS, ...bad]);
  const lenient: ImportOptions = { maxBadShare: 0.5 };

  it.each([
    ['a missing field', '2024-03-01,1,2,1', 'truncated_row', 'close'],
    ['too many fields', `${bar('2024-03-01', 'AAA')},x`, 'extra_fields', 'ticker'],
    ['a bad date', bar('2024-02-31', 'AAA'), 'bad_date', 'date'],
    ['another date format', bar('03/01/2024', 'AAA'), 'bad_date', 'date'],
    ['no ticker', bar('2024-03-01', ''), 'no_ticker', 'ticker'],
    ['text for a price', '2024-03-01,1,2,1,abc,5,AAA', 'not_a_number', 'close'],
    ['an infinite price', '2024-03-01,1,inf,1,2,5,AAA', 'infinite', 'high'],
    ['a negative price', '2024-03-01,1,2,-1,2,5,AAA', 'non_positive_price', 'low'],
    ['a zero close', '2024-03-01,1,2,1,0,5,AAA', 'non_positive_price', 'close'],
    ['a negative volume', '2024-03-01,1,2,1,2,-5,AAA', 'negative_volume', 'volume'],
    ['an open quote', '2024-03-01,1,2,1,2,5,"AAA', 'bad_quote', 'ticker'],
    ['text behind a quote', '2024-03-01,1,2,1,2,5,"AAA"x', 'bad_quote', 'ticker'],
  ])('with %s are rejected with file, line, column, reason and text', async (_, row, reason, column) => {
    const result = await imported(withBad(row, bar('2024-03-04', 'AAA')), lenient);
    expect(result.rejects).toEqual([{ file: 'prices.csv', line: ROWS.length + 2, column, reason, text: row }]);
    expect(result.manifest).toMatchObject({ rows: ROWS.length + 1, rejectedRows: 1 });
    expect(findings(result)).toMatchObject({ [reason]: 1 });
  });

  it('do not swallow what follows an open quote', async () => {
    const result = await imported(table([ROWS[0], `"${ROWS[1]}`, ...ROWS.slice(2)]), lenient);
    expect(result.manifest).toMatchObject({ rows: ROWS.length - 1, rejectedRows: 1 });
  });

  it('in the future are rejected when today is known', async () => {
    const result = await imported(table(ROWS), { ...lenient, today: DAYS[14] });
    expect(result.manifest.lastDate).toBe(DAYS[14]);
    expect(findings(result)).toMatchObject({ future_date: (DAYS.length - 15) * 2 });
  });

  it('leave NaN, null, N/A and a zero open missing, and say so', async () => {
    const rows = [
      `2024-03-01,NaN,2,1,2,5,AAA`,
      `2024-03-04,null,2,1,2,5,AAA`,
      `2024-03-05,N/A,2,1,2,5,AAA`,
      `2024-03-06,0,2,1,2,5,AAA`,
    ];
    const result = await imported(withBad(...rows));
    expect(result.rejects).toEqual([]);
    expect(findings(result)).toMatchObject({ missing_values: 4, placeholder_cells: 1, zero_price_cells: 1 });
  });

  it('above the allowed share refuse the import with the counts', async () => {
    const error = await refused(withBad(...Array.from({ length: 10 }, () => '2024-03-01,1,2,1,abc,5,AAA')));
    expect(error.code).toBe('INVALID_DATA');
    expect(error.message).toMatch(/at most 1 % bad rows.*20 % of 50 \(not_a_number 10\).*line 42, column close/);
    expect(error.data).toMatchObject({ rejectedRows: 10, reasons: { not_a_number: 10 } });
  });

  it('of mixed date formats are refused instead of guessed', async () => {
    const mixed = DAYS.map((day, i) => bar(i % 2 === 0 ? day : `${day.slice(8)}.${day.slice(5, 7)}.2024`, 'AAA'));
    expect((await refused(table(mixed))).message).toMatch(/bad_date/);
  });
});

describe('dates that could be month or day first', () => {
  const slash = (days: readonly string[]) =>
    table(days.map((day) => bar(`${day.slice(8)}/${day.slice(5, 7)}/2024`, 'AAA')));

  it('are settled by a day above 12 anywhere in the file, also for rows before it', async () => {
    const { panel, manifest } = await imported(slash(DAYS));
    expect(panel.dates).toEqual(DAYS);
    expect(manifest.dateFormat).toBe('DD/MM/YYYY');
  });

  it('are reported when nothing settles them', async () => {
    const result = await imported(slash(DAYS.slice(0, 8)));
    expect(findings(result)).toMatchObject({ ambiguous_date_format: 1 });
    expect((await imported(slash(DAYS.slice(0, 8)), { dateFormat: 'DD/MM/YYYY' })).panel.dates).toEqual(
      DAYS.slice(0, 8),
    );
  });
});

describe('duplicates', () => {
  it('that are equal are dropped and reported', async () => {
    const result = await imported(table([...ROWS, ROWS[0], ROWS[5]]));
    expect(result.manifest).toMatchObject({ rows: ROWS.length, equalDuplicates: 2 });
    expect(findings(result)).toMatchObject({ duplicates_equal: 2 });
  });

  it('that conflict refuse the import with both lines, or are settled as asked', async () => {
    const text = table([...ROWS, bar(DAYS[0], 'AAA', 7)]);
    const error = await refused(text);
    expect(error.code).toBe('CONFLICT');
    expect(error.message).toContain(`AAA ${DAYS[0]} (prices.csv:2 and prices.csv:${ROWS.length + 2})`);
    const last = await imported(text, { conflicts: 'keep-last' });
    expect(last.panel.fields.close[0]).toBe(7.5);
    expect(findings(last)).toMatchObject({ duplicates_conflicting: 1 });
    expect((await imported(text, { conflicts: 'keep-first' })).panel.fields.close[0]).toBe(100.5);
  });
});

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
    const path = join(folder, 'bomb.csv.gz');
    await writeBomb(path, Buffer.alloc(1 << 20));
    const start = performance.now();
    expect((await refusal(importPrices({ prices: [path] }))).message).toMatch(/binary/);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('a gigabyte of one repeated row in a few megabytes of gzip', async () => {
    const path = join(folder, 'rows.csv.gz');
    const block = Buffer.from(`${bar('2024-02-01', 'AAA')}\n`.repeat(20_000));
    await writeBomb(path, block, `${HEADER}\n`);
    const before = process.memoryUsage().rss;
    const error = await refusal(importPrices({ prices: [path] }));
    expect(error.code).toBe('TOO_LARGE');
    expect(error.message).toMatch(/decompression bomb/);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
  });

  it('only because of the ratio: without that limit the same rows are imported', async () => {
    const repeated = gzipSync(`${HEADER}\n${`${bar('2024-02-01', 'AAA')}\n`.repeat(2_500_000)}`, { level: 9 });
    expect((await refused(repeated, {}, 'rows.csv.gz')).code).toBe('TOO_LARGE');
    const { manifest } = await imported(repeated, { limits: { compressionRatio: 1e6 } }, 'rows.csv.gz');
    expect(manifest).toMatchObject({ rows: 1, equalDuplicates: 2_499_999 });
  });
});

/** About 1 GiB of `block`, compressed. */
async function writeBomb(path: string, block: Buffer, head = ''): Promise<void> {
  const gzip = createGzip({ level: 9 });
  const file = createWriteStream(path);
  gzip.pipe(file);
  if (head) gzip.write(head);
  for (let written = 0; written < 2 ** 30; written += block.length) {
    if (!gzip.write(block)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(file, 'close');
}

describe('odd markets', () => {
  it('with two columns of one ticker are refused', async () => {
    expect((await refused('Date,AAA,BBB,AAA\n2024-01-02,1,2,3\n')).message).toMatch(/once.*AAA/);
  });

  it('with rows of nothing but a date leave them out and say so', async () => {
    const result = await imported(table([...ROWS, '2024-03-01,,,,,,AAA', '2024-03-04,null,null,null,null,null,AAA']));
    expect(result.manifest.rows).toBe(ROWS.length);
    expect(findings(result)).toMatchObject({ empty_rows: 2 });
  });

  it('of constant prices are imported and called constant', async () => {
    const result = await imported(table(DAYS.map((day) => bar(day, 'AAA', 10))));
    expect(findings(result)).toMatchObject({ constant_prices: 1, short_history: 1 });
  });

  it('of three assets and ten days are imported and called short', async () => {
    const rows = DAYS.slice(0, 10).flatMap((day, i) => ['A', 'B', 'C'].map((ticker) => bar(day, ticker, 10 + i)));
    const result = await imported(table(rows));
    expect(result.manifest).toMatchObject({ assets: 3, rows: 30 });
    expect(findings(result)).toMatchObject({ short_history: 1 });
  });

  it('with one bad cell in a wide table lose the cell, not the date', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `T${i}`);
    const rows = DAYS.map((day, t) => `${day},${names.map((_, n) => (t === 3 && n === 7 ? '-1' : '5')).join(',')}`);
    const result = await imported(`Date,${names.join(',')}\n${rows.join('\n')}\n`);
    expect(result.rejects).toMatchObject([{ line: 5, column: 'T7', reason: 'non_positive_price' }]);
    expect(result.manifest.rows).toBe(DAYS.length * 200 - 1);
  });
});

describe('a long import', () => {
  it('reports progress and stops within a second when it is cancelled', async () => {
    const path = write(
      table(Array.from({ length: 400_000 }, (_, i) => bar(DAYS[i % DAYS.length], `T${Math.floor(i / DAYS.length)}`))),
    );
    const controller = new AbortController();
    const seen: ImportProgress[] = [];
    let cancelledAt = 0;
    const error = await refusal(
      importPrices(
        { prices: [path] } satisfies ImportSource,
        {},
        {
          signal: controller.signal,
          emit: (progress) => {
            seen.push(progress);
            if (progress.step > 0 && !controller.signal.aborted) {
              cancelledAt = performance.now();
              controller.abort();
            }
          },
        },
      ),
    );
    expect(error.code).toBe('CANCELLED');
    expect(performance.now() - cancelledAt).toBeLessThan(1000);
    expect(seen.at(-1)).toMatchObject({ stage: 'reading', detail: 'prices.csv' });
  });
});
