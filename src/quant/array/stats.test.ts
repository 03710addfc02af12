import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, deriveSeed } from './random';
import {
  correlation,
  covariance,
  kurtosis,
  mean,
  quantile,
  rankAverage,
  skewness,
  standardDeviation,
  variance,
} from './stats';

const sample = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 60 });

describe('statistics', () => {
  test('variance ignores a shift and scales with the square', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: -50, max: 50 }), (x, shift) => {
        const moved = x.map((v) => 2 * v + shift);
        expect(variance(moved)).toBeCloseTo(4 * variance(x), 4);
      }),
    );
  });

  test('quantiles are monotone and reach the extremes', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (x, q) => {
        const value = quantile(x, q);
        expect(value).toBeGreaterThanOrEqual(quantile(x, q / 2));
        expect(quantile(x, 0)).toBe(Math.min(...x));
        expect(quantile(x, 1)).toBe(Math.max(...x));
      }),
    );
  });

  test('moments of 1 … 5 are those of the textbook', () => {
    const x = [1, 2, 3, 4, 5];
    expect(mean(x)).toBe(3);
    expect(variance(x)).toBe(2.5);
    expect(standardDeviation(x, 0)).toBeCloseTo(Math.SQRT2, 15);
    expect(skewness(x)).toBe(0);
    expect(kurtosis(x)).toBeCloseTo(1.7, 15);
    expect(quantile(x, 0.3)).toBeCloseTo(2.2, 15);
    expect(covariance(x, [2, 4, 6, 8, 10])).toBe(5);
    expect(correlation(x, [5, 4, 3, 2, 1])).toBeCloseTo(-1, 15);
  });

  test('tied values share their average rank', () => {
    expect([...rankAverage([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
  });

  test('too few values give NaN', () => {
    expect(variance([1])).toBeNaN();
    expect(mean([])).toBeNaN();
    expect(correlation([1, 1], [1, 2])).toBeNaN();
  });
});

describe('random numbers', () => {
  test('the same seed gives the same draws and another seed others', () => {
    const first = createRandom(42);
    const second = createRandom(42);
    const other = createRandom(43);
    const draws = Array.from({ length: 100 }, () => first.uniform());
    expect(Array.from({ length: 100 }, () => second.uniform())).toEqual(draws);
    expect(Array.from({ length: 100 }, () => other.uniform())).not.toEqual(draws);
  });

  test('the first draws never change between versions', () => {
    const random = createRandom('sextant');
    expect([random.integer(1000), random.integer(1000), random.integer(1000)]).toMatchInlineSnapshot(`
      [
        237,
        896,
        832,
      ]
    `);
  });

  test('uniform and normal draws have the moments of their distributions', () => {
    const random = createRandom(7);
    const u = Array.from({ length: 200_000 }, () => random.uniform());
    const z = Array.from({ length: 200_000 }, () => random.normal());
    expect(mean(u)).toBeCloseTo(0.5, 2);
    expect(variance(u)).toBeCloseTo(1 / 12, 2);
    expect(mean(z)).toBeCloseTo(0, 1);
    expect(variance(z)).toBeCloseTo(1, 1);
    expect(kurtosis(z)).toBeCloseTo(3, 0);
  });

  test('a shuffle keeps every element', () => {
    const shuffled = createRandom(1).shuffle(Int32Array.from({ length: 500 }, (_, i) => i));
    expect([...shuffled]).not.toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  test('derived seeds depend on seed and label only', () => {
    expect(deriveSeed(1, 'fold 1')).toBe(deriveSeed(1, 'fold 1'));
    expect(deriveSeed(1, 'fold 1')).not.toBe(deriveSeed(1, 'fold 2'));
    expect(deriveSeed(1, 'fold 1')).not.toBe(deriveSeed(2, 'fold 1'));
  });
});
