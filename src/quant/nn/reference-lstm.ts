/** The LSTM network of `network.ts` over flat parameters, in plain double precision: stack, layer norm, dropout, head. */
import { dropoutFactors } from './dropout';
import type { LstmNetwork } from './network';
import { lstmBackward, lstmForward, type LstmLayer, type LstmRun } from './lstm';
import { tensorViews, type TensorViews } from './tensor-views';

/** Added to the variance before its root, as PyTorch's. */
export const NORM_EPSILON = 1e-5;

export interface WindowShape {
  readonly rows: number;
  readonly steps: number;
  /** First step with a prediction. */
  readonly from: number;
}

/** Where in the training run a batch stands; absent = no dropout. */
export interface DropoutPlace {
  readonly seed: number;
  readonly step: number;
  /** Rows and edges since the last update. */
  readonly row: number;
  readonly edge: number;
}

interface LstmPass {
  readonly predictions: Float64Array;
  /** Gradients of the parameters (flat) and of x from ∂loss/∂predictions. */
  backward(dPredictions: Float64Array): { readonly parameters: Float64Array; readonly x: Float64Array };
}

/** x [B, L, inputs] → predictions [B, L − from]. */
export function lstmPass(
  network: LstmNetwork,
  parameters: Float64Array,
  x: Float64Array,
  window: WindowShape,
  place: DropoutPlace | undefined,
): LstmPass {
  const { hidden: H, layers: count } = network;
  const { rows, steps, from } = window;
  const weights = tensorViews(network, parameters);
  const shape = { batch: rows, steps, inputs: network.inputs, hidden: H };
  const layers = layersOf(weights, count);
  const masks = place === undefined ? undefined : lstmMasks(network, window, place);
  const run = lstmForward(layers, x, shape, masks);
  const kept = steps - from;
  const predictions = new Float64Array(rows * kept);
  const tops = new Float64Array(rows * kept * H);
  forEachPrediction(window, (at, entry) => {
    const top = tops.subarray(entry * H, (entry + 1) * H);
    top.set(normalized(network, weights, run, at));
    const mask = masks?.[count - 1];
    predictions[entry] = weights('head.b')[0];
    for (let k = 0; k < H; k++) {
      top[k] *= mask?.[at * H + k] ?? 1;
      predictions[entry] += weights('head.w')[k] * top[k];
    }
  });

  function backward(dPredictions: Float64Array): { parameters: Float64Array; x: Float64Array } {
    const flat = new Float64Array(parameters.length);
    const gradients = tensorViews(network, flat);
    const dOutputs = new Float64Array(rows * steps * H);
    forEachPrediction(window, (at, entry) => {
      const d = dPredictions[entry];
      const mask = masks?.[count - 1];
      gradients('head.b')[0] += d;
      const dTop = new Float64Array(H);
      for (let k = 0; k < H; k++) {
        gradients('head.w')[k] += d * tops[entry * H + k];
        dTop[k] = d * weights('head.w')[k] * (mask?.[at * H + k] ?? 1);
      }
      dOutputs.set(network.layerNorm ? normBackward(weights, gradients, run, at, dTop) : dTop, at * H);
    });
    const { layers: byLayer, x: dx } = lstmBackward(layers, run, dOutputs, shape, masks);
    byLayer.forEach((layer, l) => {
      gradients(`lstm.${l}.w_ih`).set(layer.wIh);
      gradients(`lstm.${l}.w_hh`).set(layer.wHh);
      gradients(`lstm.${l}.b_ih`).set(layer.bIh);
      gradients(`lstm.${l}.b_hh`).set(layer.bHh);
    });
    return { parameters: flat, x: dx };
  }

  return { predictions, backward };
}

/** Calls with the position in [B, L] and in [B, L − from]. */
function forEachPrediction({ rows, steps, from }: WindowShape, visit: (at: number, entry: number) => void): void {
  for (let b = 0, entry = 0; b < rows; b++) {
    for (let t = from; t < steps; t++) visit(b * steps + t, entry++);
  }
}

function layersOf(weights: TensorViews, count: number): LstmLayer[] {
  return Array.from({ length: count }, (_, l) => ({
    wIh: weights(`lstm.${l}.w_ih`),
    wHh: weights(`lstm.${l}.w_hh`),
    bIh: weights(`lstm.${l}.b_ih`),
    bHh: weights(`lstm.${l}.b_hh`),
  }));
}

/** Dropout's factors [B, L, H] after every layer. */
export function lstmMasks(network: LstmNetwork, { rows, steps }: WindowShape, place: DropoutPlace): Float64Array[] {
  const { hidden: H, dropout } = network;
  return Array.from({ length: network.layers }, (_, site) => {
    const mask = new Float64Array(rows * steps * H);
    for (let b = 0; b < rows; b++) {
      for (let t = 0; t < steps; t++) {
        dropoutFactors(mask, (b * steps + t) * H, H, dropout, { ...place, site }, place.row + b, t);
      }
    }
    return mask;
  });
}

function momentsOf(values: Float64Array): { mean: number; scale: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, scale: 1 / Math.sqrt(variance + NORM_EPSILON) };
}

/** The last hidden state after layer normalization, where the network has one. */
function normalized(network: LstmNetwork, weights: TensorViews, run: LstmRun, at: number): Float64Array {
  const state = run.outputs.subarray(at * network.hidden, (at + 1) * network.hidden);
  if (!network.layerNorm) return state;
  const { mean, scale } = momentsOf(state);
  const gain = weights('norm.gain');
  const bias = weights('norm.bias');
  return state.map((value, k) => (value - mean) * scale * gain[k] + bias[k]);
}

function normBackward(
  weights: TensorViews,
  gradients: TensorViews,
  run: LstmRun,
  at: number,
  dTop: Float64Array,
): Float64Array {
  const H = dTop.length;
  const state = run.outputs.subarray(at * H, (at + 1) * H);
  const { mean, scale } = momentsOf(state);
  const gain = weights('norm.gain');
  let sum = 0;
  let along = 0;
  for (let k = 0; k < H; k++) {
    const standardized = (state[k] - mean) * scale;
    gradients('norm.gain')[k] += dTop[k] * standardized;
    gradients('norm.bias')[k] += dTop[k];
    sum += dTop[k] * gain[k];
    along += dTop[k] * gain[k] * standardized;
  }
  return dTop.map((d, k) => scale * (d * gain[k] - sum / H - ((state[k] - mean) * scale * along) / H));
}
