import { expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { findCalcKind } from './registry';

const random = createRandom(2);
let levels = [100, 50, 20, 80];
const lines = Array.from({ length: 80 }, (_, day) => {
  levels = levels.map((level) => level * Math.exp(0.01 * random.normal()));
  const date = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
  return [date, ...levels].join(',');
});
const prices = { name: 'prices.csv', bytes: new TextEncoder().encode(['date,A,B,C,D', ...lines].join('\n')), meta: {} };

test('clustered kinds answer weights that sum to 1 and clusters that hold every asset', () => {
  for (const id of ['optimize.herc', 'optimize.nco']) {
    const { weights, clusters } = Object(findCalcKind(id)?.run({ prices }, {}));
    expect(Object.values<number>(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
    expect(clusters.flat().sort()).toEqual(['A', 'B', 'C', 'D']);
  }
});

test('whole lots leave cash over and say that they are proved', () => {
  const result = findCalcKind('allocate.discrete')?.run(
    {},
    { weights: { A: 0.5, B: 0.5 }, prices: { A: 30, B: 45 }, value: 100 },
  );
  expect(result).toMatchObject({ shares: { A: 1, B: 1 }, cash: 25, method: 'branch-and-bound', proved: true });
});
