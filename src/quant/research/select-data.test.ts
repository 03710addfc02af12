import { expect, test } from 'vitest';
import type { Panel } from '../panel';
import { selectData } from './select-data';

const panel: Panel = {
  dates: ['2024-01-02', '2024-01-03', '2024-01-04'],
  assets: ['A', 'SPY', 'B'],
  fields: { close: Float64Array.of(1, 10, 2, 3, 11, 4, 5, 12, 6), volume: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) },
  sectors: ['x', '', 'y'],
  membership: Uint8Array.of(1, 0, 1, 1, 0, 1, 0, 0, 1),
};

test('a range keeps its days in every field, the membership and the benchmark', () => {
  const data = selectData(
    { panel, benchmark: { name: 'INDEX', levels: Float64Array.of(7, 8, 9) } },
    { from: '2024-01-03' },
  );
  expect(data.panel.dates).toEqual(['2024-01-03', '2024-01-04']);
  expect([...data.panel.fields.close]).toEqual([3, 11, 4, 5, 12, 6]);
  expect([...(data.panel.membership ?? [])]).toEqual([1, 0, 1, 0, 0, 1]);
  expect([...(data.benchmark?.levels ?? [])]).toEqual([8, 9]);
});

test('an asset that serves as benchmark leaves the universe', () => {
  const data = selectData({ panel, benchmark: null }, { benchmark: 'SPY' });
  expect(data.panel.assets).toEqual(['A', 'B']);
  expect([...data.panel.fields.close]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...(data.panel.fields.volume ?? [])]).toEqual([1, 3, 4, 6, 7, 9]);
  expect(data.panel.sectors).toEqual(['x', 'y']);
  expect([...(data.benchmark?.levels ?? [])]).toEqual([10, 11, 12]);
});

test('a range without trading days says what the dataset spans', () => {
  expect(() => selectData({ panel, benchmark: null }, { from: '2030-01-01' })).toThrow(
    /spans 2024-01-02 to 2024-01-04/,
  );
});

test('a benchmark that does not exist is refused by name', () => {
  expect(() => selectData({ panel, benchmark: null }, { benchmark: 'QQQ' })).toThrow(/found "QQQ"/);
});
