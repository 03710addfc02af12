/** Holdings come from files: what was written is read, and every defect is told with its line while nothing is stored. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv, toCsv } from '#base/csv';
import { readHoldings } from '#engine/holdings/holdings-file';
import { openTestEngine } from '../support/engine-host';

const RULES = { currency: 'USD', short: false, known: null };

test('any cells that were written as CSV are read back, with the line where each row begins', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r\n', '=', '+', ' ', 'é', '7') })
    .map((s) => s.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text, text), { minLength: 1 }), (rows) => {
      const written = rows.map((row) => row.map((cell) => cell.replaceAll(/^'+/g, '')));
      const read = parseCsv(toCsv(['x', 'y', 'z'], written));
      expect(read.slice(1).map(({ cells }) => cells)).toEqual(written.filter((row) => row.some((cell) => cell !== '')));
    }),
  );
});

test('positions and cash of any book are read as they were written', () => {
  const row = fc.record({ asset: fc.stringMatching(/^[A-Z]{1,5}[0-9]$/), shares: fc.integer({ min: 1, max: 1e9 }) });
  fc.assert(
    fc.property(
      fc.uniqueArray(row, { selector: ({ asset }) => asset }),
      fc.integer({ min: 0, max: 1e9 }),
      (positions, cash) => {
        const text = toCsv(
          ['Ticker', 'Qty'],
          [...positions.map(({ asset, shares }) => [asset, shares]), ['CASH', cash]],
        );
        const read = readHoldings(text, RULES);
        expect(read.problems).toEqual([]);
        expect(read.cash).toBe(cash);
        expect(read.positions.map(({ asset, shares }) => ({ asset, shares }))).toEqual(positions);
      },
    ),
  );
});

test.each([
  ['', 1, /empty file/],
  ['ticker;shares\n', 1, /found none/],
  ['name,shares\nA,1\n', 1, /column asset/],
  ['asset,shares\nA,1\nA,2\n', 3, /line 2 too/],
  ['asset,shares\nA,-1\n', 2, /short position/],
  ['asset,shares\nCASH,-1\n', 2, /negative cash/],
  ['asset,shares\nA,ten\n', 2, /found "ten"/],
  ['asset,shares\nA,NaN\n', 2, /a number/],
  ['asset,shares\nA,Infinity\n', 2, /a number/],
  ['asset,shares\nA,1e300\n', 2, /a number up to/],
  ['asset,shares\nA,\n', 2, /a number/],
  ['asset,shares\nA,1,2\n', 2, /2 cells/],
  ['asset,shares,ccy\nA,1,EUR\n', 2, /found EUR/],
  ['asset,shares\n,5\n', 2, /ticker/],
  ['asset,shares\n"A\nB",1\nC,x\n', 4, /found "x"/],
])('%j: line %i', (text, line, reason) => {
  const { problems } = readHoldings(text, RULES);
  expect(problems[0]).toMatchObject({ line, reason: expect.stringMatching(reason) });
});

test('a book is versioned by day, and a refused file stores nothing', async () => {
  await using host = await openTestEngine();
  const { client } = host;
  await host.finished((await client.datasets.generate({ preset: 'small', seed: 1 })).job);
  const book = { account: 'core', asOf: '2026-01-05', text: 'asset,shares\nCASH,1000\nNOPE,5\n' };
  await expect(client.holdings.import({ ...book, dataset: 'latest' })).rejects.toMatchObject({
    code: 'INVALID_DATA',
    data: { problems: [{ line: 3, column: 'asset' }] },
  });
  await expect(client.holdings.show({ account: 'core' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const first = await client.holdings.import(book);
  expect(first).toMatchObject({
    version: 1,
    cash: 1000,
    positions: [{ asset: 'NOPE', shares: 5, line: 3 }],
    createdBy: 'test',
  });
  const checked = await client.holdings.check({ ...book, text: 'asset,shares\nNOPE,7\nNEW,1\n' });
  expect(checked).toMatchObject({
    problems: [],
    changes: [
      { asset: 'NEW', before: 0, after: 1 },
      { asset: 'NOPE', before: 5, after: 7 },
    ],
  });
  await client.holdings.import({ ...book, asOf: '2026-01-02', text: 'asset,shares\nCASH,7\n' });
  // A later import of an earlier day does not become the present.
  expect((await client.holdings.show({ account: 'core' })).id).toBe(first.id);
  expect((await client.holdings.show({ account: 'core', on: '2026-01-04' })).cash).toBe(7);
  const again = await client.holdings.import({ ...book, text: 'asset,shares\nCASH,9\n' });
  expect((await client.holdings.show({ account: 'core' })).id).toBe(again.id);
  expect((await client.holdings.list({ account: 'core' })).total).toBe(3);
});
