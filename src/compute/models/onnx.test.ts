/**
 * ONNX export and ONNX Runtime as a rung for forecasts, held to each other: onnxruntime-web is the runtime of these tests, with the face of
 * onnxruntime-node and no native part. The same forecasts as the sealed model's own engine.
 */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { initialState } from '#quant/nn/initialize';
import type { LstmNetwork } from '#quant/nn/network';
import { loadEngine } from '../nn/engines';
import { probe } from '../devices/onnxruntime-node';
import { encodeBundle, featuresHash, type ModelBundle } from './bundle';
import { checkFrame } from './frame';
import { loadModel, loadModelWith } from './load-model';
import { onnxOf } from './onnx';
import { loadOnnxRuntime, onnxCommittee, type OnnxRuntime } from './onnx-runtime';
import { ProtobufWriter } from '#base/protobuf';
import { sampleBundle } from './sample-bundle.test-data';

const require = createRequire(import.meta.url);
const load = () => require('onnxruntime-web') as OnnxRuntime; // the package's own interface

function bundleOf(network: LstmNetwork, members: number): ModelBundle {
  const sample = sampleBundle();
  const random = createRandom(9);
  const features = Array.from({ length: network.inputs }, (_, k) => ({
    ...sample.manifest.features[0],
    name: `f${k}`,
    mean: 0.1 * k,
    deviation: k === 1 ? 0 : 0.3 + 0.1 * k,
  }));
  return {
    manifest: { ...sample.manifest, network, members, features, featuresHash: featuresHash(features) },
    members: Array.from({ length: members }, (_, m) =>
      initialState(network, 40 + m).parameters.map((value) => value + 0.1 * random.normal()),
    ),
    golden: sample.golden,
  };
}

describe('in ONNX Runtime', () => {
  test.each([
    ['one layer', { kind: 'lstm', inputs: 3, hidden: 5, layers: 1, dropout: 0, layerNorm: false }, 1],
    [
      'layers, norm and several members',
      { kind: 'lstm', inputs: 4, hidden: 8, layers: 2, dropout: 0.2, layerNorm: true },
      3,
    ],
  ] as const)('%s: forecasts equal to 1e-5', async (_, network, members) => {
    const bundle = bundleOf(network, members);
    const { manifest } = bundle;
    const rows = 7;
    const steps = 5;
    const random = createRandom(3);
    const values = Array.from({ length: rows * steps * network.inputs }, () => random.uniform() - 0.5);
    const runtime = loadOnnxRuntime(load);
    const session = await runtime.InferenceSession.create(onnxOf(bundle), { intraOpNumThreads: 1 });
    const x = new runtime.Tensor('float32', Float32Array.from(values), [rows, steps, network.inputs]);
    const { forecast } = await session.run({ x });
    await session.release();
    const found = [...(forecast.data as Float32Array)]; // the graph's only output, of float32

    const names = manifest.features.map(({ name }) => name);
    const frame = { rows: Array.from({ length: rows }, (_row, i) => `A${i}`), features: names, values };
    const { inputs } = checkFrame(manifest, frame);
    const engine = await loadEngine('wasm');
    const sums = new Float64Array(rows);
    for (const parameters of bundle.members) {
      const member = await engine.open(
        network,
        { values: inputs, series: rows, days: steps, inputs: network.inputs },
        { seed: 0, largest: { rows, steps }, checkpointEvery: 0, precision: 'f32' },
      );
      const zero = parameters.map(() => 0);
      await member.write({ parameters, first: zero, second: zero, step: 0 });
      const answers = await member.predict({
        kind: 'windows',
        series: Uint32Array.from({ length: rows }, (_row, i) => i),
        end: new Uint32Array(rows).fill(steps - 1),
        lookback: steps,
        groups: Uint32Array.of(0, rows),
      });
      answers.forEach((answer, i) => (sums[i] += answer / members));
      member.dispose();
    }
    const { shift, scale } = manifest.output;
    found.forEach((value, i) =>
      expect(Math.abs(value - (shift + scale * sums[i]))).toBeLessThan(1e-5 * Math.max(scale, Math.abs(value))),
    );
  });
});

