import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectLayout } from './layouts';
import { personalColumns, scrubLine, splitLine } from './personal-data';

const HEADER = 'date,ticker,close,volume,Account,trader e-mail,Owner,venue';
const ROWS = [
  '2024-01-02,ABC,10.5,123456789,DE89370400440532013000,ann@example.com,Ann Lee,XNYS',
  '2024-01-03,ABC,10.6,223456789,DE89370400440532013000,bob@example.org,Bob Ray,XNYS',
];
const plan = detectLayout(new TextEncoder().encode([HEADER, ...ROWS, ''].join('\n')), 'a.csv', {});
const columns = personalColumns(
  plan,
  ROWS.map((row) => row.split(',')),
);
const hash = (value: string) => `#${value.length}`;
const scrub = (line: string, policy: 'remove' | 'hash' | 'report' = 'remove') =>
  scrubLine(line, plan, columns, policy, hash);

test('columns are known by what they hold or by what they are called; prices, volumes and venues are not personal', () => {
  expect(columns.map(({ column, kind }) => [column, kind])).toEqual([
    ['Account', 'account'],
    ['trader e-mail', 'e-mail'],
    ['Owner', 'name'],
  ]);
});

describe('a refused line', () => {
  test('loses its personal cells and keeps everything else', () => {
    expect(scrub(ROWS[0])).toBe('2024-01-02,ABC,10.5,123456789,[account removed],[e-mail removed],[name removed],XNYS');
  });

  test('is told apart by hashes where that was asked for', () => {
    expect(scrub(ROWS[0], 'hash')).toContain('[account #22],[e-mail #15],[name #7]');
  });

  test('stays as it is where personal data is only reported (the sabotage twin)', () => {
    expect(scrub(ROWS[0], 'report')).toBe(ROWS[0]);
  });

  test('of the wrong length loses them too, wherever they stand', () => {
    for (const line of [
      '2024-01-02,ABC,Ann Lee',
      '2024-01-02,ann@example.com',
      'x,Ann Lee,DE89370400440532013000,1,2,3,4,5,6,7',
    ]) {
      expect(scrub(line)).not.toMatch(/Ann|example|DE89/);
    }
  });

  test('of any text never keeps an address or an account number', () => {
    const secret = fc.constantFrom('ann.lee+x@example.co.uk', 'GB82 WEST 1234 5698 7654 32', 'DE89370400440532013000');
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), secret, fc.string({ maxLength: 40 }), (before, value, after) => {
        expect(scrubLine(`${before} ${value} ${after}`, null, [], 'remove', hash)).not.toContain(value);
      }),
    );
  });

  test('keeps numbers that only look like accounts', () => {
    const line = '2024-01-02,DE12345678901234567890,1234567890123,4111111111111112,x,y,z,w';
    expect(scrubLine(line, null, [], 'remove', hash)).toBe(line);
  });
});

test('cells joined again are the line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (line) => {
      expect(splitLine(line, ',').join(',')).toBe(line);
    }),
  );
});
