import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameTable, numericColumn, readMatrix, readTable, readWidePrices, requireInput, textColumn } from './tables';

function input(text: string): { name: string; bytes: Uint8Array; meta: Record<string, unknown> } {
  return { name: 'table.csv', bytes: new TextEncoder().encode(text), meta: {} };
}

describe('tables', () => {
  test('every finite double survives printing and reading', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (numbers) => {
        const text = `k,x\n${numbers.map((value, i) => `${i},${value}`).join('\n')}\n`;
        const expected = numbers.map((value) => (value === 0 ? 0 : value));
        expect([...readMatrix(input(text)).values].map((v) => (v === 0 ? 0 : v))).toEqual(expected);
        expect([...numericColumn(readTable(input(text)), 'x')].map((v) => (v === 0 ? 0 : v))).toEqual(expected);
      }),
    );
  });

  test('empty cells are missing and line ends may be CRLF', () => {
    const frame = readWidePrices(input('date,A,B\r\n2020-01-02,1.5,\r\n2020-01-03,,-2e-1\r\n'));
    expect(frame.assets).toEqual(['A', 'B']);
    expect([...frame.values]).toEqual([1.5, NaN, NaN, -0.2]);
    expect(frameTable(frame).rows).toEqual([
      ['2020-01-02', 1.5, null],
      ['2020-01-03', null, -0.2],
    ]);
  });

  test('quoted cells keep commas, quotes and line breaks', () => {
    const table = readTable(input('\ufeffname,note\n"a,b","say ""hi""\nthere"\nc,\n'));
    expect(textColumn(table, 'name')).toEqual(['a,b', 'c']);
    expect(textColumn(table, 'note')).toEqual(['say "hi"\nthere', '']);
  });

  test('what is wrong is named with file, line and column', () => {
    expect(() => readMatrix(input('date,A\n2020-01-02,abc\n'))).toThrow(/table.csv, line 2, column A, found "abc"/);
    expect(() => readMatrix(input('date,A,B\n2020-01-02,1\n'))).toThrow(/3 cells in table.csv, line 2, found 2/);
    expect(() => readMatrix(input('date,A\n2020-01-02,1,2\n'))).toThrow(/2 cells in table.csv, line 2/);
    expect(() => readTable(input('a,b\n"x,1\n'))).toThrow(/closing quote/);
    expect(() => readWidePrices(input('date,A\n02/01/2020,1\n'))).toThrow(/ISO dates/);
    expect(() => readWidePrices(input('date,A\n2020-01-03,1\n2020-01-02,1\n'))).toThrow(/ascending/);
    expect(() => readWidePrices(input('date,A,A\n2020-01-03,1,2\n'))).toThrow(/duplicate/);
    expect(() => numericColumn(readTable(input('a\n1\n')), 'b')).toThrow(/column "b"/);
    expect(() => requireInput({}, 'prices')).toThrow(/--input prices=FILE/);
    expect(() => readTable({ name: 'x', bytes: new Uint8Array([0xff, 0xfe, 0x80]), meta: {} })).toThrow(/UTF-8/);
  });

  test('Infinity and hexadecimal numbers are refused', () => {
    for (const cell of ['Infinity', '1e999', '0x10', '1,5'.replace(',', ';')])
      expect(() => readMatrix(input(`k,x\na,${cell}\n`))).toThrow(/Expected a number/);
  });
});
