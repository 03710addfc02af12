import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { mean, standardDeviation, variance } from '../array/stats';
import { percentileInterval, politisWhiteBlockLength, sharpeInterval, stationaryIndices } from './bootstrap';
import { dataSnooping } from './data-snooping';
import { dieboldMariano } from './diebold-mariano';
import { bartlettVariance } from './hac';
import { kendallTauB, meanDifference } from './mean-difference';
import { benjaminiHochberg, bonferroni, hochberg, holm } from './multiple-testing';
import { overfittingProbability } from './overfitting';
import { deflatedSharpe, expectedMaximumSharpe, minimumTrackRecord, probabilisticSharpe, sharpeSample } from './sharpe';
import { jobsonKorkieMemmel, ledoitWolf, ledoitWolfBartlett, ledoitWolfBootstrap } from './sharpe-difference';
import { coverageTest } from './var-backtest';

function noise(seed: number, n: number, drift = 0): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => drift + 0.01 * random.normal());
}

describe('Sharpe ratio inference', () => {
  const paper = { sharpe: 1.585 / Math.sqrt(12), skewness: -2.448, kurtosis: 10.164, n: 24 };

  it('uses raw kurtosis: the example of Bailey and López de Prado (2012)', () => {
    expect(probabilisticSharpe(paper, 0)).toBeCloseTo(0.9132343068848602, 14);
    expect(probabilisticSharpe({ ...paper, skewness: 0, kurtosis: 3 }, 0)).toBeCloseTo(0.9815912360834967, 14);
  });

  it('does not make the known mistake of using excess kurtosis', () => {
    expect(probabilisticSharpe({ ...paper, kurtosis: paper.kurtosis - 3 }, 0)).toBeCloseTo(0.9198410109298375, 12);
    expect(probabilisticSharpe(paper, 0)).not.toBeCloseTo(0.9198410109298375, 4);
  });

  it('deflates as in the example of Bailey and López de Prado (2014)', () => {
    const sample = { sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10, n: 1250 };
    expect(expectedMaximumSharpe(0.5 / 250, 100)).toBeCloseTo(0.11317200186513214, 14);
    expect(deflatedSharpe(sample, 0.5 / 250, 100)).toBeCloseTo(0.9003968344493903, 13);
    expect(deflatedSharpe(sample, 0.5 / 250, 46)).toBeCloseTo(0.9505017068755787, 13);
    expect(deflatedSharpe({ ...sample, kurtosis: 7 }, 0.5 / 250, 100)).toBeCloseTo(0.9017785664393667, 12);
    expect(expectedMaximumSharpe(1, 10)).toBeCloseTo(1.57459830134575, 13);
    expect(expectedMaximumSharpe(1, 1)).toBe(0);
  });

  it('does not crown the best of many noise strategies', () => {
    let crowned = 0;
    for (let repeat = 0; repeat < 100; repeat++) {
      const trials = Array.from({ length: 40 }, (_, k) => sharpeSample(noise(repeat * 1000 + k, 150)));
      const sharpes = trials.map(({ sharpe }) => sharpe);
      const best = trials[sharpes.indexOf(Math.max(...sharpes))];
      if (deflatedSharpe(best, variance(sharpes), trials.length) > 0.95) crowned += 1;
      expect(probabilisticSharpe(best, 0)).toBeGreaterThan(0.9);
    }
    expect(crowned).toBeLessThanOrEqual(5);
  });

  it('needs the published track record: Sharpe 2 against 1 at 95 % takes 2.73 years of days', () => {
    const years = (sharpe: number, star: number, per: number, skewness = 0, kurtosis = 3) =>
      minimumTrackRecord({ sharpe: sharpe / Math.sqrt(per), skewness, kurtosis, n: 100 }, star / Math.sqrt(per), 0.95) /
      per;
    expect(years(2, 1, 250)).toBeCloseTo(2.731187801728176, 10);
    expect(years(2, 1, 52)).toBeCloseTo(2.828833586945237, 10);
    expect(years(2, 1, 12)).toBeCloseTo(3.239800696444647, 10);
    expect(years(2, 1, 12, -0.72, 5.78)).toBeCloseTo(4.991258223875627, 10);
    expect(years(3, 2.5, 12, -0.72, 5.78)).toBeCloseTo(27.3529201960403, 10);
    expect(years(1, 1, 12)).toBeNaN();
  });

  it('does not depend on scale, and grows with the mean', () => {
    const base = noise(1, 300, 0.001);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (scale) => {
        const a = sharpeSample(base);
        const b = sharpeSample(base.map((x) => x * scale));
        expect(probabilisticSharpe(b, 0)).toBeCloseTo(probabilisticSharpe(a, 0), 10);
      }),
    );
    expect(sharpeSample(base.map((x) => x + 0.001)).sharpe).toBeGreaterThan(sharpeSample(base).sharpe);
  });

  it.each([
    [new Float64Array(2), /at least 3 returns, found 2/],
    [new Float64Array(50).fill(0.01), /constant/],
  ])('refuses what has no Sharpe ratio', (returns, message) => {
    expect(() => sharpeSample(returns)).toThrowError(message);
  });
});

