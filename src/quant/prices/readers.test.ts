import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIsoDay, isoDayNumber } from '../calendar/iso-day';
import { ByteInterner } from './byte-interner';
import { BAD_DAY, DATE_FORMATS, DateReader, sniffDateFormat, type DateFormat } from './date-reader';
import { DelimitedReader, readRecords } from './delimited-reader';
import { contentKind, pickDelimiter, sniffDecimal } from './dialect';
import { CELL, NumberReader } from './number-reader';
import { sha256Hex } from './sha256';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('NumberReader', () => {
  it('reads every double exactly as the platform does', () => {
    const reader = new NumberReader('.');
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(12), (value, decimals) => {
        const fixed = Math.abs(value) < 1e15 ? value.toFixed(decimals) : '1.5';
        for (const text of [String(value), fixed]) {
          const bytes = bytesOf(text);
          expect(reader.read(bytes, 0, bytes.length)).toBe(
            Number(text) + 0 === 0 ? reader.read(bytes, 0, bytes.length) : Number(text),
          );
          expect(reader.status).toBe(CELL.number);
        }
      }),
    );
  });

  it.each([
    ['.', '$89.3756', 89.3756],
    ['.', ' $55.14 ', 55.14],
    ['.', '3,306.90', 3306.9],
    ['.', '1 234.5', 1234.5],
    ['.', '-0.5', -0.5],
    ['.', '1e3', 1000],
    ['.', '5.', 5],
    [',', '87,9828', 87.9828],
    [',', '87.216.605', 87_216_605],
    [',', '1.234,5', 1234.5],
    [',', '12.345', 12_345],
    ['.', '12.345678901234567', 12.345678901234567],
  ] as const)('with decimal %s reads %j', (decimal, text, value) => {
    const reader = new NumberReader(decimal);
    const bytes = bytesOf(text);
    expect(reader.read(bytes, 0, bytes.length)).toBe(value);
  });

  it('reads volume suffixes where they are allowed', () => {
    const reader = new NumberReader('.');
    expect(reader.readText('87.22M', true)).toBeCloseTo(87_220_000, 6);
    expect(reader.readText('1.5B', true)).toBe(1.5e9);
    expect(reader.readText('1.5B')).toBeNaN();
    expect(reader.status).toBe(CELL.bad);
  });

  it.each([
    ['', CELL.empty],
    ['  ', CELL.empty],
    ['null', CELL.empty],
    ['NaN', CELL.empty],
    ['N/A', CELL.placeholder],
    ['-', CELL.placeholder],
    ['-inf', CELL.infinite],
    ['1e999', CELL.infinite],
    ['abc', CELL.bad],
    ['1,2', CELL.bad],
    ['12,34.5', CELL.bad],
    ['--5', CELL.bad],
    ['5-', CELL.bad],
    ['1.2.3', CELL.bad],
    ['0x10', CELL.bad],
    ['9'.repeat(100), CELL.bad],
  ])('calls %j what it is', (text, status) => {
    const reader = new NumberReader('.');
    const bytes = bytesOf(text);
    expect(reader.read(bytes, 0, bytes.length)).toBeNaN();
    expect(reader.status).toBe(status);
  });
});

const WRITERS: Readonly<Partial<Record<DateFormat, (iso: string) => string>>> = {
  'YYYY-MM-DD': (iso) => `${iso}T05:00:00Z`,
  YYYYMMDD: (iso) => iso.replaceAll('-', ''),
  'MM/DD/YYYY': (iso) => `${Number(iso.slice(5, 7))}/${Number(iso.slice(8))}/${iso.slice(0, 4)}`,
  'DD/MM/YYYY': (iso) => `${iso.slice(8)}.${iso.slice(5, 7)}.${iso.slice(0, 4)}`,
  'DD-MMM-YYYY': (iso) =>
    `${Number(iso.slice(8))}-${new Date(iso).toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })}-${iso.slice(2, 4)}`,
  'epoch-s': (iso) => String(isoDayNumber(iso) * 86_400 + 14_400),
  'epoch-ms': (iso) => String((isoDayNumber(iso) * 86_400 + 18_000) * 1000),
};
const isoDays = fc.integer({ min: isoDayNumber('1971-01-01'), max: isoDayNumber('2068-12-31') });

