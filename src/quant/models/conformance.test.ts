import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { createRandom } from '../array/random';
import { mergeMoments, momentsOf } from '../learning/moments';
import { loadModel } from './load';
import type { TrainingSet } from './model';
import { isPanelModel } from './panel-model';
import { modelSpecs } from './registry';

const K = 6;
const names = Array.from({ length: K }, (_, k) => `f${k}`);

function sample(rows: number, seed: number, options: { constant?: number; duplicate?: boolean } = {}): TrainingSet {
  const random = createRandom(seed);
  const X = new Float64Array(rows * K);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < K; k++) X[i * K + k] = random.normal();
    if (options.constant !== undefined) X[i * K + 2] = options.constant;
    if (options.duplicate === true) X[i * K + 3] = X[i * K];
    y[i] = 0.02 * X[i * K] - 0.01 * X[i * K + 1] + 0.05 * random.normal();
  }
  return { featureNames: names, X, y };
}

function permuteRows(data: TrainingSet, seed: number): TrainingSet {
  const order = createRandom(seed).shuffle(Int32Array.from(data.y.keys()));
  return {
    featureNames: data.featureNames,
    X: data.X.map((_, at) => data.X[order[Math.floor(at / K)] * K + (at % K)]),
    y: data.y.map((_, i) => data.y[order[i]]),
  };
}

function largestGap(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

/** Models of the panel have a suite of their own: they need a device. */
const loaded = (await Promise.all(modelSpecs.map(({ id }) => loadModel(id)))).flatMap(({ spec, model }) =>
  isPanelModel(model) ? [] : [{ spec, model }],
);

describe.each(loaded)('model $spec.id', ({ spec, model }) => {
  const params = z.parse(spec.params, {});
  const context = { seed: 7 };
  const probe = sample(40, 99).X;

  test('the same rows and seed give the same bits, finite', () => {
    const first = model.forecast(model.fit(sample(400, 1), params, context), probe);
    const second = model.forecast(model.fit(sample(400, 1), params, context), probe);
    expect(second).toEqual(first);
    expect(first).toHaveLength(40);
    expect(first.every(Number.isFinite)).toBe(true);
  });

  test('the order of the training rows does not matter', () => {
    const data = sample(400, 2);
    const straight = model.forecast(model.fit(data, params, context), probe);
    const shuffled = model.forecast(model.fit(permuteRows(data, 5), params, context), probe);
    expect(largestGap(straight, shuffled)).toBeLessThan(1e-9);
  });

  test('each forecast depends on its own row only', () => {
    const fitted = model.fit(sample(400, 3), params, context);
    const all = model.forecast(fitted, probe);
    for (const i of [0, 17, 39]) {
      expect(model.forecast(fitted, probe.slice(i * K, (i + 1) * K))[0]).toBeCloseTo(all[i], 14);
    }
  });

  test('too few rows are refused with the number needed', () => {
    const needed = spec.minRows(K);
    expect(() => model.fit(sample(needed, 4), params, context)).not.toThrow();
    try {
      model.fit(sample(needed - 1, 4), params, context);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'NOT_ENOUGH_DATA', data: { needed } });
    }
  });

  test.each([0, 0.1, 1e9, -3e-7])('a column that is %d everywhere changes nothing', (constant) => {
    const data = sample(400, 5, { constant });
    const fitted = model.fit(data, params, context);
    const moved = probe.map((value, at) => (at % K === 2 ? constant : value));
    expect(model.forecast(fitted, moved).every(Number.isFinite)).toBe(true);
    const without = model.fit(sample(400, 5, { constant: 0 }), params, context);
    const still = probe.map((value, at) => (at % K === 2 ? 0 : value));
    expect(largestGap(model.forecast(fitted, moved), model.forecast(without, still))).toBeLessThan(1e-9);
  });

  test('a duplicated column and a constant target survive', () => {
    const twins = model.fit(sample(400, 6, { duplicate: true }), params, context);
    expect(model.forecast(twins, probe).every(Number.isFinite)).toBe(true);
    const data = sample(400, 6);
    const flat = model.fit({ ...data, y: data.y.map(() => 0.25) }, params, context);
    expect(largestGap(model.forecast(flat, probe), new Float64Array(40).fill(0.25))).toBeLessThan(1e-12);
  });

  test('a fired signal stops the fit', () => {
    const controller = new AbortController();
    controller.abort();
    try {
      model.fit(sample(400, 7), params, { seed: 7, signal: controller.signal });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CANCELLED' });
    }
  });

  test('what was fitted survives cloning and JSON', () => {
    const fitted = model.fit(sample(400, 8), params, context);
    const forecasts = model.forecast(fitted, probe);
    expect(model.forecast(structuredClone(fitted), probe)).toEqual(forecasts);
    expect(model.forecast(JSON.parse(JSON.stringify(fitted)), probe)).toEqual(forecasts);
  });

  test('infinite training rows are refused, and missing ones where the model has no place for them', () => {
    for (const poison of [NaN, Infinity]) {
      const data = sample(400, 9);
      data.X[13] = poison;
      if (Number.isNaN(poison) && spec.acceptsMissing === true) {
        expect(model.forecast(model.fit(data, params, context), data.X).every(Number.isFinite)).toBe(true);
      } else expect(() => model.fit(data, params, context)).toThrow(AppError);
    }
    const data = sample(400, 9);
    data.y[13] = NaN;
    expect(() => model.fit(data, params, context)).toThrow(AppError);
  });

  test('moments of two halves give the fit of the whole', () => {
    if (model.fitMoments === undefined) return;
    const data = sample(600, 10);
    const half = 317;
    const parts = [
      momentsOf(data.X.subarray(0, half * K), data.y.subarray(0, half), K),
      momentsOf(data.X.subarray(half * K), data.y.subarray(half), K),
    ];
    const whole = model.forecast(model.fit(data, params, context), probe);
    const merged = model.forecast(model.fitMoments(mergeMoments(parts), names, params, context), probe);
    expect(largestGap(whole, merged)).toBeLessThan(1e-11);
  });
});
