/**
 * Where everything of a graph attention session lies in its memory, from shapes alone. Node matrices are row-major; each head's
 * channels are padded to four numbers, rows to eight, heads of an edge to four, nodes to four: with zeros that stay zeros.
 */
import type { MemoryUse, SessionOptions } from '#quant/nn/engine';
import type { GatLayer, GatNetwork } from '#quant/nn/network';
import { FIRST_FREE_BYTE } from './control';
import { memoryCursor, padTo } from './memory-cursor';

/** Sizes of a layer and where its parameters lie, in numbers from the start of the packed parameters. */
export interface GatLayerPacking extends GatLayer {
  /** Padded inputs, channels of a head, all heads (the width of H), and outputs. */
  readonly inputs: number;
  readonly headWidth: number;
  readonly width: number;
  readonly outputs: number;
  /** Heads padded to a multiple of four: numbers per edge and per node. */
  readonly lanes: number;
  /** [inputs, width] packed. */
  readonly weights: number;
  readonly target: number;
  readonly source: number;
  /** Per head padded, or one head's width where heads are averaged. */
  readonly bias: number;
}

export interface GatPacking {
  readonly layers: readonly GatLayerPacking[];
  readonly headWeights: number;
  readonly headBias: number;
  readonly size: number;
}

/** Addresses of what a layer keeps from its forward pass. */
export interface GatLayerSpace {
  /** Weights transposed, computed from the parameters after each change. */
  readonly transposed: number;
  /** Node features after dropout, and its factors; the layer's input itself where there is none. */
  readonly dropped: number;
  readonly inputMask: number;
  readonly projected: number;
  readonly targetPart: number;
  readonly sourcePart: number;
  /** α per edge, its dropout factors, and what is summed with (α itself where there is no dropout). */
  readonly attention: number;
  readonly attentionMask: number;
  readonly shares: number;
  readonly output: number;
}

export interface GatMap {
  readonly packing: GatPacking;
  readonly parameters: number;
  readonly first: number;
  readonly second: number;
  readonly gradient: number;
  readonly layers: readonly GatLayerSpace[];
  /** Node features of the batch. */
  readonly nodes: number;
  readonly rowAddresses: number;
  readonly rowStart: number;
  readonly columns: number;
  readonly predictions: number;
  readonly dPredictions: number;
  /** Scratch of the widest layer: sums of heads and gradients. */
  readonly sums: number;
  readonly dProjected: number;
  readonly dOutput: number;
  readonly dInput: number;
  readonly dAttention: number;
  readonly dTarget: number;
  readonly dSource: number;
  readonly table: number;
  readonly memory: MemoryUse;
}

export function packGat(network: GatNetwork): GatPacking {
  let size = 0;
  const take = (numbers: number): number => {
    const offset = size;
    size += Math.ceil(numbers / 16) * 16;
    return offset;
  };
  let inputs = padTo(8, network.inputs);
  const layers = network.layers.map((layer): GatLayerPacking => {
    const { heads, channels, concat } = layer;
    const headWidth = padTo(4, channels);
    const width = padTo(8, heads * headWidth);
    const outputs = padTo(8, concat ? heads * channels : channels);
    const packed = {
      ...layer,
      inputs,
      headWidth,
      width,
      outputs,
      lanes: padTo(4, heads),
      weights: take(inputs * width),
      target: take(heads * headWidth),
      source: take(heads * headWidth),
      bias: take(concat ? heads * headWidth : headWidth),
    };
    inputs = outputs;
    return packed;
  });
  const headWeights = take(inputs);
  const headBias = take(1);
  return { layers, headWeights, headBias, size };
}

