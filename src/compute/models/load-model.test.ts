/** Loading and forecasting with sealed models: golden rows, frames by name, a row alone as in a batch. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PredictionFrame } from '#contract/model-questions';
import { createRandom } from '#quant/array/random';
import { referenceEngine } from '#quant/nn/reference-engine';
import { loadEngine } from '../nn/engines';
import { encodeBundle, type ModelBundle } from './bundle';
import { checkFrame } from './frame';
import { loadModel } from './load-model';
import { sampleBundle } from './sample-bundle.test-data';

const STEPS = 5;
const K = 2;

/** A bundle with the golden outputs that its weights do give. */
async function sound(bundle: ModelBundle): Promise<ModelBundle> {
  const loose = { ...bundle, manifest: { ...bundle.manifest, golden: { rows: 4, tolerance: 1e-3 } } };
  const engine = referenceEngine();
  const session = await engine.open(
    bundle.manifest.network,
    { values: bundle.golden.inputs, series: 4, days: STEPS, inputs: K },
    { seed: 0, largest: { rows: 4, steps: STEPS }, checkpointEvery: 0, precision: 'f32' },
  );
  const [parameters] = bundle.members;
  await session.write({ parameters, first: parameters.map(() => 0), second: parameters.map(() => 0), step: 0 });
  const outputs = await session.predict({
    kind: 'windows',
    series: Uint32Array.of(0, 1, 2, 3),
    end: new Uint32Array(4).fill(STEPS - 1),
    lookback: STEPS,
    groups: Uint32Array.of(0, 4),
  });
  return { ...loose, golden: { ...bundle.golden, outputs } };
}

const bundle = await sound(sampleBundle());
const engine = await loadEngine('wasm');

function frameOf(rows: number, seed: number): PredictionFrame {
  const random = createRandom(seed);
  return {
    rows: Array.from({ length: rows }, (_, i) => `A${i}`),
    features: ['momentum', 'volatility'],
    values: Array.from({ length: rows * STEPS * K }, () => random.uniform() - 0.5),
  };
}

describe('a sealed model', () => {
  test('answers its golden rows, and a row alone with the bits that it has in any batch', async () => {
    const model = await loadModel(encodeBundle(bundle), engine);
    const { inputs } = checkFrame(bundle.manifest, frameOf(700, 1));
    const all = await model.forecast(inputs);
    expect(all).toHaveLength(700);
    const width = STEPS * K;
    for (const row of [0, 1, 511, 512, 699]) {
      const alone = await model.forecast(inputs.slice(row * width, (row + 1) * width));
      expect(alone[0]).toBe(all[row]);
    }
    const again = await model.forecast(inputs);
    expect(again).toEqual(all);
    model.dispose();
  });

  test('with other weights, or other golden rows, is not loaded', async () => {
    const weights = bundle.members[0].map((value, i) => (i === 3 ? value + 0.1 : value));
    const outputs = bundle.golden.outputs.map((value, i) => (i === 2 ? value + 0.01 : value));
    for (const altered of [
      { ...bundle, members: [weights] },
      { ...bundle, golden: { ...bundle.golden, outputs } },
    ]) {
      await expect(loadModel(encodeBundle(altered), engine)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    }
    // The twin: the same weights with golden rows of their own are taken.
    const model = await loadModel(encodeBundle(await sound({ ...bundle, members: [weights] })), engine);
    model.dispose();
  });
});

describe('a frame', () => {
  const frame = frameOf(3, 2);

  test('is taken by name: columns in another order give the same bits', () => {
    const swapped = {
      ...frame,
      features: ['volatility', 'momentum'],
      values: Array.from(frame.values, (_, i) => frame.values[i % 2 === 0 ? i + 1 : i - 1]),
    };
    expect(checkFrame(bundle.manifest, swapped).inputs).toEqual(checkFrame(bundle.manifest, frame).inputs);
  });

  test('that does not fit is refused, never coerced', () => {
    const bad = fc.oneof(
      fc
        .constantFrom(NaN, Infinity, -Infinity)
        .chain((value) =>
          fc
            .nat(frame.values.length - 1)
            .map((at) => ({ ...frame, values: Array.from(frame.values, (v, i) => (i === at ? value : v)) })),
        ),
      fc
        .constantFrom(['momentum'], ['momentum', 'momentum'], ['momentum', 'vol'], ['volatility', 'momentum', 'x'])
        .map((features) => ({ ...frame, features })),
      fc
        .integer({ min: 0, max: 60 })
        .filter((n) => n !== frame.values.length)
        .map((n) => ({ ...frame, values: Array.from({ length: n }, () => 0) })),
      fc.constantFrom([], ['A0', 'A0', 'A1'], ['A0']).map((rows) => ({ ...frame, rows })),
    );
    fc.assert(
      fc.property(bad, (given) => {
        expect(() => checkFrame(bundle.manifest, given)).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
      }),
      { numRuns: 500 },
    );
  });

  test('far outside the training range gives no forecast for that row only', () => {
    const far = { ...frame, values: Array.from(frame.values, (value, i) => (i === STEPS * K ? 1e6 : value)) };
    const { refusals, warnings } = checkFrame(bundle.manifest, far);
    expect(refusals.map((reason) => reason === null)).toEqual([true, false, true]);
    expect(warnings).toEqual([]);
  });
});
