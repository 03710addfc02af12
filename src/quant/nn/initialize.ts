/**
 * First parameters from a seed, in the ranges of PyTorch and PyTorch Geometric: LSTM and linear layers uniform within ±1/√fan-in,
 * attention uniform within ±√(6/(fan-in + fan-out)) (Glorot, Bengio 2010), layer-norm gains one, graph biases zero.
 * Each tensor has a stream of its own, so that one more layer does not change the others.
 */
import { createRandom, deriveSeed } from '../array/random';
import type { NetworkState } from './engine';
import { parameterCount, parameterLayout, type Network, type ParameterTensor } from './network';

export function initialState(network: Network, seed: number): NetworkState {
  const size = parameterCount(network);
  const parameters = new Float32Array(size);
  for (const tensor of parameterLayout(network)) {
    const target = parameters.subarray(tensor.offset, tensor.offset + tensor.size);
    if (tensor.name === 'norm.gain') target.fill(1);
    const limit = initialLimit(network, tensor);
    if (limit === 0) continue;
    const random = createRandom(deriveSeed(seed, tensor.name));
    for (let k = 0; k < target.length; k++) target[k] = (2 * random.uniform() - 1) * limit;
  }
  return { parameters, first: new Float32Array(size), second: new Float32Array(size), step: 0 };
}

/** Half the width of the uniform range; 0 = not drawn. */
function initialLimit(network: Network, { name, fan: [inputs, outputs] }: ParameterTensor): number {
  if (name.startsWith('lstm.') && network.kind === 'lstm') return 1 / Math.sqrt(network.hidden);
  if (name.startsWith('head.')) return 1 / Math.sqrt(inputs);
  if (name.startsWith('gat.') && !name.endsWith('.b')) return Math.sqrt(6 / (inputs + outputs));
  return 0;
}
