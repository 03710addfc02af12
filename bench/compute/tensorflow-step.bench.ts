/**
 * The LSTM step of lstm-step.bench.ts against the same network in TensorFlow.js on its WebAssembly backend: forward, gradient and Adam update, one
 * thread each.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadEngine } from '#compute/nn/engines';
import { lstmForward } from '#compute/nn/tf/tf-lstm';
import { createRandom } from '#quant/array/random';
import { initialState } from '#quant/nn/initialize';
import { parameterLayout, type LstmNetwork } from '#quant/nn/network';
import { bench } from '../harness';

const [rows, steps] = [512, 60];
const network: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const random = createRandom(1);
const values = Float32Array.from({ length: rows * steps * 16 }, () => random.normal());
const targets = Float32Array.from({ length: rows }, () => random.normal());

const engine = await loadEngine('wasm');
const session = await engine.open(
  network,
  { values, series: rows, days: steps, inputs: 16 },
  { seed: 1, largest: { rows, steps }, checkpointEvery: 0, precision: 'f32', threads: 1 },
);
const batch = {
  kind: 'windows' as const,
  series: Uint32Array.from({ length: rows }, (_, row) => row),
  end: new Uint32Array(rows).fill(steps - 1),
  lookback: steps,
  targets,
  groups: Uint32Array.of(0, rows),
};
const update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null };

const require = createRequire(import.meta.url);
const folder = `${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`;
// Its loader expects to be CommonJS.
Object.assign(globalThis, { __dirname: folder, require });
setWasmPaths(folder);
await tf.setBackend('wasm');
const { parameters } = initialState(network, 1);
const variables = new Map(
  parameterLayout(network).map(({ name, shape, offset, size }) => [
    name,
    tf.variable(tf.tensor(parameters.slice(offset, offset + size), [...shape]), true, name),
  ]),
);
const weights = (name: string): tf.Tensor => variables.get(name) ?? tf.scalar(NaN);
const x = tf.tensor3d(values, [rows, steps, 16]);
const y = tf.tensor1d(targets);
const optimizer = tf.train.adam(1e-3);
const losses: number[] = [];

await bench({ job: 'LSTM step B 512, T 60, F 16, H 64, 2 layers', rounds: 3, warmups: 1 }, [
  {
    name: 'sextant, one thread',
    run: async () => {
      await session.accumulate(batch, { id: 'mse' }, 1);
      await session.update(update);
    },
  },
  {
    name: 'TensorFlow.js, wasm backend',
    run: () => {
      const loss = optimizer.minimize(() => {
        const window = { rows, steps, from: steps - 1 };
        const predictions = lstmForward(tf, network, weights, x, window, undefined);
        return tf.mean(tf.squaredDifference(predictions, y));
      }, true);
      losses.push(loss?.dataSync()[0] ?? NaN);
      loss?.dispose();
    },
  },
]);
const ours = (await session.measured()).map(({ loss }) => loss);
console.log(`losses, ours: ${ours.join(', ')}; theirs: ${losses.join(', ')}`);
session.dispose();
await engine.dispose();
