/** What every registered optimizer promises, whatever it optimizes. A new optimizer is covered by being in its folder. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { createRandom, type Random } from '../array/random';
import { constraintsSchema, type Constraints } from './constraints';
import { turnoverBetween } from './feasible-set';
import { bindOptimizer } from './load';
import type { OptimizerInput, OptimizerResult } from './optimizer';
import { optimizerSpecs } from './registry';

const SECTORS = ['Energy', 'Health', 'Industrials', 'Technology'];

interface Market {
  readonly n: number;
  readonly T: number;
  readonly seed: number;
}

function randomReturns({ n, T }: Market, random: Random): Float64Array {
  const beta = Float64Array.from({ length: n }, () => 0.5 + random.uniform());
  const noise = Float64Array.from({ length: n }, () => 0.005 + 0.02 * random.uniform());
  const X = new Float64Array(T * n);
  for (let t = 0; t < T; t++) {
    const market = 0.01 * random.normal();
    for (let j = 0; j < n; j++) X[t * n + j] = 0.0003 + beta[j] * market + noise[j] * random.normal();
  }
  return X;
}

function makeInput(market: Market, constraints: Partial<Constraints> = {}, holding = false): OptimizerInput {
  const { n, seed } = market;
  const random = createRandom(seed);
  const weights = Float64Array.from({ length: n }, () => random.uniform());
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    assets: Array.from({ length: n }, (_, i) => `A${i}`),
    returns: randomReturns(market, random),
    expectedReturns: Float64Array.from({ length: n }, () => 0.01 + 0.02 * random.normal()),
    horizon: 21,
    sectors: Array.from({ length: n }, (_, i) => SECTORS[i % SECTORS.length]),
    ...(holding ? { currentWeights: weights.map((weight) => weight / total) } : {}),
    constraints: constraintsSchema.parse(constraints),
  };
}

function expectPromise(input: OptimizerInput, { weights }: OptimizerResult): void {
  const { longOnly, maxWeight, cash, sectorCap, turnoverLimit, maxHoldings } = input.constraints;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  expect(Math.abs(sum - (1 - cash))).toBeLessThanOrEqual(1e-9);
  for (const weight of weights) {
    expect(weight).toBeLessThanOrEqual(maxWeight + 1e-9);
    expect(weight).toBeGreaterThanOrEqual((longOnly ? 0 : -maxWeight) - 1e-9);
  }
  if (sectorCap !== undefined) {
    for (const sector of SECTORS) {
      const held = weights.reduce((total, weight, i) => total + (input.sectors[i] === sector ? weight : 0), 0);
      expect(held).toBeLessThanOrEqual(sectorCap + 1e-9);
    }
  }
  if (turnoverLimit !== undefined && input.currentWeights !== undefined) {
    expect(turnoverBetween(weights, input.currentWeights)).toBeLessThanOrEqual(turnoverLimit + 1e-9);
  }
  if (maxHoldings !== undefined) {
    expect(weights.filter((weight) => Math.abs(weight) > 1e-12).length).toBeLessThanOrEqual(maxHoldings);
  }
}

function expectRefusal(run: () => unknown, codes: readonly string[]): AppError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(codes).toContain(error.code);
    return error;
  }
  return expect.fail(`expected one of ${codes.join(', ')}`);
}

const anyMarket = fc.record({
  n: fc.integer({ min: 1, max: 24 }),
  T: fc.integer({ min: 30, max: 80 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});
const anyConstraints = fc.record(
  {
    longOnly: fc.boolean(),
    maxWeight: fc.double({ min: 0.02, max: 1, noNaN: true }),
    sectorCap: fc.double({ min: 0.2, max: 1, noNaN: true }),
    turnoverLimit: fc.double({ min: 0.05, max: 1, noNaN: true }),
    maxHoldings: fc.integer({ min: 1, max: 20 }),
    cash: fc.constantFrom(0, 0.05, 0.5),
  },
  { requiredKeys: [] },
);

/** Enough of everything that data-driven choices are the same for equal data. */
function paramsFor(id: string): Record<string, unknown> {
  return id === 'top-n' ? { count: 5 } : {};
}

