/**
 * The training engine over TensorFlow.js and its automatic differentiation: generic, slow, and an independent check of hand-written
 * gradients. The library is handed in: tfjs-node-gpu in the product (`load-tensorflow.ts`), its core with a plain backend in tests.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { AppError } from '#base/errors';
import { predictionsPerRow, rowCount, stepCount } from '#quant/nn/batch';
import type { Batch, GraphBatch, MemoryUse, NetworkEngine, SessionOptions } from '#quant/nn/engine';
import { checkNetwork, parameterCount, parameterLayout, type GatNetwork, type Network } from '#quant/nn/network';
import { PassSession, type Pass } from '#quant/nn/pass-session';
import { dropoutMatrix } from '#quant/nn/reference-gat';
import { lstmMasks, type DropoutPlace } from '#quant/nn/reference-lstm';
import { edgeMatrix, gatForward, type GatMasks } from './tf-gat';
import { lstmForward } from './tf-lstm';

type Tensor = TensorFlow.Tensor;

/** From the parameters in their order and x to predictions and, of graphs, attention. */
type Forward = (parts: readonly Tensor[]) => { readonly predictions: Tensor; readonly attention?: readonly Tensor[] };

/** @param device as stored with a run */
export function tfEngine(tf: typeof TensorFlow, device: string): NetworkEngine {
  return {
    id: 'tf',
    device,
    deterministic: false,
    plan: planTf,
    open: async (network, inputs, options) => {
      const pass = (...args: Parameters<typeof tfPass> extends [unknown, ...infer Rest] ? Rest : never): Pass =>
        tfPass(tf, ...args);
      return new PassSession(network, inputs, options, { plan: planTf, pass });
    },
    dispose: () => Promise.resolve(),
  };
}

function tfPass(
  tf: typeof TensorFlow,
  network: Network,
  parameters: Float64Array,
  x: Float64Array,
  batch: Batch,
  place: DropoutPlace | undefined,
): Pass {
  const layout = parameterLayout(network);
  const shape =
    batch.kind === 'graph' ? [rowCount(batch), network.inputs] : [rowCount(batch), stepCount(batch), network.inputs];
  const parts = (): Tensor[] => [
    ...layout.map((part) =>
      tf.tensor(Float32Array.from(parameters.subarray(part.offset, part.offset + part.size)), [...part.shape]),
    ),
    tf.tensor(Float32Array.from(x), shape),
  ];
  const forward = (given: readonly Tensor[]): ReturnType<Forward> =>
    batch.kind === 'graph'
      ? graphForward(tf, network, named(network, given), given[layout.length], batch, place)
      : { predictions: windowForward(tf, network, named(network, given), given[layout.length], batch, place) };
  let predictions = new Float64Array(0);
  const attention: Float64Array[] = [];
  tf.tidy(() => {
    const answer = forward(parts());
    predictions = Float64Array.from(answer.predictions.dataSync());
    for (const shares of answer.attention ?? []) attention.push(Float64Array.from(shares.dataSync()));
  });

  function backward(dPredictions: Float64Array): { parameters: Float64Array; x: Float64Array } {
    const flat = new Float64Array(parameters.length);
    let dx = new Float64Array(0);
    tf.tidy(() => {
      const gradients = tf.grads((...given: Tensor[]) => forward(given).predictions)(
        parts(),
        tf.tensor1d(Float32Array.from(dPredictions)),
      );
      for (const [k, { offset }] of layout.entries()) flat.set(gradients[k].dataSync(), offset);
      dx = Float64Array.from(gradients[layout.length].dataSync());
    });
    return { parameters: flat, x: dx };
  }

  return {
    predictions,
    ...(batch.kind === 'graph' ? { attention: attention.map((shares) => perEdge(batch, shares)) } : {}),
    backward,
  };
}

function named(network: Network, given: readonly Tensor[]): (name: string) => Tensor {
  const names = parameterLayout(network).map(({ name }) => name);
  return (name) => given[names.indexOf(name)];
}

