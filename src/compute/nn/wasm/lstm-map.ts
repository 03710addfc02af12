/**
 * Where everything of an LSTM session lies in its memory, from shapes alone: the plan that a user is shown, and the addresses that
 * every thread computes for itself. Matrices are padded to the kernels' panels of eight columns with zeros that stay zeros.
 */
import type { MemoryUse, SessionOptions } from '#quant/nn/engine';
import type { LstmNetwork } from '#quant/nn/network';
import { FIRST_FREE_BYTE } from './control';
import { memoryCursor, padTo, type MemoryCursor } from './memory-cursor';

/** Rows are cut into this many shards whatever the number of threads, and shards are summed in order: cores change no bit. */
export const SHARDS = 8;
/** Rows that run through all steps together; their matrices stay in the second-level cache. */
const BLOCK_ROWS = 32;
/** Steps that a prediction keeps, which needs none of them later. */
export const PREDICTION_STEPS = 8;

/** Sizes of a layer's padded matrices, and where its parameters lie, in numbers from the start of the packed parameters. */
export interface LayerPacking {
  /** Inputs and hidden units, padded. */
  readonly inputs: number;
  readonly hidden: number;
  /** inputs + hidden: columns of a step's [x, h]. */
  readonly columns: number;
  /** [columns, 4·hidden] packed. */
  readonly weights: number;
  readonly inputBias: number;
  readonly hiddenBias: number;
}

export interface LstmPacking {
  readonly layers: readonly LayerPacking[];
  readonly normGain: number;
  readonly normBias: number;
  readonly headWeights: number;
  readonly headBias: number;
  /** Numbers in all, a multiple of 16. */
  readonly size: number;
}

/** Addresses of one layer within a thread's workspace. A step's matrices lie one after the other. */
export interface LayerSpace {
  /** [x, h] of steps 0 … steps: [columns/8][rows][8] each. */
  readonly inputs: number;
  readonly gates: number;
  readonly cells: number;
  readonly squashed: number;
  /** Dropout's factors on what the next layer sees; 0 where there are none. */
  readonly masks: number;
  readonly dInputs: number;
  readonly dCell: number;
  /** Hidden and cell state at the start of each segment. */
  readonly states: number;
}

export interface ThreadSpace {
  readonly layers: readonly LayerSpace[];
  /** The last hidden state after normalization and after dropout, its mask, and gradients of it. */
  readonly normed: number;
  readonly top: number;
  readonly topMask: number;
  readonly dTop: number;
  readonly stats: number;
}

export interface LstmMap {
  readonly packing: LstmPacking;
  readonly parameters: number;
  readonly first: number;
  readonly second: number;
  /** Per layer: transposed weights, and the sum of both biases. Computed from the parameters after each change. */
  readonly transposed: readonly number[];
  readonly biases: readonly number[];
  /** SHARDS gradients, each `gradientStride` bytes. */
  readonly gradients: number;
  readonly gradientStride: number;
  readonly rowAddresses: number;
  readonly predictions: number;
  readonly targets: number;
  readonly dPredictions: number;
  readonly threads: readonly ThreadSpace[];
  /** Rows of the largest block, steps of a segment and segments of the longest window. */
  readonly blockRows: number;
  readonly segment: number;
  readonly segments: number;
  readonly table: number;
  readonly memory: MemoryUse;
}

/** Rows of a block in a batch of so many rows: all shards get some where there are enough. */
export function blockRows(rows: number): number {
  return padTo(4, Math.min(BLOCK_ROWS, Math.ceil(rows / SHARDS)));
}

export function packLstm(network: LstmNetwork): LstmPacking {
  const hidden = padTo(8, network.hidden);
  let size = 0;
  const take = (numbers: number): number => {
    const offset = size;
    size += Math.ceil(numbers / 16) * 16;
    return offset;
  };
  const layers = Array.from({ length: network.layers }, (_, l): LayerPacking => {
    const inputs = l === 0 ? padTo(8, network.inputs) : hidden;
    const columns = inputs + hidden;
    const weights = take(columns * 4 * hidden);
    return { inputs, hidden, columns, weights, inputBias: take(4 * hidden), hiddenBias: take(4 * hidden) };
  });
  const normGain = take(hidden);
  const normBias = take(hidden);
  const headWeights = take(hidden);
  const headBias = take(1);
  return { layers, normGain, normBias, headWeights, headBias, size };
}

