/** The LSTM network in TensorFlow's operations: parameters by name and x [B, L, inputs] → predictions [B · (L − from)]. */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { LstmNetwork } from '#quant/nn/network';
import { NORM_EPSILON, type WindowShape } from '#quant/nn/reference-lstm';

type Tensor = TensorFlow.Tensor;

/** @param masks per layer, dropout's factors [B, L, H] */
export function lstmForward(
  tf: typeof TensorFlow,
  network: LstmNetwork,
  weights: (name: string) => Tensor,
  x: Tensor,
  { rows, steps, from }: WindowShape,
  masks: readonly Tensor[] | undefined,
): Tensor {
  const { hidden: H, layers } = network;
  const step = (all: Tensor, t: number, width: number): Tensor =>
    tf.reshape(tf.slice(all, [0, t, 0], [rows, 1, width]), [rows, width]);
  const dropped = (state: Tensor, l: number, t: number): Tensor => {
    const mask = masks?.[l];
    return mask === undefined ? state : tf.mul(state, step(mask, t, H));
  };
  const hidden: Tensor[] = Array.from({ length: layers }, () => tf.zeros([rows, H]));
  const cells: Tensor[] = Array.from({ length: layers }, () => tf.zeros([rows, H]));
  const biases = hidden.map((_, l) => tf.add(weights(`lstm.${l}.b_ih`), weights(`lstm.${l}.b_hh`)));
  const predictions: TensorFlow.Tensor2D[] = [];
  for (let t = 0; t < steps; t++) {
    let input = step(x, t, network.inputs);
    for (let l = 0; l < layers; l++) {
      const fromInput = tf.matMul(input, weights(`lstm.${l}.w_ih`), false, true);
      const fromState = tf.matMul(hidden[l], weights(`lstm.${l}.w_hh`), false, true);
      const sums = tf.add(tf.add(fromInput, fromState), biases[l]);
      const [i, f, g, o] = tf.split(sums, 4, 1);
      cells[l] = tf.add(tf.mul(tf.sigmoid(f), cells[l]), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      hidden[l] = tf.mul(tf.sigmoid(o), tf.tanh(cells[l]));
      input = l + 1 < layers ? dropped(hidden[l], l, t) : hidden[l];
    }
    if (t < from) continue;
    const top = dropped(network.layerNorm ? normalized(tf, weights, input) : input, layers - 1, t);
    const prediction: TensorFlow.Tensor2D = tf.reshape(
      tf.add(tf.matMul(top, weights('head.w'), false, true), weights('head.b')),
      [rows, 1],
    );
    predictions.push(prediction);
  }
  return tf.reshape(tf.concat(predictions, 1), [rows * (steps - from)]);
}

function normalized(tf: typeof TensorFlow, weights: (name: string) => Tensor, state: Tensor): Tensor {
  const gap = tf.sub(state, tf.mean(state, 1, true));
  const variance = tf.mean(tf.square(gap), 1, true);
  const scaled = tf.div(gap, tf.sqrt(tf.add(variance, NORM_EPSILON)));
  return tf.add(tf.mul(scaled, weights('norm.gain')), weights('norm.bias'));
}