describe('Sharpe difference', () => {
  it('is antisymmetric and, but for the automatic bandwidth, free of scale', () => {
    const a = noise(1, 500, 0.0005);
    const b = noise(2, 500);
    const bartlett = (x: Float64Array, y: Float64Array) => ledoitWolfBartlett(x, y, 4);
    for (const test of [jobsonKorkieMemmel, ledoitWolf, bartlett]) {
      expect(test(a, b).difference).toBeCloseTo(-test(b, a).difference, 14);
      expect(test(a, b).p).toBeCloseTo(test(b, a).p, 12);
      const tripled = b.map((x) => 3 * x);
      expect(test(a, tripled).z).toBeCloseTo(test(a, b).z, test === ledoitWolf ? 1 : 8);
    }
  });

  const panel = '../shared/research/oracles/panel_252x8.csv';
  it.skipIf(!existsSync(panel))("equals Ledoit and Wolf's own programs (skipped where ../shared is absent)", () => {
    const rows = readFileSync(panel, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    const column = (i: number) => Float64Array.from(rows, (row) => row[i]);
    const pairs = [
      [0, 3, 0.0423512916288, 0.5606136868, 0.5442147622, 0.5545],
      [0, 7, 0.1163534712, 0.1434851931, 0.1310005057, 0.1356],
      [4, 1, 0.1285820032, 0.0823649641, 0.0798587999, 0.0912],
    ];
    for (const [i, j, difference, jkm, hac, boot] of pairs) {
      const [a, b] = [column(i), column(j)];
      expect(jobsonKorkieMemmel(a, b).difference).toBeCloseTo(difference, 9);
      expect(jobsonKorkieMemmel(a, b).p).toBeCloseTo(jkm, 9);
      expect(ledoitWolf(a, b).p).toBeCloseTo(hac, 9);
      const p = ledoitWolfBootstrap(a, b, { blockLength: 5, replications: 4999, seed: 1 });
      expect(Math.abs(p - boot)).toBeLessThan(0.03);
    }
  });

  it('finds a planted difference and, on noise, rejects about as often as it promises', () => {
    const test = (seed: number, drift: number) =>
      ledoitWolfBootstrap(noise(seed, 400, drift), noise(seed + 5000, 400), {
        blockLength: 3,
        replications: 199,
        seed,
      });
    const share = (drift: number) =>
      Array.from({ length: 120 }, (_, k) => test(k, drift)).filter((p) => p < 0.05).length / 120;
    expect(share(0)).toBeLessThan(0.12);
    expect(share(0.002)).toBeGreaterThan(0.5);
  });

  it('refuses series of different length and constant ones', () => {
    expect(() => ledoitWolf(noise(1, 50), noise(1, 40))).toThrowError(/same dates/);
    expect(() => jobsonKorkieMemmel(noise(1, 50), new Float64Array(50))).toThrowError(/constant/);
  });
});

describe('bootstrap', () => {
  it('covers the true Sharpe ratio about as often as it promises', () => {
    let covered = 0;
    for (let k = 0; k < 100; k++) {
      const { low, high } = sharpeInterval(noise(k, 300, 0.001), { replications: 200, confidence: 0.9, seed: k });
      if (low <= 0.1 && 0.1 <= high) covered += 1;
    }
    expect(covered).toBeGreaterThan(78);
    expect(covered).toBeLessThan(99);
  });

  it('gives the same bits for the same seed', () => {
    const options = { replications: 100, confidence: 0.95, seed: 3 };
    expect(sharpeInterval(noise(1, 100), options)).toEqual(sharpeInterval(noise(1, 100), options));
  });

  it('draws blocks of the mean length that was asked for', () => {
    const random = createRandom(1);
    const indices = stationaryIndices(new Uint32Array(200_000), 20, random.uniform);
    let breaks = 0;
    for (let i = 1; i < indices.length; i++) if (indices[i] !== (indices[i - 1] + 1) % indices.length) breaks += 1;
    expect(indices.length / breaks).toBeGreaterThan(19);
    expect(indices.length / breaks).toBeLessThan(21);
  });

  it('chooses short blocks for noise and longer ones for persistence', () => {
    const e = noise(4, 2000);
    const persistent = new Float64Array(2000);
    for (let t = 1; t < 2000; t++) persistent[t] = 0.8 * persistent[t - 1] + e[t];
    expect(politisWhiteBlockLength(e)).toBeLessThan(6);
    expect(politisWhiteBlockLength(persistent)).toBeGreaterThan(20);
    expect(politisWhiteBlockLength(new Float64Array(100))).toBe(1);
  });

  it('leaves out draws on which the statistic does not exist, and says when too few are left', () => {
    expect(percentileInterval(Float64Array.of(1, NaN, 2, 3), 0.5)).toMatchObject({ low: 1.5, high: 2.5, used: 3 });
    expect(() => percentileInterval(Float64Array.of(NaN, 1), 0.9)).toThrowError(/at least 2 resamples/);
  });
});

describe('families of tests', () => {
  it('order the adjustments: Bonferroni ≥ Holm ≥ Hochberg ≥ Benjamini-Hochberg ≥ p', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (values) => {
        const p = Float64Array.from(values);
        const chain = [bonferroni(p), holm(p), hochberg(p), benjaminiHochberg(p), p];
        for (let k = 1; k < chain.length; k++) {
          chain[k].forEach((value, i) => {
            expect(value).toBeLessThanOrEqual(chain[k - 1][i] + 1e-12);
          });
        }
      }),
    );
  });

  it('of pure noise show no overfit winner, and one dominating strategy is not called overfit', () => {
    const strategies = 10;
    const T = 480;
    const pure = noise(11, T * strategies);
    expect(Math.abs(overfittingProbability(pure, strategies, 8).pbo - 0.5)).toBeLessThan(0.35);
    const dominated = pure.map((x, at) => x + (at % strategies === 4 ? 0.01 : 0));
    expect(overfittingProbability(dominated, strategies, 8)).toMatchObject({
      pbo: 0,
      lossProbability: 0,
      combinations: 70,
    });
    expect(() => overfittingProbability(pure, strategies, 7)).toThrowError(/even number/);
  });

  it('of noise leave the null standing, and a planted winner falls in every test', () => {
    const n = 300;
    const K = 5;
    const B = 300;
    const random = createRandom(8);
    const indices = new Uint32Array(n * B);
    for (let b = 0; b < B; b++) stationaryIndices(indices.subarray(b * n, (b + 1) * n), 5, random.uniform);
    const flat = noise(9, n * K);
    for (let k = 0; k < K; k++) {
      const column = Float64Array.from({ length: n }, (_, t) => flat[t * K + k]);
      for (let t = 0; t < n; t++) flat[t * K + k] -= mean(column);
    }
    const base = { strategies: K, indices, replications: B, alpha: 0.1 };
    const null_ = dataSnooping({ ...base, differentials: flat });
    expect(null_.realityCheck.p).toBeGreaterThan(0.3);
    expect(null_.stepM.rejected).toEqual([]);
    const planted = dataSnooping({ ...base, differentials: flat.map((x, at) => x + (at % K === 2 ? 0.004 : 0)) });
    expect(planted.realityCheck.p).toBe(0);
    expect(planted.superiorPredictiveAbility.pUpper).toBe(0);
    expect(planted.stepM.rejected).toEqual([2]);
    const { pLower, pConsistent, pUpper } = null_.superiorPredictiveAbility;
    expect(pLower).toBeLessThanOrEqual(pConsistent);
    expect(pConsistent).toBeLessThanOrEqual(pUpper);
  });
});