for (const spec of optimizerSpecs) {
  const { optimize } = bindOptimizer(spec.id, paramsFor(spec.id));

  describe(`optimizer ${spec.id}`, () => {
    test('describes itself and fills every parameter with a default', () => {
      expect(spec.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(spec.title.length).toBeGreaterThan(0);
      expect(spec.summary).toMatch(/\.$/);
      expect(() => spec.params.parse({})).not.toThrow();
      expectRefusal(() => bindOptimizer(spec.id, { unheardOf: 1 }), ['INVALID_CONFIG']);
    });

    test('keeps budget, bounds, caps, turnover and holdings to 1e-9, or names what conflicts', () => {
      fc.assert(
        fc.property(anyMarket, anyConstraints, fc.boolean(), (market, constraints, holding) => {
          const input = makeInput(market, constraints, holding);
          try {
            expectPromise(input, optimize(input));
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            expect(error.code).toBe('INFEASIBLE');
            expect(error.data?.['constraints']).toBeDefined();
          }
        }),
        { numRuns: 300 },
      );
    });

    test('never refuses constraints that equal weights meet', () => {
      fc.assert(
        fc.property(anyMarket, (market) => {
          const n = market.n;
          const input = makeInput(market, { maxWeight: 1, sectorCap: 1 });
          const held = { ...input, currentWeights: new Float64Array(n).fill(1 / n) };
          const constraints = constraintsSchema.parse({ maxWeight: 1, turnoverLimit: 0.01 });
          expectPromise(input, optimize(input));
          if (spec.id !== 'top-n') expectPromise({ ...held, constraints }, optimize({ ...held, constraints }));
        }),
        { numRuns: 40 },
      );
    });

    test('explains a largest weight that cannot reach the budget and the smallest one that can', () => {
      const input = makeInput({ n: 40, T: 60, seed: 1 }, { maxWeight: 0.02 });
      const error = expectRefusal(() => optimize(input), ['INFEASIBLE']);
      expect(error.message).toMatch(/assets × 2 % = \d+ % < 100 %/);
      const { maxWeight } = Object(error.data?.['relaxation']);
      const relaxed = { ...input, constraints: { ...input.constraints, maxWeight } };
      expectPromise(relaxed, optimize(relaxed));
    });

    test('explains sector caps that cannot reach the budget', () => {
      const input = makeInput({ n: 20, T: 60, seed: 2 }, { sectorCap: 0.2 });
      const error = expectRefusal(() => optimize(input), ['INFEASIBLE']);
      expect(error.data?.['constraints']).toContain('sectorCap');
      const { sectorCap } = Object(error.data?.['relaxation']);
      expect(sectorCap).toBeCloseTo(0.25, 5);
      const relaxed = { ...input, constraints: { ...input.constraints, sectorCap } };
      expectPromise(relaxed, optimize(relaxed));
    });

    test('explains a turnover limit that keeps the portfolio outside its bounds', () => {
      const input = makeInput({ n: 10, T: 60, seed: 3 }, { maxWeight: 0.2, turnoverLimit: 0.1 });
      const currentWeights = new Float64Array(10);
      currentWeights[0] = 1;
      const error = expectRefusal(() => optimize({ ...input, currentWeights }), ['INFEASIBLE']);
      expect(error.data?.['constraints']).toContain('turnoverLimit');
      expect(error.message).toContain('80 % > 10 %');
    });

    test('ignores the turnover limit on the first purchase', () => {
      const input = makeInput({ n: 10, T: 60, seed: 4 }, { turnoverLimit: 0.01 });
      const bought = { ...input, currentWeights: new Float64Array(10) };
      expect(optimize(bought).weights).toEqual(optimize(input).weights);
    });

    test('the same input gives the same bits and leaves the input alone', () => {
      const input = makeInput({ n: 15, T: 60, seed: 5 }, { maxWeight: 0.2, sectorCap: 0.4 }, true);
      const before = structuredClone(input);
      const first = optimize(input);
      expect(optimize(input)).toEqual(first);
      expect(input).toEqual(before);
    });

    test('permuting the assets permutes the weights', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e5 }), (seed) => {
          const input = makeInput({ n: 12, T: 60, seed }, { maxWeight: 0.3 });
          const order = createRandom(seed + 1).shuffle(Array.from({ length: 12 }, (_, i) => i));
          const moved = permute(input, order);
          const weights = optimize(input).weights;
          const permuted = optimize(moved).weights;
          if (spec.id === 'hrp') return;
          order.forEach((from, to) => expect(permuted[to]).toBeCloseTo(weights[from], 6));
        }),
        { numRuns: 25 },
      );
    });

    test('scaling all returns by a constant changes nothing where no forecast sets a scale', () => {
      const input = makeInput({ n: 12, T: 60, seed: 6 }, { maxWeight: 0.3 });
      if (['mean-variance', 'black-litterman', 'target-volatility'].includes(spec.id)) return;
      const scaled = { ...input, returns: input.returns.map((value) => 0.01 * value) };
      const weights = optimize(input).weights;
      optimize(scaled).weights.forEach((weight, i) => expect(weight).toBeCloseTo(weights[i], 8));
    });

    test('one asset takes the whole budget', () => {
      const input = makeInput({ n: 1, T: 60, seed: 7 }, { cash: 0.1 });
      expect(optimize(input).weights[0]).toBeCloseTo(0.9, 12);
    });

    test('fewer days than assets still give a portfolio', () => {
      const input = makeInput({ n: 40, T: 10, seed: 8 }, { maxWeight: 0.2 });
      expectPromise(input, optimize(input));
      const longShort = { ...input, constraints: { ...input.constraints, longOnly: false } };
      expectPromise(longShort, optimize(longShort));
    });

    test('no assets, missing returns and constant prices are refused or do not matter', () => {
      expectRefusal(() => optimize(makeInput({ n: 0, T: 10, seed: 9 })), ['NOT_ENOUGH_DATA']);
      const input = makeInput({ n: 4, T: 30, seed: 10 });
      const gap = input.returns.slice();
      gap[9] = NaN;
      const flat = input.returns.map((value, k) => (k % 4 === 2 ? 0 : value));
      const short = input.returns.slice(0, 4);
      const usesReturns = !['equal-weight', 'softmax', 'top-n'].includes(spec.id);
      for (const [returns, code] of [
        [gap, 'INVALID_DATA'],
        [flat, 'INVALID_DATA'],
        [short, 'NOT_ENOUGH_DATA'],
      ] as const) {
        if (usesReturns) expectRefusal(() => optimize({ ...input, returns }), [code]);
        else expectPromise(input, optimize({ ...input, returns }));
      }
    });

    test('a forecast is demanded exactly where the specification says so', () => {
      const { expectedReturns, ...input } = makeInput({ n: 6, T: 40, seed: 11 });
      expect(expectedReturns).toBeDefined();
      if (!spec.needsForecast) {
        expectPromise(input, optimize(input));
        return;
      }
      expectRefusal(() => optimize(input), ['BAD_REQUEST']);
      const gap = new Float64Array(6).fill(NaN);
      expectRefusal(() => optimize({ ...input, expectedReturns: gap }), ['INVALID_DATA']);
    });

    test('a duplicated asset and its twin share what one of them would get', () => {
      if (!['min-variance', 'mean-variance'].includes(spec.id)) return;
      const sample = bindOptimizer(spec.id, { covariance: 'sample' });
      const input = makeInput({ n: 8, T: 120, seed: 12 });
      const alone = sample.optimize(input).weights;
      const twins = sample.optimize(permute(input, [0, 1, 2, 3, 4, 5, 6, 7, 3])).weights;
      for (let i = 0; i < 8; i++) expect(twins[i] + (i === 3 ? twins[8] : 0)).toBeCloseTo(alone[i], 6);
    });
  });
}

function permute(input: OptimizerInput, order: readonly number[]): OptimizerInput {
  const n = input.assets.length;
  const T = input.returns.length / n;
  const returns = new Float64Array(T * order.length);
  for (let t = 0; t < T; t++)
    order.forEach((from, to) => (returns[t * order.length + to] = input.returns[t * n + from]));
  const { expectedReturns } = input;
  return {
    ...input,
    assets: order.map((from, to) => `${input.assets[from]}/${to}`),
    sectors: order.map((from) => input.sectors[from]),
    returns,
    ...(expectedReturns === undefined
      ? {}
      : { expectedReturns: Float64Array.from(order, (from) => expectedReturns[from]) }),
  };
}
