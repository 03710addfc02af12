import { expect, test } from 'vitest';
import { noSignalReason, weekdaysBetween } from './signal';

const manifest = {
  trained: { from: '2020-01-02', to: '2020-11-02', cutoff: '2020-12-31', rows: 100 },
  validFor: 21,
};

test.each([
  ['the day after', '2021-01-04', undefined, null],
  ['the last day it speaks for', '2021-01-29', undefined, null],
  ['the day after that', '2021-02-01', undefined, /expired/],
  ['a day that it was trained on', '2020-12-30', undefined, /cut-off/],
  ['yesterday’s close', '2021-01-08', '2021-01-11', null],
  ['a close of two days ago', '2021-01-07', '2021-01-11', /stale/],
])('inputs of %s', (_, date, asOf, expected) => {
  const reason = noSignalReason(manifest, date, asOf);
  if (expected === null) expect(reason).toBeNull();
  else expect(reason).toMatch(expected);
});

test('weekdays are counted across weekends and years', () => {
  expect(weekdaysBetween('2020-12-31', '2021-01-04')).toBe(2);
  expect(weekdaysBetween('2021-01-01', '2021-01-03')).toBe(0);
  expect(weekdaysBetween('2021-01-01', '2021-12-31')).toBe(260);
});