describe('DateReader', () => {
  it.each(DATE_FORMATS.filter((format) => WRITERS[format]))('reads what is written in %s', (format) => {
    fc.assert(
      fc.property(isoDays, (day) => {
        const text = WRITERS[format]?.(formatIsoDay(day)) ?? '';
        expect(new DateReader(format).readText(text)).toBe(day);
        const bytes = bytesOf(`,${text},`);
        expect(new DateReader(format).read(bytes, 1, bytes.length - 1)).toBe(day);
      }),
    );
  });

  it('sniffs the format it was written in', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(isoDays, { minLength: 40, maxLength: 60 }),
        fc.constantFrom(...DATE_FORMATS),
        (days, format) => {
          const writer = WRITERS[format];
          if (!writer || format.startsWith('epoch')) return;
          const sniffed = sniffDateFormat(days.map((day) => writer(formatIsoDay(day))));
          expect(sniffed?.format).toBe(format);
          expect(sniffed?.share).toBe(1);
        },
      ),
    );
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '24-01-01',
    '2024-01-01x',
    '2024/01-01',
    '',
    'hello',
    '1700-01-01',
    '2024-1-',
  ])('refuses %j', (text) => {
    expect(new DateReader('YYYY-MM-DD').readText(text)).toBe(BAD_DAY);
  });

  it('turns to day first on the first day above 12, and says so', () => {
    const reader = new DateReader('MM/DD/YYYY', true);
    expect(formatIsoDay(reader.readText('02/03/2024'))).toBe('2024-02-03');
    expect(formatIsoDay(reader.readText('13/03/2024'))).toBe('2024-03-13');
    expect([reader.flipped, reader.undecided, reader.effectiveFormat]).toEqual([true, false, 'DD/MM/YYYY']);
    expect(formatIsoDay(DateReader.swapped(isoDayNumber('2024-02-03')))).toBe('2024-03-02');
    expect(reader.readText('03/13/2024')).toBe(BAD_DAY);
  });
});

const cellText = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '1', ',', '"', '.', '\n', '\r'), maxLength: 8 });
const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('DelimitedReader', () => {
  it('gives back quoted cells, line numbers included, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cellText, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        (rows, cuts) => {
          const bytes = bytesOf(rows.map((row) => row.map(quote).join(',')).join('\n'));
          const found: string[][] = [];
          const lines: number[] = [];
          const reader = new DelimitedReader({ delimiter: ',', maxFields: 8, multiline: true }, (record) => {
            found.push(Array.from({ length: record.fields }, (_, i) => record.text(i)));
            lines.push(record.line);
          });
          let at = 0;
          for (const cut of cuts) {
            reader.write(bytes.slice(at, at + cut));
            at += cut;
          }
          reader.write(bytes.slice(at));
          reader.end();
          expect(found).toEqual(rows.map((row) => row.map((cell) => cell.trim())));
          let line = 1;
          rows.forEach((row, i) => {
            expect(lines[i]).toBe(line);
            line += 1 + row.join('').split('\n').length - 1;
          });
        },
      ),
    );
  });

  it('is not thrown by any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, multiline) => {
        readRecords(bytes, { delimiter: ',', maxFields: 300, multiline });
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses endless lines and too many fields', () => {
    const reader = new DelimitedReader({ delimiter: ',', maxFields: 3 }, () => undefined);
    expect(() => {
      for (let i = 0; i < 10; i++) reader.write(new Uint8Array(1 << 19).fill(65));
    }).toThrowError(/lines of at most/);
    expect(() => readRecords(bytesOf('a,b,c,d,e,f\n'), { delimiter: ',', maxFields: 3 })).toThrowError(
      /at most 3 columns/,
    );
  });
});

describe('dialects', () => {
  it.each([
    ['a;b;c\n1,5;2,5;3\n1,5;2,5;3', ';'],
    ['a\tb\n1,5\t2\n', '\t'],
    ['a,b\n1,2', ','],
    ['a|b|c\n1|2|3', '|'],
    ['a b\nc d', null],
  ])('%j is cut by %j', (text, delimiter) => {
    expect(pickDelimiter(text.split('\n').filter(Boolean))).toBe(delimiter);
  });

  it.each([
    [['87,98', '1.234,5'], ';', ','],
    [['3,306.90', '1.5'], ',', '.'],
    [['12,345', '1,234'], ',', '.'],
    [['12,345'], ';', ','],
    [['1.234.567'], ';', ','],
    [['12', '13'], ';', '.'],
  ] as const)('%j behind %j has the decimal mark %j', (cells, delimiter, mark) => {
    expect(sniffDecimal(cells, delimiter)).toBe(mark);
  });

  it.each([
    ['', 'empty'],
    ['   \n', 'empty'],
    ['{"a":1}', 'json'],
    ['<html>', 'markup'],
    ['<?xml version="1.0"?>', 'markup'],
    ['<TICKER>,<PER>\nA,D', 'delimited'],
    ['\0\0\0', 'binary'],
    ['hello', 'not-tabular'],
  ])('%j is %s', (text, kind) => {
    expect(contentKind(bytesOf(text))).toBe(kind);
  });
});

describe('ByteInterner', () => {
  it('gives equal texts equal codes in order of appearance', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll(' ', '')),
          { maxLength: 3000 },
        ),
        (texts) => {
          const interner = new ByteInterner(10_000);
          const codes = new Map<string, number>();
          for (const text of texts) {
            const clean = new TextDecoder().decode(bytesOf(text));
            const code = interner.internText(text);
            expect(interner.texts[code]).toBe(clean);
            expect(codes.get(clean) ?? code).toBe(code);
            codes.set(clean, code);
          }
          expect(interner.texts).toHaveLength(codes.size);
        },
      ),
    );
  });
});

describe('sha256Hex', () => {
  // FIPS 180-4 examples.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j', (text, digest) => {
    expect(sha256Hex(bytesOf(text))).toBe(digest);
  });
});
