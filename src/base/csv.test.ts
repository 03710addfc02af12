import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCsv } from './csv';

test('no text cell begins with a character that a spreadsheet runs as a formula', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const line = toCsv(['a'], [[text]])
        .split('\r\n')
        .slice(1)
        .join('\r\n');
      const content = line.startsWith('"') ? line.slice(1) : line;
      expect(content).not.toMatch(/^[=+\-@\t\0]/);
    }),
  );
});

test('a negative weight stays the number it is', () => {
  expect(toCsv(['asset', 'weight'], [['=cmd()', -0.25]])).toBe("asset,weight\r\n'=cmd(),-0.25\r\n");
});

test('commas, quotes and line breaks are quoted as RFC 4180 says', () => {
  expect(toCsv(['x'], [['a "b", c\nd']])).toBe('x\r\n"a ""b"", c\nd"\r\n');
});
