import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { sampleCovariance } from '../covariance/moments';
import { OWN_MEASURES, evaluateMeasures } from '../metrics/measures';
import { returnSample } from '../metrics/sample';
import { assetFactorModel } from '../factors/factor-regression';
import { backtestRisk } from './backtest-risk';
import {
  factorScenarios,
  shortfallContributions,
  sumByGroup,
  varContributions,
  volatilityContributions,
  type Contributions,
} from './contributions';
import { singleSeries, type PortfolioScenarios } from './portfolio-scenarios';
import { riskModels } from './models';
import { historicalTail } from './tail-risk';

/** Fat-tailed returns with one common factor. */
function market(T: number, N: number, seed: number): PortfolioScenarios {
  const random = createRandom(seed);
  const returns = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const common = 0.01 * random.normal() * (random.uniform() < 0.1 ? 3 : 1);
    for (let i = 0; i < N; i++) returns[t * N + i] = common + 0.01 * random.normal();
  }
  return { returns, T, N, weights: Float64Array.from({ length: N }, () => random.uniform() - 0.2) };
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

function expectAdditive({ total, contribution, share }: Contributions): void {
  expect(Math.abs(sum(contribution) - total)).toBeLessThan(1e-12 * Math.max(1, Math.abs(total)));
  if (Math.abs(total) > 1e-6) expect(sum(share)).toBeCloseTo(1, 8);
}

describe.each(riskModels.map((model) => [model.id, model] as const))('%s tail', (_id, model) => {
  const rows = Math.max(model.needs, 120);

  test('has contributions by asset and by sector that add up to the total, whatever is held', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat(1e6),
        fc.double({ min: 0.8, max: 0.99, noNaN: true }),
        (N, seed, level) => {
          const scenarios = market(rows, N, seed);
          const tail = model.evaluate(scenarios, level);
          for (const contributions of [varContributions(scenarios, tail), shortfallContributions(scenarios, tail)]) {
            expectAdditive(contributions);
            const sectors = sumByGroup(
              contributions.contribution,
              Array.from({ length: N }, (_, i) => (i % 2 === 0 ? 'A' : 'B')),
            );
            expect(Math.abs(sum(sectors.values()) - contributions.total)).toBeLessThan(1e-12);
          }
        },
      ),
      { numRuns: model.id === 'filtered-historical' ? 15 : 60 },
    );
  });

  test('splits by factor and residual without remainder', () => {
    const scenarios = market(rows, 6, 5);
    const factor = { name: 'first', returns: Float64Array.from({ length: rows }, (_, t) => scenarios.returns[t * 6]) };
    const { betas } = assetFactorModel(scenarios.returns, rows, 6, [factor]);
    const split = factorScenarios(scenarios, factor.returns, betas, 1);
    const whole = model.evaluate(scenarios, 0.95);
    const parts = shortfallContributions(split, model.evaluate(split, 0.95));
    // The filter is fitted again to series that differ in their last digits.
    expect(parts.total).toBeCloseTo(whole.shortfall, model.id === 'filtered-historical' ? 8 : 12);
    expectAdditive(parts);
  });

  test('grows with the position and with the confidence, and never lets the shortfall fall below the value at risk', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.double({ min: 0.9, max: 0.975, noNaN: true }), (seed, level) => {
        const scenarios = market(rows, 3, seed);
        const tail = model.evaluate(scenarios, level);
        const double = model.evaluate({ ...scenarios, weights: scenarios.weights.map((w) => 2 * w) }, level);
        // Twice the position is twice the loss; the filter refits on other numbers, so it agrees to its own tolerance.
        const digits = model.id === 'filtered-historical' ? 4 : 12;
        expect(double.valueAtRisk).toBeCloseTo(2 * tail.valueAtRisk, digits);
        if (tail.facts['monotone'] !== 0) expect(tail.shortfall).toBeGreaterThanOrEqual(tail.valueAtRisk - 1e-12);
        expect(model.evaluate(scenarios, 0.99).shortfall).toBeGreaterThanOrEqual(
          model.evaluate(scenarios, 0.9).shortfall - (tail.facts['monotone'] === 0 ? 1 : 1e-12),
        );
      }),
      { numRuns: model.id === 'filtered-historical' ? 10 : 60 },
    );
  });

  test('has marginals that are its derivatives', () => {
    if (model.id === 'filtered-historical') return; // given its filter; the filter itself moves with the weights
    const scenarios = market(500, 4, 11);
    const tail = model.evaluate(scenarios, 0.95);
    const h = 1e-7;
    for (let i = 0; i < 4; i++) {
      const at = (step: number) =>
        model.evaluate({ ...scenarios, weights: scenarios.weights.map((w, j) => (j === i ? w + step : w)) }, 0.95);
      expect((at(h).valueAtRisk - at(-h).valueAtRisk) / (2 * h)).toBeCloseTo(tail.varMarginal[i], 6);
      expect((at(h).shortfall - at(-h).shortfall) / (2 * h)).toBeCloseTo(tail.shortfallMarginal[i], 6);
    }
  });

  test('refuses holes, short samples and foolish levels with the numbers', () => {
    const scenarios = market(rows, 2, 1);
    const holed = { ...scenarios, returns: scenarios.returns.map((r, at) => (at === 7 ? NaN : r)) };
    expect(() => model.evaluate(holed, 0.95)).toThrow(/row 4 of asset 2/);
    expect(() => model.evaluate(singleSeries(Float64Array.of(0.01)), 0.95)).toThrow(/at least \d+ returns, found 1/);
    expect(() => model.evaluate(scenarios, 1)).toThrow(/level/);
  });
});