function windowForward(
  tf: typeof TensorFlow,
  network: Network,
  weights: (name: string) => Tensor,
  x: Tensor,
  batch: Batch,
  place: DropoutPlace | undefined,
): Tensor {
  if (network.kind !== 'lstm') throw new AppError('INTERNAL', 'A batch of another kind of network passed its check.');
  const [rows, steps] = [rowCount(batch), stepCount(batch)];
  const window = { rows, steps, from: steps - predictionsPerRow(batch) };
  const masks =
    place &&
    lstmMasks(network, window, place).map((mask) => tf.tensor(Float32Array.from(mask), [rows, steps, network.hidden]));
  return lstmForward(tf, network, weights, x, window, masks);
}

function graphForward(
  tf: typeof TensorFlow,
  network: Network,
  weights: (name: string) => Tensor,
  x: Tensor,
  batch: GraphBatch,
  place: DropoutPlace | undefined,
): ReturnType<Forward> {
  if (network.kind !== 'gat') throw new AppError('INTERNAL', 'A batch of another kind of network passed its check.');
  const nodes = rowCount(batch);
  const edges = tf.tensor(edgeMatrix(batch), [nodes, nodes]);
  return gatForward(tf, network, weights, x, edges, place && graphMasks(tf, network, batch, place));
}

function graphMasks(tf: typeof TensorFlow, network: GatNetwork, batch: GraphBatch, place: DropoutPlace): GatMasks[] {
  const nodes = rowCount(batch);
  const edges = batch.columns.length;
  const counts = edgeMatrix(batch);
  let features = network.inputs;
  return network.layers.map(({ heads, channels, concat }, l): GatMasks => {
    const p = network.dropout;
    const input = dropoutMatrix(p, { ...place, site: 2 * l }, place.row, nodes, features);
    const byEdge = dropoutMatrix(p, { ...place, site: 2 * l + 1 }, place.edge, edges, heads);
    const attention = Array.from({ length: heads }, (_, h) =>
      edgeMatrix(batch, (e) => byEdge[e * heads + h]).map((sum, k) => sum / Math.max(1, counts[k])),
    );
    const masks = {
      input: tf.tensor(Float32Array.from(input), [nodes, features]),
      attention: tf.stack(attention.map((matrix) => tf.tensor(matrix, [nodes, nodes]))),
    };
    features = concat ? heads * channels : channels;
    return masks;
  });
}

/** [heads, N, N] → [heads, E]; edges that join the same nodes share alike. */
function perEdge(batch: GraphBatch, shares: Float64Array): Float64Array {
  const { rowStart, columns } = batch;
  const nodes = rowStart.length - 1;
  const heads = shares.length / nodes ** 2;
  const counts = edgeMatrix(batch);
  const result = new Float64Array(heads * columns.length);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < nodes; i++) {
      for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
        const at = i * nodes + columns[e];
        result[h * columns.length + e] = shares[h * nodes ** 2 + at] / counts[at];
      }
    }
  }
  return result;
}

/** A rough figure: automatic differentiation keeps every intermediate result, about sixteen per unit and step. */
function planTf(
  network: Network,
  { largest, precision }: SessionOptions,
  table: { readonly series: number; readonly days: number },
): MemoryUse {
  checkNetwork(network);
  if (precision !== 'f32') {
    throw new AppError('DEVICE_UNAVAILABLE', 'Expected single precision: TensorFlow.js has no half. Choose f32.');
  }
  const count = parameterCount(network);
  const perRow =
    network.kind === 'lstm'
      ? 16 * largest.steps * network.layers * network.hidden
      : network.layers.reduce((sum, { heads, channels }) => sum + heads * (6 * largest.rows + 4 * channels), 0);
  const parts = {
    parameters: 4 * count,
    optimizer: 8 * count,
    activations: 4 * largest.rows * perRow,
    workspace: 8 * count,
    inputs: 4 * table.series * table.days * network.inputs,
  };
  return { ...parts, total: Object.values(parts).reduce((a, b) => a + b, 0) };
}
