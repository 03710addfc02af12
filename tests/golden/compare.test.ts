import { expect, test } from 'vitest';
import { differences } from './compare';

const noTables = () => ({ columns: [], rows: [] });

test('an answer within the tolerance of the nearest named key passes and a disturbed one does not', () => {
  const oracle = {
    expected: { weights: { A: 0.5, B: 0.5 }, order: ['A', 'B'], gap: null },
    tolerance: { default: { abs: 1e-9 }, weights: { abs: 1e-3, missing_is_zero: true } },
  };
  expect(differences(oracle, { weights: { A: 0.5004, B: 0.5 }, order: ['A', 'B'] }, noTables)).toEqual([]);
  expect(differences(oracle, { weights: { A: 0.502, B: 0.5 }, order: ['A', 'B'] }, noTables)).toHaveLength(1);
  expect(differences(oracle, { weights: { A: 0.5, B: 0.5, C: 0.1 }, order: ['A', 'B'] }, noTables)).toHaveLength(1);
  expect(differences(oracle, { weights: { A: 0.5, B: 0.5 }, order: ['B', 'A'] }, noTables)).toHaveLength(2);
  expect(differences(oracle, { weights: { A: 0.5, B: 0.5 }, order: ['A', 'B'], gap: 1 }, noTables)).toHaveLength(1);
});

test('tables are compared by column name and row position', () => {
  const oracle = { expected: { $csv: 'x.csv' }, tolerance: { default: { rel: 1e-6 } } };
  const read = () => ({ columns: ['date', 'a', 'b'], rows: [['2020-01-02', '1', '']] });
  expect(differences(oracle, { columns: ['b', 'date', 'a'], rows: [[null, '2020-01-02', 1]] }, read)).toEqual([]);
  expect(differences(oracle, { columns: ['date', 'a', 'b'], rows: [['2020-01-02', 2, null]] }, read)).toHaveLength(1);
  expect(differences(oracle, { columns: ['date', 'a', 'b'], rows: [] }, read)).toHaveLength(1);
});