test('single-series values agree with the measures reference', () => {
  const { returns } = market(400, 1, 3);
  const measures = evaluateMeasures(
    OWN_MEASURES,
    returnSample(returns, { periodsPerYear: 252, riskFree: 0, alpha: 0.95 }),
  );
  const of = (id: string) => riskModels.find((model) => model.id === id)?.evaluate(singleSeries(returns), 0.95);
  expect(of('historical')?.valueAtRisk).toBeCloseTo(measures['var_hist']?.value ?? NaN, 14);
  expect(of('historical')?.shortfall).toBeCloseTo(measures['cvar_rockafellar_uryasev']?.value ?? NaN, 14);
  expect(of('gaussian')?.valueAtRisk).toBeCloseTo(measures['var_gaussian']?.value ?? NaN, 14);
  expect(of('gaussian')?.shortfall).toBeCloseTo(measures['cvar_gaussian']?.value ?? NaN, 14);
  expect(of('cornish-fisher')?.valueAtRisk).toBeCloseTo(measures['var_cornish_fisher']?.value ?? NaN, 14);
});

test('the Cornish-Fisher shortfall is the mean of its quantiles over the tail', () => {
  const { returns } = market(300, 1, 9);
  const model = riskModels.find(({ id }) => id === 'cornish-fisher');
  const tail = model?.evaluate(singleSeries(returns), 0.95);
  let integral = 0;
  const steps = 500;
  // Midpoints in the square root of the tail probability, where the quantile is nearly straight.
  for (let k = 0; k < steps; k++) {
    const u = (k + 0.5) / steps;
    const p = 0.05 * u * u;
    integral += ((model?.evaluate(singleSeries(returns), 1 - p).valueAtRisk ?? NaN) * 2 * u) / steps;
  }
  expect(tail?.shortfall).toBeCloseTo(integral, 5);
});

test('equal weights on equal assets contribute equally to volatility', () => {
  const { returns } = market(60, 1, 2);
  const twins = Float64Array.from({ length: 120 }, (_, at) => returns[at >> 1]);
  const { share } = volatilityContributions({ returns: twins, T: 60, N: 2, weights: Float64Array.of(0.5, 0.5) });
  expect([...share]).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)]);
});

