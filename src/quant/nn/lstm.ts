/**
 * Stacked LSTM with hand-written gradients, in plain loops: the definition that the fast engines are compared with.
 * Gates in the order input, forget, cell, output; zero initial state; batch first (Hochreiter, Schmidhuber 1997; Gers et al. 2000).
 */

export interface LstmLayer {
  /** [4H, D] row-major. */
  readonly wIh: Float64Array;
  /** [4H, H] row-major. */
  readonly wHh: Float64Array;
  /** 4H each. */
  readonly bIh: Float64Array;
  readonly bHh: Float64Array;
}

export interface SequenceShape {
  readonly batch: number;
  readonly steps: number;
  /** Inputs of the first layer. */
  readonly inputs: number;
  readonly hidden: number;
}

/** What one layer keeps of its forward pass. */
interface LayerRun {
  readonly input: Float64Array;
  readonly inputs: number;
  /** [B, L, 4H] after their activations. */
  readonly gates: Float64Array;
  /** [B, L, H]. */
  readonly cells: Float64Array;
  readonly outputs: Float64Array;
}

/** Dropout: per layer but the last, factors [B, L, H] on what the next layer sees. */
export type LayerMasks = readonly Float64Array[];

export interface LstmRun {
  readonly runs: readonly LayerRun[];
  /** [B, L, H] of the last layer. */
  readonly outputs: Float64Array;
}

/** x [B, L, D] → hidden states of every layer. */
export function lstmForward(
  layers: readonly LstmLayer[],
  x: Float64Array,
  shape: SequenceShape,
  masks?: LayerMasks,
): LstmRun {
  const runs: LayerRun[] = [];
  for (const layer of layers) {
    const below = runs.at(-1);
    const mask = masks?.[runs.length - 1];
    const input = below === undefined ? x : masked(below.outputs, mask);
    runs.push(layerForward(layer, input, below === undefined ? shape.inputs : shape.hidden, shape));
  }
  return { runs, outputs: runs[runs.length - 1].outputs };
}

function masked(values: Float64Array, mask: Float64Array | undefined): Float64Array {
  return mask === undefined ? values : values.map((value, k) => value * mask[k]);
}

export interface LstmGradients {
  /** [B, L, D]. */
  readonly x: Float64Array;
  readonly layers: readonly LstmLayer[];
}

/** Gradients from ∂loss/∂outputs [B, L, H] of the last layer. */
export function lstmBackward(
  layers: readonly LstmLayer[],
  run: LstmRun,
  dOutputs: Float64Array,
  shape: SequenceShape,
  masks?: LayerMasks,
): LstmGradients {
  const gradients: LstmLayer[] = [];
  let upstream = dOutputs;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { gradient, dInput } = layerBackward(layers[l], run.runs[l], upstream, shape);
    gradients.unshift(gradient);
    upstream = l > 0 ? masked(dInput, masks?.[l - 1]) : dInput;
  }
  return { x: upstream, layers: gradients };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function layerForward(layer: LstmLayer, input: Float64Array, inputs: number, shape: SequenceShape): LayerRun {
  const { batch, steps, hidden: H } = shape;
  const gates = new Float64Array(batch * steps * 4 * H);
  const cells = new Float64Array(batch * steps * H);
  const outputs = new Float64Array(batch * steps * H);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const at = b * steps + t;
      for (let r = 0; r < 4 * H; r++) {
        let sum = layer.bIh[r] + layer.bHh[r];
        for (let d = 0; d < inputs; d++) sum += layer.wIh[r * inputs + d] * input[at * inputs + d];
        if (t > 0) for (let k = 0; k < H; k++) sum += layer.wHh[r * H + k] * outputs[(at - 1) * H + k];
        gates[at * 4 * H + r] = r >= 2 * H && r < 3 * H ? Math.tanh(sum) : sigmoid(sum);
      }
      for (let k = 0; k < H; k++) {
        const gate = at * 4 * H + k;
        const before = t > 0 ? cells[(at - 1) * H + k] : 0;
        const cell = gates[gate + H] * before + gates[gate] * gates[gate + 2 * H];
        cells[at * H + k] = cell;
        outputs[at * H + k] = gates[gate + 3 * H] * Math.tanh(cell);
      }
    }
  }
  return { input, inputs, gates, cells, outputs };
}

function layerBackward(
  layer: LstmLayer,
  run: LayerRun,
  dOutputs: Float64Array,
  shape: SequenceShape,
): { gradient: LstmLayer; dInput: Float64Array } {
  const { batch, steps, hidden: H } = shape;
  const { input, inputs, outputs } = run;
  const wIh = new Float64Array(layer.wIh.length);
  const wHh = new Float64Array(layer.wHh.length);
  const bias = new Float64Array(4 * H);
  const dInput = new Float64Array(input.length);
  const dGates = new Float64Array(4 * H);
  for (let b = 0; b < batch; b++) {
    const dHidden = new Float64Array(H);
    const dCell = new Float64Array(H);
    for (let t = steps - 1; t >= 0; t--) {
      const at = b * steps + t;
      for (let k = 0; k < H; k++) dHidden[k] += dOutputs[at * H + k];
      gateGradients(run, at, t, H, dHidden, dCell, dGates);
      dHidden.fill(0);
      for (let r = 0; r < 4 * H; r++) {
        const g = dGates[r];
        bias[r] += g;
        for (let d = 0; d < inputs; d++) {
          wIh[r * inputs + d] += g * input[at * inputs + d];
          dInput[at * inputs + d] += g * layer.wIh[r * inputs + d];
        }
        if (t === 0) continue;
        for (let k = 0; k < H; k++) {
          wHh[r * H + k] += g * outputs[(at - 1) * H + k];
          dHidden[k] += g * layer.wHh[r * H + k];
        }
      }
    }
  }
  return { gradient: { wIh, wHh, bIh: bias, bHh: bias.slice() }, dInput };
}

/** Gradients before the activations; dCell goes in as that of step t and comes out as that of step t − 1. */
function gateGradients(
  run: LayerRun,
  at: number,
  t: number,
  H: number,
  dHidden: Float64Array,
  dCell: Float64Array,
  dGates: Float64Array,
): void {
  const { gates, cells } = run;
  for (let k = 0; k < H; k++) {
    const gate = at * 4 * H + k;
    const i = gates[gate];
    const f = gates[gate + H];
    const g = gates[gate + 2 * H];
    const o = gates[gate + 3 * H];
    const squashed = Math.tanh(cells[at * H + k]);
    const total = dCell[k] + dHidden[k] * o * (1 - squashed * squashed);
    dGates[k] = total * g * i * (1 - i);
    dGates[H + k] = t > 0 ? total * cells[(at - 1) * H + k] * f * (1 - f) : 0;
    dGates[2 * H + k] = total * i * (1 - g * g);
    dGates[3 * H + k] = dHidden[k] * squashed * o * (1 - o);
    dCell[k] = total * f;
  }
}