/** Where each parameter of the flat layout (`parameterLayout`) lies in the packed one. */
export function lstmPositions(network: LstmNetwork, packing: LstmPacking): Uint32Array {
  const { hidden: H, inputs: D, layerNorm } = network;
  const positions: number[] = [];
  for (const [l, layer] of packing.layers.entries()) {
    const gateColumn = (gate: number, unit: number): number => gate * layer.hidden + unit;
    const weight = (column: number, k: number): number =>
      layer.weights + (column >> 3) * layer.columns * 8 + k * 8 + (column & 7);
    const each = (visit: (column: number) => void): void => {
      for (let gate = 0; gate < 4; gate++) for (let unit = 0; unit < H; unit++) visit(gateColumn(gate, unit));
    };
    const width = l === 0 ? D : H;
    each((column) => {
      for (let k = 0; k < width; k++) positions.push(weight(column, k));
    });
    each((column) => {
      for (let k = 0; k < H; k++) positions.push(weight(column, layer.inputs + k));
    });
    each((column) => positions.push(layer.inputBias + column));
    each((column) => positions.push(layer.hiddenBias + column));
  }
  const vectors = [...(layerNorm ? [packing.normGain, packing.normBias] : []), packing.headWeights];
  for (const start of vectors) for (let k = 0; k < H; k++) positions.push(start + k);
  positions.push(packing.headBias);
  return Uint32Array.from(positions);
}

export function mapLstm(
  network: LstmNetwork,
  options: SessionOptions,
  threads: number,
  table: { readonly series: number; readonly days: number },
): LstmMap {
  const { rows, steps } = options.largest;
  const packing = packLstm(network);
  const cursor = memoryCursor(FIRST_FREE_BYTE);
  const sizes: number[] = [];
  const measured = <T>(part: () => T): T => {
    const before = cursor.end;
    const result = part();
    sizes.push(cursor.end - before);
    return result;
  };
  const parameters = measured(() => ({
    parameters: cursor.take(packing.size),
    transposed: packing.layers.map(({ columns, hidden }) => cursor.take(columns * 4 * hidden)),
    biases: packing.layers.map(({ hidden }) => cursor.take(4 * hidden)),
  }));
  const optimizer = measured(() => ({ first: cursor.take(packing.size), second: cursor.take(packing.size) }));
  const block = blockRows(rows);
  const segment = options.checkpointEvery === 0 ? steps : Math.min(steps, options.checkpointEvery);
  const segments = Math.ceil(steps / segment);
  const spaces = measured(() =>
    Array.from({ length: threads }, () =>
      threadSpace(cursor, network, packing, block, Math.max(segment, Math.min(steps, PREDICTION_STEPS)), segments),
    ),
  );
  const workspace = measured(() => ({
    gradients: Array.from({ length: SHARDS }, () => cursor.take(packing.size))[0],
    rowAddresses: cursor.take(rows + BLOCK_ROWS),
    predictions: cursor.take(rows * steps),
    targets: cursor.take(rows * steps),
    dPredictions: cursor.take(rows * steps),
  }));
  const inputs = measured(() => cursor.take(table.series * table.days * packing.layers[0].inputs));
  const [p, o, a, w, i] = sizes;
  return {
    packing,
    ...parameters,
    ...optimizer,
    ...workspace,
    gradientStride: Math.ceil((4 * packing.size) / 64) * 64,
    threads: spaces,
    blockRows: block,
    segment,
    segments,
    table: inputs,
    memory: { parameters: p, optimizer: o, activations: a, workspace: w, inputs: i, total: p + o + a + w + i },
  };
}

function threadSpace(
  cursor: MemoryCursor,
  network: LstmNetwork,
  packing: LstmPacking,
  rows: number,
  steps: number,
  segments: number,
): ThreadSpace {
  const layers = packing.layers.map(({ columns, hidden }, l): LayerSpace => {
    const isMasked = network.dropout > 0 && l + 1 < packing.layers.length;
    return {
      inputs: cursor.take((steps + 1) * columns * rows),
      gates: cursor.take(steps * 4 * hidden * rows),
      cells: cursor.take((steps + 1) * hidden * rows),
      squashed: cursor.take(steps * hidden * rows),
      masks: isMasked ? cursor.take(steps * hidden * rows) : 0,
      dInputs: cursor.take(columns * rows),
      dCell: cursor.take(hidden * rows),
      states: cursor.take(segments * 2 * hidden * rows),
    };
  });
  const size = packing.layers[0].hidden * rows;
  return {
    layers,
    normed: cursor.take(size),
    top: cursor.take(size),
    topMask: cursor.take(size),
    dTop: cursor.take(size),
    stats: cursor.take(2 * rows),
  };
}