/** Where each parameter of the flat layout (`parameterLayout`) lies in the packed one. */
export function gatPositions(network: GatNetwork, packing: GatPacking): Uint32Array {
  const positions: number[] = [];
  let features = network.inputs;
  for (const layer of packing.layers) {
    const { heads, channels, concat, headWidth, inputs } = layer;
    const each = (count: number, visit: (column: number) => void): void => {
      for (let h = 0; h < count; h++) for (let c = 0; c < channels; c++) visit(h * headWidth + c);
    };
    each(heads, (column) => {
      for (let f = 0; f < features; f++) {
        positions.push(layer.weights + (column >> 3) * inputs * 8 + f * 8 + (column & 7));
      }
    });
    each(heads, (column) => positions.push(layer.target + column));
    each(heads, (column) => positions.push(layer.source + column));
    each(concat ? heads : 1, (column) => positions.push(layer.bias + column));
    features = concat ? heads * channels : channels;
  }
  for (let k = 0; k < features; k++) positions.push(packing.headWeights + k);
  positions.push(packing.headBias);
  return Uint32Array.from(positions);
}

export function mapGat(
  network: GatNetwork,
  options: SessionOptions,
  table: { readonly series: number; readonly days: number },
): GatMap {
  const packing = packGat(network);
  const { rows, edges = 0 } = options.largest;
  const nodes = padTo(4, rows);
  const cursor = memoryCursor(FIRST_FREE_BYTE);
  const sizes: number[] = [];
  const measured = <T>(part: () => T): T => {
    const before = cursor.end;
    const result = part();
    sizes.push(cursor.end - before);
    return result;
  };
  /** Stores of the last head's padding may run past the end of the last row. */
  const SPARE = 4;
  const widest = (of: (layer: GatLayerPacking) => number): number => Math.max(...packing.layers.map(of));
  const parameters = measured(() => ({
    parameters: cursor.take(packing.size),
    transposed: packing.layers.map(({ inputs, width }) => cursor.take(inputs * width)),
  }));
  const optimizer = measured(() => ({ first: cursor.take(packing.size), second: cursor.take(packing.size) }));
  const isDropping = network.dropout > 0;
  const kept = measured(() => {
    const start = cursor.take(nodes * packing.layers[0].inputs);
    const layers = packing.layers.map(({ inputs, width, outputs, lanes }, l): GatLayerSpace => {
      const attention = cursor.take(edges * lanes);
      return {
        transposed: parameters.transposed[l],
        dropped: isDropping ? cursor.take(nodes * inputs) : 0,
        inputMask: isDropping ? cursor.take(nodes * inputs) : 0,
        projected: cursor.take(nodes * width),
        targetPart: cursor.take(nodes * lanes),
        sourcePart: cursor.take(nodes * lanes),
        attention,
        attentionMask: isDropping ? cursor.take(edges * lanes) : 0,
        shares: isDropping ? cursor.take(edges * lanes) : attention,
        output: cursor.take(nodes * outputs + SPARE),
      };
    });
    return { nodes: start, layers };
  });
  const workspace = measured(() => ({
    gradient: cursor.take(packing.size),
    rowAddresses: cursor.take(nodes),
    rowStart: cursor.take(nodes + 1),
    columns: cursor.take(edges),
    predictions: cursor.take(nodes),
    dPredictions: cursor.take(nodes),
    sums: cursor.take(nodes * widest(({ width }) => width)),
    dProjected: cursor.take(nodes * widest(({ width }) => width)),
    dOutput: cursor.take(nodes * widest(({ inputs, outputs }) => Math.max(inputs, outputs)) + SPARE),
    dInput: cursor.take(nodes * widest(({ inputs, outputs }) => Math.max(inputs, outputs)) + SPARE),
    dAttention: cursor.take(edges * widest(({ lanes }) => lanes)),
    dTarget: cursor.take(nodes * widest(({ lanes }) => lanes)),
    dSource: cursor.take(nodes * widest(({ lanes }) => lanes)),
  }));
  const inputs = measured(() => cursor.take(table.series * table.days * packing.layers[0].inputs));
  const [p, o, a, w, i] = sizes;
  return {
    packing,
    parameters: parameters.parameters,
    ...optimizer,
    ...kept,
    ...workspace,
    table: inputs,
    memory: { parameters: p, optimizer: o, activations: a, workspace: w, inputs: i, total: p + o + a + w + i },
  };
}
