/**
 * The graph attention network in TensorFlow's operations, over a dense matrix of edges: generic and slow, for graphs of some hundred
 * nodes. Gradients of gathering by edge do not exist on every backend.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { GraphBatch } from '#quant/nn/engine';
import type { GatNetwork } from '#quant/nn/network';

type Tensor = TensorFlow.Tensor;

/** Dropout's factors of one layer. */
export interface GatMasks {
  /** [N, features] */
  readonly input: Tensor;
  /** [heads, N, N]: mean factor of the edges from i to j. */
  readonly attention: Tensor;
}

export interface GatForward {
  /** [N] */
  readonly predictions: Tensor;
  /** Per layer, [heads, N, N], edges that join the same nodes together. */
  readonly attention: readonly Tensor[];
}

/** @param edges [N, N]: how many edges lead from target i to source j */
export function gatForward(
  tf: typeof TensorFlow,
  network: GatNetwork,
  weights: (name: string) => Tensor,
  x: Tensor,
  edges: Tensor,
  masks: readonly GatMasks[] | undefined,
): GatForward {
  const nodes = edges.shape[0];
  const attention: Tensor[] = [];
  let state = x;
  for (const [l, { heads, channels, concat }] of network.layers.entries()) {
    const features = state.shape[1] ?? network.inputs;
    const mask = masks?.[l];
    const input = mask === undefined ? state : tf.mul(state, mask.input);
    const w = tf.reshape(weights(`gat.${l}.w`), [heads * channels, features]);
    const projected = tf.reshape(tf.matMul(input, w, false, true), [nodes, heads, channels]);
    const H = tf.transpose(projected, [1, 0, 2]);
    const part = (name: string): Tensor =>
      tf.sum(tf.mul(H, tf.reshape(weights(`gat.${l}.${name}`), [heads, 1, channels])), 2);
    const target = tf.reshape(part('a_target'), [heads, nodes, 1]);
    const source = tf.reshape(part('a_source'), [heads, 1, nodes]);
    const scores = tf.leakyRelu(tf.add(target, source), network.negativeSlope);
    const shares = edgeSoftmax(tf, scores, edges);
    attention.push(shares);
    const sums = tf.matMul(mask === undefined ? shares : tf.mul(shares, mask.attention), H);
    const joined = concat ? tf.reshape(tf.transpose(sums, [1, 0, 2]), [nodes, heads * channels]) : tf.mean(sums, 0);
    state = tf.elu(tf.add(joined, weights(`gat.${l}.b`)));
  }
  const head = tf.add(tf.matMul(state, weights('head.w'), false, true), weights('head.b'));
  return { predictions: tf.reshape(head, [nodes]), attention };
}

/** Softmax over each row's edges; rows without edges are zeros. */
function edgeSoftmax(tf: typeof TensorFlow, scores: Tensor, edges: Tensor): Tensor {
  const isEdge = tf.cast(tf.greater(edges, 0), 'float32');
  // Scores of pairs without an edge are lowered far below every real one, so that none can overflow.
  const lowered = tf.sub(scores, tf.mul(tf.sub(1, isEdge), 1e9));
  const largest = tf.max(lowered, 2, true);
  const weights = tf.mul(tf.exp(tf.sub(lowered, largest)), edges);
  const total = tf.sum(weights, 2, true);
  const isLonely = tf.cast(tf.equal(tf.sum(edges, 1, true), 0), 'float32');
  return tf.div(weights, tf.add(total, isLonely));
}

/** [N, N] row-major: how many edges lead from target i to source j, or the sum of `values` over them. */
export function edgeMatrix(
  { rowStart, columns }: GraphBatch,
  valueOf: (edge: number) => number = () => 1,
): Float32Array {
  const nodes = rowStart.length - 1;
  const matrix = new Float32Array(nodes * nodes);
  for (let i = 0; i < nodes; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) matrix[i * nodes + columns[e]] += valueOf(e);
  }
  return matrix;
}