describe('two series', () => {
  it('have a plain variance as HAC variance without lags', () => {
    const x = noise(1, 200);
    expect(bartlettVariance(x, 0)).toBeCloseTo(variance(x, 0), 16);
    expect(meanDifference(x, noise(2, 200), 0).neweyWestErrorCorrected).toBeCloseTo(
      standardDeviation(x.map((v, t) => v - noise(2, 200)[t])) / Math.sqrt(200),
      12,
    );
  });

  it('agree in rank with themselves and disagree with their negatives', () => {
    const x = noise(3, 60);
    expect(kendallTauB(x, x)).toBeCloseTo(1, 12);
    expect(
      kendallTauB(
        x,
        x.map((v) => -v),
      ),
    ).toBeCloseTo(-1, 12);
  });

  it('of forecast errors are told apart only when they differ', () => {
    const e = noise(5, 400);
    expect(
      dieboldMariano(
        e,
        e.map((x) => 3 * x),
        1,
        2,
      ).pCorrected,
    ).toBeLessThan(0.001);
    expect(() => dieboldMariano(e, e, 1, 2)).toThrowError(/positive long-run variance/);
  });
});

describe('value-at-risk coverage', () => {
  it('is accepted where the rate is right and rejected where it is not', () => {
    const hits = (rate: number) =>
      Float64Array.from({ length: 1000 }, (_, t) => (t % Math.round(1 / rate) === 0 ? -1 : 1));
    expect(coverageTest(hits(0.05), new Float64Array(1000), 0.95).pUnconditional).toBeCloseTo(1, 6);
    expect(coverageTest(hits(0.2), new Float64Array(1000), 0.95).pUnconditional).toBeLessThan(1e-6);
  });
});