test('volatility contributions add up, also with fewer dates than assets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 3, max: 40 }), fc.nat(1e6), (N, T, seed) => {
      expectAdditive(volatilityContributions(market(T, N, seed)));
    }),
  );
  expect(() => volatilityContributions({ ...market(10, 2, 1), weights: Float64Array.of(0, 0) })).toThrow(
    /positive variance/,
  );
});

test('given probabilities, equal ones give the same shortfall as none, and a sure scenario is the whole tail', () => {
  const scenarios = market(200, 3, 4);
  const equal = historicalTail(scenarios, 0.95, new Float64Array(200).fill(1 / 200));
  expect(equal.shortfall).toBeCloseTo(historicalTail(scenarios, 0.95).shortfall, 12);
  const sure = historicalTail(
    scenarios,
    0.95,
    Float64Array.from({ length: 200 }, (_, t) => (t === 7 ? 1 : 0)),
  );
  const loss = -sum(scenarios.weights.map((w, i) => w * scenarios.returns[7 * 3 + i]));
  expect(sure.valueAtRisk).toBeCloseTo(loss, 14);
  expect(sure.shortfall).toBeCloseTo(loss, 14);
  expect(() => historicalTail(scenarios, 0.95, new Float64Array(200))).toThrow(/sum 0/);
});

describe('back-tests', () => {
  /** GARCH returns: calm and storms. */
  function storms(n: number, seed: number): Float64Array {
    const random = createRandom(seed);
    let variance = 1e-4;
    let previous = 0;
    return Float64Array.from({ length: n }, () => {
      variance = 2e-6 + 0.1 * previous ** 2 + 0.88 * variance;
      previous = Math.sqrt(variance) * random.normal();
      return previous;
    });
  }

  test('forecasts know only the window before them', () => {
    const returns = storms(320, 1);
    const changed = returns.map((value, t) => (t > 310 ? 0.5 : value));
    for (const { id } of riskModels) {
      const options = { model: id, window: 250, level: 0.95, refitEvery: 30 };
      const before = backtestRisk(returns, options).valueAtRisk.slice(0, 61);
      expect([...backtestRisk(changed, options).valueAtRisk.slice(0, 61)]).toEqual([...before]);
    }
  });

  test('the filtered model passes independence where the plain one clusters', () => {
    const returns = storms(3_000, 7);
    const run = (model: 'historical' | 'filtered-historical') =>
      backtestRisk(returns, { model, window: 500, level: 0.95, refitEvery: 250 });
    const plain = run('historical');
    const filtered = run('filtered-historical');
    expect(filtered.coverage.pConditional).toBeGreaterThan(0.05);
    expect(plain.coverage.pIndependence).toBeLessThan(0.05);
    expect(Math.abs(filtered.shortfallStatistic ?? NaN)).toBeLessThan(0.3);
    // A window of cash forecasts no loss, so there is nothing to compare the losses with.
    const late = returns.map((value, t) => (t < 600 ? 0 : value));
    const options = { model: 'historical', window: 500, level: 0.95, refitEvery: 1 } as const;
    expect(backtestRisk(late, options).shortfallStatistic).toBeNull();
  });

  test('too little history and too small windows are refused with the numbers', () => {
    const options = { model: 'filtered-historical', window: 50, level: 0.95, refitEvery: 1 } as const;
    expect(() => backtestRisk(storms(300, 1), options)).toThrow(/at least 100 returns/);
    expect(() => backtestRisk(storms(100, 1), { ...options, window: 100 })).toThrow(/at least 102 returns, found 100/);
  });
});

test('the covariance of factor scenarios keeps the portfolio variance', () => {
  const scenarios = market(100, 4, 8);
  const F = Float64Array.from({ length: 100 }, (_, t) => scenarios.returns[t * 4 + 1]);
  const split = factorScenarios(scenarios, F, Float64Array.of(1, 1, 1, 1), 1);
  expect(volatilityContributions(split).total).toBeCloseTo(volatilityContributions(scenarios).total, 12);
  expect(sampleCovariance(split.returns, 100, 2)).toHaveLength(4);
});