describe('ONNX Runtime as a device of sealed models', async () => {
  const network = { kind: 'lstm', inputs: 2, hidden: 6, layers: 2, dropout: 0, layerNorm: true } as const;
  const loose = bundleOf(network, 2);
  const engine = await loadEngine('wasm');
  const [rows, steps] = [4, 5];
  /** With the golden outputs that the weights do give. */
  const sums = new Float32Array(rows);
  for (const parameters of loose.members) {
    const session = await engine.open(
      network,
      { values: loose.golden.inputs, series: rows, days: steps, inputs: 2 },
      { seed: 0, largest: { rows, steps }, checkpointEvery: 0, precision: 'f32' },
    );
    const zero = parameters.map(() => 0);
    await session.write({ parameters, first: zero, second: zero, step: 0 });
    const series = Uint32Array.from({ length: rows }, (_, i) => i);
    const end = new Uint32Array(rows).fill(steps - 1);
    const asked = { kind: 'windows', series, end, lookback: steps, groups: Uint32Array.of(0, rows) } as const;
    (await session.predict(asked)).forEach((answer, i) => (sums[i] += answer / 2));
    session.dispose();
  }
  const bundle = { ...loose, golden: { ...loose.golden, outputs: sums } };
  const open = async (sealed: ModelBundle) => onnxCommittee(loadOnnxRuntime(load), sealed, 1);

  test('gives the golden rows back and answers as our own kernels do', async () => {
    const ours = await loadModel(encodeBundle(bundle), engine);
    const theirs = await loadModelWith(encodeBundle(bundle), open);
    const inputs = Float32Array.from({ length: 9 * steps * 2 }, (_, k) => Math.sin(k));
    const [expected, found] = [await ours.forecast(inputs), await theirs.forecast(inputs)];
    expect(theirs.device).toMatch(/^ONNX Runtime \d/);
    const { scale } = bundle.manifest.output;
    found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-5 * scale));
    for (const model of [ours, theirs]) model.dispose();
  });

  test('with other golden rows the model is not loaded', async () => {
    const outputs = sums.map((value, i) => (i === 2 ? value + 0.01 : value));
    const spoiled = { ...bundle, golden: { ...bundle.golden, outputs } };
    await expect(loadModelWith(encodeBundle(spoiled), open)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  test('is measured where it works, and says what to install where it is not', async () => {
    expect(await probe(load)).toMatchObject({ status: 'works', reason: null });
    const missing = await probe(() => {
      throw Object.assign(new Error("Cannot find module 'onnxruntime-node'"), { code: 'MODULE_NOT_FOUND' });
    });
    expect(missing).toMatchObject({ status: 'unavailable', probe: null });
    expect(missing.reason).toMatch(/not installed.*npm install --ignore-scripts onnxruntime-node/);
    const broken = await probe(() => {
      throw new Error('libonnxruntime.so.1: cannot open shared object file');
    });
    expect(broken.reason).toMatch(/installed and does not load: libonnxruntime/);
  });

  test('refuses a graph attention network with what to do', async () => {
    const { manifest, members } = bundle;
    const graph = { kind: 'graph', window: 60, association: 'correlation', filter: 'knn', neighbors: 5 } as const;
    const source = { manifest: { ...manifest, input: { ...graph, sectorEdges: false } }, members };
    await expect(onnxCommittee(loadOnnxRuntime(load), source, 1)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });
});

test('a graph attention network is refused with the reason', () => {
  const sample = sampleBundle();
  const network = {
    kind: 'gat' as const,
    inputs: 2,
    layers: [{ heads: 1, channels: 2, concat: true }],
    negativeSlope: 0.2,
    dropout: 0,
  };
  const manifest = { ...sample.manifest, network };
  expect(() => onnxOf({ ...sample, manifest })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('protocol buffers are written as their definition says', () => {
  // Examples of protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2, −2 as a varint.
  expect([...new ProtobufWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtobufWriter().text(2, 'testing').finish()]).toEqual([
    0x12,
    0x07,
    ...new TextEncoder().encode('testing'),
  ]);
  expect([...new ProtobufWriter().signed(1, -2).finish()]).toEqual([0x08, 0xfe, ...Array<number>(8).fill(0xff), 0x01]);
});
