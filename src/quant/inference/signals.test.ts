import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { kpss } from '../timeseries/kpss';
import { signalDecay, signalQuality } from './information-coefficient';

/** statsmodels, kpss of the fourth column. */
const STATSMODELS_KPSS = [
  ['c', 5, 0.15649333661618312],
  ['c', 18, 0.16841840497228847],
  ['ct', 5, 0.07370618490320265],
  ['ct', 18, 0.08041648665809713],
] as const;

function noise(seed: number, n: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => 0.01 * random.normal());
}

describe('signals', () => {
  const T = 200;
  const n = 20;
  const outcome = noise(11, T * n);
  const options = { assets: n, quantiles: 5, lags: 0 };

  it('that are noise have no IC, and a planted one is found with its sign', () => {
    let found = 0;
    for (let seed = 100; seed < 160; seed++) {
      if (signalQuality(noise(seed, T * n), outcome, options).rankIc.p < 0.05) found += 1;
    }
    expect(found).toBeLessThanOrEqual(9);
    const planted = outcome.map((y, at) => y + noise(12, T * n)[at] * 5);
    const good = signalQuality(planted, outcome, options);
    expect(good.rankIc.mean).toBeGreaterThan(0.1);
    expect(good.spread.t).toBeGreaterThan(3);
    const bad = signalQuality(
      planted.map((v) => -v),
      outcome,
      options,
    );
    expect(bad.rankIc.mean).toBeCloseTo(-good.rankIc.mean, 12);
  });

  it('are ranks: IC does not change under any increasing transform', () => {
    const signal = noise(13, T * n);
    const base = signalQuality(signal, outcome, options);
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5, noNaN: true }), (scale) => {
        const changed = signalQuality(
          signal.map((v) => Math.exp(scale * v)),
          outcome,
          options,
        );
        expect(changed.rankIc.mean).toBeCloseTo(base.rankIc.mean, 10);
        expect(changed.turnover).toBe(base.turnover);
      }),
      { numRuns: 10 },
    );
  });

  it('that persist turn over less, and decay with the horizon', () => {
    const slow = new Float64Array(T * n);
    const steps = noise(14, T * n);
    for (let at = 0; at < slow.length; at++) slow[at] = (at < n ? 0 : 0.98 * slow[at - n]) + steps[at];
    const fast = signalQuality(noise(15, T * n), outcome, options);
    const steady = signalQuality(slow, outcome, options);
    expect(steady.turnover).toBeLessThan(fast.turnover);
    expect(steady.rankAutocorrelation).toBeGreaterThan(0.8);
    const later = (rows: number) =>
      outcome.map((_, at) => (at + rows * n < outcome.length ? steps[at + rows * n - n * rows] : NaN));
    const faded = outcome.map((_, at) => (at >= 10 * n ? steps[at - 10 * n] : NaN));
    const decay = signalDecay(
      slow,
      [
        { horizon: 1, outcome: later(1), lags: 0 },
        { horizon: 10, outcome: faded, lags: 9 },
      ],
      options,
    );
    expect(decay[0].rankIc.mean).toBeGreaterThan(decay[1].rankIc.mean);
  });
});

describe('stationarity', () => {
  it('is accepted for noise and rejected for a random walk', () => {
    const e = noise(21, 500);
    const walk = e.map((_, t) => e.subarray(0, t + 1).reduce((a, b) => a + b, 0));
    expect(kpss(e, 'c').p).toBeGreaterThan(0.05);
    expect(kpss(walk, 'c').p).toBe(0.01);
    expect(
      kpss(
        e.map((v, t) => v + 0.001 * t),
        'c',
      ).p,
    ).toBe(0.01);
    expect(
      kpss(
        e.map((v, t) => v + 0.001 * t),
        'ct',
      ).p,
    ).toBeGreaterThan(0.05);
  });

  const losses = '../shared/research/oracles/spa_losses_500x21.csv';
  it.skipIf(!existsSync(losses))('equals statsmodels (skipped where ../shared is absent)', () => {
    const rows = readFileSync(losses, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    const x = Float64Array.from(rows, (row) => row[3]);
    for (const [trend, lags, statistic] of STATSMODELS_KPSS)
      expect(kpss(x, trend, lags).statistic).toBeCloseTo(statistic, 10);
  });
});
