import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DAYS, ROWS, bar, findings, imported, refusal, refused, table, write } from './import-fixtures.test-data';
import { importPrices } from './import-prices';
import type { ImportOptions, ImportProgress, ImportSource } from './import-types';

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
