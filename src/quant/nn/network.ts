/**
 * Networks as data: what is trained, and how its parameters lie in one flat array. Every engine, checkpoint and test reads
 * the same layout (names, shapes and order as PyTorch's), so that a state moves between engines unchanged.
 */

import { AppError } from '#base/errors';

/** Stacked LSTM over a window, then dropout and a linear head on the last hidden state: one number per window. */
export interface LstmNetwork {
  readonly kind: 'lstm';
  /** Features per day. */
  readonly inputs: number;
  /** 1 … 128. */
  readonly hidden: number;
  readonly layers: number;
  /** Share of hidden units dropped between layers and before the head while training, 0 ≤ p < 1. */
  readonly dropout: number;
  /** Layer normalization of the last hidden state before the head (Ba, Kiros, Hinton 2016). */
  readonly layerNorm: boolean;
}

export interface GatLayer {
  readonly heads: number;
  /** Per head. */
  readonly channels: number;
  /** Heads side by side; otherwise their mean. */
  readonly concat: boolean;
}

/** Graph attention layers over the assets of one date, then a linear head: one number per asset (Veličković et al. 2018). */
export interface GatNetwork {
  readonly kind: 'gat';
  readonly inputs: number;
  readonly layers: readonly GatLayer[];
  readonly negativeSlope: number;
  /** Of node features before each layer, and of attention after the softmax. */
  readonly dropout: number;
}

export type Network = LstmNetwork | GatNetwork;

/** Refuses sizes that no engine has. Errors: BAD_REQUEST saying which was expected and which was found. */
export function checkNetwork(network: Network): void {
  const check = (holds: boolean, expected: string, found: number): void => {
    if (!holds) throw new AppError('BAD_REQUEST', `Expected ${expected} in the network, found ${found}.`);
  };
  const isCount = (n: number, largest: number): boolean => Number.isInteger(n) && n >= 1 && n <= largest;
  check(isCount(network.inputs, 4096), '1 … 4096 inputs', network.inputs);
  check(network.dropout >= 0 && network.dropout < 1, 'a dropout of 0 ≤ p < 1', network.dropout);
  if (network.kind === 'lstm') {
    check(isCount(network.hidden, 128), '1 … 128 hidden units', network.hidden);
    check(isCount(network.layers, 16), '1 … 16 layers', network.layers);
    return;
  }
  check(isCount(network.layers.length, 16), '1 … 16 layers', network.layers.length);
  for (const { heads, channels } of network.layers) {
    check(isCount(heads, 64), '1 … 64 heads', heads);
    check(isCount(channels, 256), '1 … 256 channels per head', channels);
  }
}

export interface ParameterTensor {
  /** `lstm.0.w_ih`, `gat.1.a_source`, `norm.gain`, `head.w`, … */
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the flat array. */
  readonly offset: number;
  readonly size: number;
  /** Inputs and outputs of the linear map, for the initializer. */
  readonly fan: readonly [inputs: number, outputs: number];
}

/** The tensors of a network in the order in which they lie, row-major, without gaps. */
export function parameterLayout(network: Network): readonly ParameterTensor[] {
  const tensors: ParameterTensor[] = [];
  let offset = 0;
  const add = (name: string, shape: readonly number[], fan: readonly [number, number]): void => {
    const size = shape.reduce((product, n) => product * n, 1);
    tensors.push({ name, shape, offset, size, fan });
    offset += size;
  };
  if (network.kind === 'lstm') {
    const { inputs, hidden: H, layers, layerNorm } = network;
    for (let l = 0; l < layers; l++) {
      const D = l === 0 ? inputs : H;
      add(`lstm.${l}.w_ih`, [4 * H, D], [D, H]);
      add(`lstm.${l}.w_hh`, [4 * H, H], [H, H]);
      add(`lstm.${l}.b_ih`, [4 * H], [D, H]);
      add(`lstm.${l}.b_hh`, [4 * H], [H, H]);
    }
    if (layerNorm) {
      add('norm.gain', [H], [H, H]);
      add('norm.bias', [H], [H, H]);
    }
    add('head.w', [1, H], [H, 1]);
    add('head.b', [1], [H, 1]);
    return tensors;
  }
  let width = network.inputs;
  for (const [l, { heads, channels, concat }] of network.layers.entries()) {
    add(`gat.${l}.w`, [heads, channels, width], [width, channels]);
    add(`gat.${l}.a_target`, [heads, channels], [channels, 1]);
    add(`gat.${l}.a_source`, [heads, channels], [channels, 1]);
    const next = concat ? heads * channels : channels;
    add(`gat.${l}.b`, [next], [width, next]);
    width = next;
  }
  add('head.w', [1, width], [width, 1]);
  add('head.b', [1], [width, 1]);
  return tensors;
}

export function parameterCount(network: Network): number {
  return parameterLayout(network).reduce((sum, { size }) => sum + size, 0);
}
