/** ONNX export, held to ONNX Runtime where Python has it: the same forecasts as the sealed model's own engine. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { initialState } from '#quant/nn/initialize';
import type { LstmNetwork } from '#quant/nn/network';
import { loadEngine } from '../nn/engines';
import { featuresHash, type ModelBundle } from './bundle';
import { checkFrame } from './frame';
import { onnxOf } from './onnx';
import { ProtobufWriter } from './protobuf';
import { sampleBundle } from './sample-bundle.test-data';

const folder = mkdtempSync(join(tmpdir(), 'sextant-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import onnxruntime, numpy']).status === 0,
);

const RUN = `
import json, sys, numpy, onnxruntime
asked = json.load(sys.stdin)
session = onnxruntime.InferenceSession(asked['model'], providers=['CPUExecutionProvider'])
x = numpy.array(asked['x'], dtype=numpy.float32).reshape(asked['shape'])
print(json.dumps(session.run(None, {'x': x})[0].tolist()))
`;

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

describe.skipIf(python === undefined)('in ONNX Runtime (pip install onnxruntime numpy)', () => {
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
    const file = join(folder, 'model.onnx');
    writeFileSync(file, onnxOf(bundle));
    const asked = JSON.stringify({ model: file, x: values, shape: [rows, steps, network.inputs] });
    const { stdout, stderr } = spawnSync(python ?? '', ['-c', RUN], { input: asked, encoding: 'utf8' });
    expect(stderr).toBe('');
    const found = JSON.parse(stdout) as number[]; // the script prints a list

    const names = manifest.features.map(({ name }) => name);
    const frame = { rows: Array.from({ length: rows }, (_row, i) => `A${i}`), features: names, values };
    const { inputs } = checkFrame(manifest, frame);
    const engine = await loadEngine('wasm');
    const sums = new Float64Array(rows);
    for (const parameters of bundle.members) {
      const session = await engine.open(
        network,
        { values: inputs, series: rows, days: steps, inputs: network.inputs },
        { seed: 0, largest: { rows, steps }, checkpointEvery: 0, precision: 'f32' },
      );
      const zero = parameters.map(() => 0);
      await session.write({ parameters, first: zero, second: zero, step: 0 });
      const answers = await session.predict({
        kind: 'windows',
        series: Uint32Array.from({ length: rows }, (_row, i) => i),
        end: new Uint32Array(rows).fill(steps - 1),
        lookback: steps,
        groups: Uint32Array.of(0, rows),
      });
      answers.forEach((answer, i) => (sums[i] += answer / members));
      session.dispose();
    }
    const { shift, scale } = manifest.output;
    found.forEach((value, i) =>
      expect(Math.abs(value - (shift + scale * sums[i]))).toBeLessThan(1e-5 * Math.max(scale, Math.abs(value))),
    );
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
