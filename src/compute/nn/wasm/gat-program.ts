/**
 * The graph attention network's program, on one thread: a graph of one date is one or two milliseconds of work, and threads would
 * wait for each other longer than they work.
 */
import { AppError } from '#base/errors';
import { rowCount, targetsOf } from '#quant/nn/batch';
import { dropThreshold, keepScale } from '#quant/nn/dropout';
import type { Batch, GraphBatch, InputTable, Loss, MemoryUse, SessionOptions } from '#quant/nn/engine';
import { crossSectionsOf, LossEvaluator } from '#quant/nn/losses';
import type { GatNetwork } from '#quant/nn/network';
import { gatPositions, type GatLayerPacking, type GatLayerSpace, type GatMap } from './gat-map';
import type { Kernels } from './kernel-exports';
import { padTo } from './memory-cursor';
import type { BatchPlace, NetworkProgram, PackedMemory } from './wasm-session';

export interface GatProgramParts {
  readonly network: GatNetwork;
  readonly table: InputTable;
  readonly options: SessionOptions;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly map: GatMap;
}

/** Bytes between the panels of a row-major matrix. */
const PANEL = 32;

export class GatProgram implements NetworkProgram {
  readonly memory: MemoryUse;
  readonly packed: PackedMemory;
  readonly #parts: GatProgramParts;
  readonly #numbers: Float32Array;
  readonly #integers: Uint32Array;
  readonly #evaluator: LossEvaluator;

  constructor(parts: GatProgramParts) {
    const { network, table, options, memory, map } = parts;
    this.#parts = parts;
    this.memory = map.memory;
    this.packed = {
      parameters: map.parameters,
      first: map.first,
      second: map.second,
      gradient: map.gradient,
      size: map.packing.size,
      positions: gatPositions(network, map.packing),
    };
    this.#numbers = new Float32Array(memory.buffer);
    this.#integers = new Uint32Array(memory.buffer);
    this.#evaluator = new LossEvaluator(options.largest.rows);
    this.loadInputs(table.values);
  }

  parametersChanged(): void {
    const { kernels, map } = this.#parts;
    for (const [l, { weights, inputs, width }] of map.packing.layers.entries()) {
      kernels.transpose(map.parameters + 4 * weights, inputs, width, map.layers[l].transposed);
    }
  }

  async predict(batch: Batch): Promise<Float32Array> {
    this.#forward(asGraph(batch), undefined);
    return this.#predictions(rowCount(batch));
  }

  async accumulate(batch: Batch, loss: Loss, weight: number, place: BatchPlace): Promise<number> {
    const nodes = rowCount(batch);
    const isDropping = this.#parts.network.dropout > 0;
    this.#forward(asGraph(batch), isDropping ? place : undefined);
    const value = this.#evaluate(batch, loss);
    const from = this.#parts.map.dPredictions / 4;
    for (let k = from; k < from + nodes; k++) this.#numbers[k] *= weight;
    this.#backward(nodes, isDropping, false);
    return value;
  }

  probe(
    batch: Batch,
    loss: Loss,
  ): { readonly loss: number; readonly predictions: Float32Array; readonly inputGradients: Float32Array } {
    const nodes = rowCount(batch);
    this.#forward(asGraph(batch), undefined);
    const predictions = this.#predictions(nodes).slice();
    const value = this.#evaluate(batch, loss);
    this.#backward(nodes, false, true);
    const { network, map } = this.#parts;
    const width = map.packing.layers[0].inputs;
    const inputGradients = new Float32Array(nodes * network.inputs);
    for (let i = 0; i < nodes; i++) {
      const from = map.dOutput / 4 + i * width;
      inputGradients.set(this.#numbers.subarray(from, from + network.inputs), i * network.inputs);
    }
    return { loss: value, predictions, inputGradients };
  }

  attention(batch: GraphBatch): readonly Float32Array[] {
    this.#forward(batch, undefined);
    const { map } = this.#parts;
    const edges = batch.columns.length;
    return map.packing.layers.map(({ heads, lanes }, l) =>
      Float32Array.from({ length: heads * edges }, (_, k) => {
        const [head, edge] = [Math.floor(k / edges), k % edges];
        return this.#numbers[map.layers[l].attention / 4 + edge * lanes + head];
      }),
    );
  }

  sumGradients(): void {
    // There is one sum and nothing to add to it.
  }

  clearGradients(): void {
    const { kernels, map } = this.#parts;
    kernels.fillBytes(map.gradient, 0, 4 * map.packing.size);
  }

  gradientBytes(): Uint8Array {
    const { memory, map } = this.#parts;
    return new Uint8Array(memory.buffer, map.gradient, 4 * map.packing.size);
  }

  async dispose(): Promise<void> {
    // There are no threads to end.
  }

  #forward(batch: GraphBatch, place: BatchPlace | undefined): void {
    const { kernels, map } = this.#parts;
    const nodes = this.#load(batch);
    let input = map.nodes;
    for (let l = 0; l < map.layers.length; l++) {
      input = this.#layerForward(l, input, nodes, batch.columns.length, place);
    }
    const { headWeights, headBias, layers } = map.packing;
    const at = map.parameters;
    const rowBytes = 4 * layers[layers.length - 1].outputs;
    kernels.rowHead(input, rowBytes, nodes, at + 4 * headWeights, at + 4 * headBias, map.predictions);
  }

  #layerForward(l: number, input: number, nodes: number, edges: number, place: BatchPlace | undefined): number {
    const { kernels, map, network } = this.#parts;
    const layer = map.packing.layers[l];
    const space = map.layers[l];
    const { inputs, width, headWidth, heads } = layer;
    const at = map.parameters;
    const rows = padTo(4, nodes);
    const lanes = 4 * layer.lanes;
    let x = input;
    let shares = space.attention;
    if (place !== undefined) {
      this.#mask(space.inputMask, inputs, nodes, place.row, 2 * l, place.step);
      kernels.multiplyVectors(input, space.inputMask, space.dropped, nodes * inputs);
      x = space.dropped;
    }
    // Rows that only fill a register block must not bring an old batch's numbers into the sums.
    kernels.fillBytes(x + 4 * nodes * inputs, 0, 4 * (rows - nodes) * inputs);
    const H = space.projected;
    kernels.multiply(x, 4 * inputs, PANEL, at + 4 * layer.weights, H, 4 * width, PANEL, rows, inputs, width, 0, 0);
    const [targetAt, sourceAt] = [at + 4 * layer.target, at + 4 * layer.source];
    kernels.scoreParts(H, 4 * width, 4 * headWidth, heads, targetAt, nodes, space.targetPart, lanes);
    kernels.scoreParts(H, 4 * width, 4 * headWidth, heads, sourceAt, nodes, space.sourcePart, lanes);
    kernels.attend(
      map.rowStart,
      map.columns,
      space.targetPart,
      space.sourcePart,
      nodes,
      lanes,
      network.negativeSlope,
      space.attention,
    );
    if (place !== undefined) {
      this.#mask(space.attentionMask, layer.lanes, edges, place.edge, 2 * l + 1, place.step);
      kernels.multiplyVectors(space.attention, space.attentionMask, space.shares, edges * layer.lanes);
      shares = space.shares;
    }
    kernels.aggregate(map.rowStart, map.columns, shares, lanes, H, 4 * width, 4 * headWidth, heads, nodes, map.sums);
    kernels.combineHeads(
      map.sums,
      4 * width,
      4 * headWidth,
      4 * layer.channels,
      heads,
      layer.concat ? 1 : 0,
      at + 4 * layer.bias,
      nodes,
      space.output,
      4 * layer.outputs,
    );
    return space.output;
  }

  /** Leaves ∂loss/∂(node features) in `dOutput` where it is asked for. */
  #backward(nodes: number, isDropping: boolean, withInputs: boolean): void {
    const { kernels, map } = this.#parts;
    const { layers, headWeights, headBias } = map.packing;
    const top = map.layers[layers.length - 1];
    kernels.rowHeadBackward(
      top.output,
      4 * layers[layers.length - 1].outputs,
      nodes,
      map.parameters + 4 * headWeights,
      map.dPredictions,
      map.dOutput,
      map.gradient + 4 * headWeights,
      map.gradient + 4 * headBias,
    );
    for (let l = layers.length - 1; l >= 0; l--) {
      const input = l === 0 ? map.nodes : map.layers[l - 1].output;
      this.#layerBackward(layers[l], map.layers[l], isDropping ? map.layers[l].dropped : input, nodes, isDropping);
      if (l === 0 && !withInputs) return;
      const { inputs, width } = layers[l];
      const rows = padTo(4, nodes);
      const { transposed, inputMask } = map.layers[l];
      kernels.multiply(
        map.dProjected,
        4 * width,
        PANEL,
        transposed,
        map.dOutput,
        4 * inputs,
        PANEL,
        rows,
        width,
        inputs,
        0,
        0,
      );
      if (isDropping) kernels.multiplyVectors(map.dOutput, inputMask, map.dOutput, nodes * inputs);
    }
  }

  /** From ∂loss/∂output in `dOutput` to ∂loss/∂H in `dProjected` and the layer's gradients. */
  #layerBackward(layer: GatLayerPacking, space: GatLayerSpace, x: number, nodes: number, isDropping: boolean): void {
    const { kernels, map, network } = this.#parts;
    const { inputs, width, headWidth, heads } = layer;
    const rows = padTo(4, nodes);
    const lanes = 4 * layer.lanes;
    const [rowBytes, headBytes] = [4 * width, 4 * headWidth];
    const at = map.parameters;
    const sum = map.gradient;
    kernels.separateHeads(
      map.dOutput,
      space.output,
      4 * layer.outputs,
      rowBytes,
      headBytes,
      4 * layer.channels,
      heads,
      layer.concat ? 1 : 0,
      nodes,
      map.sums,
      sum + 4 * layer.bias,
    );
    kernels.fillBytes(map.dProjected, 0, rows * rowBytes);
    kernels.aggregateBackward(
      map.rowStart,
      map.columns,
      isDropping ? space.shares : space.attention,
      lanes,
      space.projected,
      rowBytes,
      headBytes,
      heads,
      nodes,
      map.sums,
      map.dProjected,
      map.dAttention,
    );
    const edges = this.#integers[map.rowStart / 4 + nodes];
    if (isDropping) {
      kernels.multiplyVectors(map.dAttention, space.attentionMask, map.dAttention, edges * layer.lanes);
    }
    kernels.fillBytes(map.dSource, 0, nodes * lanes);
    kernels.attendBackward(
      map.rowStart,
      map.columns,
      space.targetPart,
      space.sourcePart,
      nodes,
      lanes,
      network.negativeSlope,
      space.attention,
      map.dAttention,
      map.dTarget,
      map.dSource,
    );
    const H = space.projected;
    const dH = map.dProjected;
    for (const [part, d] of [
      [layer.target, map.dTarget],
      [layer.source, map.dSource],
    ]) {
      kernels.scorePartsBackward(H, dH, rowBytes, headBytes, heads, at + 4 * part, sum + 4 * part, nodes, d, lanes);
    }
    const weights = sum + 4 * layer.weights;
    kernels.multiplyTransposed(x, 4 * inputs, PANEL, 0, dH, rowBytes, PANEL, 0, weights, rows, 1, inputs, width);
  }

  /** Copies the graph in and gathers its nodes' features; returns the number of nodes. */
  #load(batch: GraphBatch): number {
    const { kernels, map, table } = this.#parts;
    const nodes = batch.series.length;
    const rowBytes = 4 * map.packing.layers[0].inputs;
    for (let i = 0; i < nodes; i++) {
      this.#integers[map.rowAddresses / 4 + i] = map.table + rowBytes * (batch.series[i] * table.days + batch.day);
    }
    this.#integers.set(batch.rowStart, map.rowStart / 4);
    this.#integers.set(batch.columns, map.columns / 4);
    kernels.gatherRows(map.rowAddresses, nodes, rowBytes, map.nodes);
    return nodes;
  }

  #mask(to: number, width: number, rows: number, firstRow: number, site: number, step: number): void {
    const { kernels, network, options } = this.#parts;
    const [threshold, scale] = [dropThreshold(network.dropout), keepScale(network.dropout)];
    kernels.dropoutMask(to, 4 * width, PANEL, rows, width, firstRow, 0, step, options.seed, site, threshold, scale);
  }

  #predictions(nodes: number): Float32Array {
    const from = this.#parts.map.predictions / 4;
    return this.#numbers.subarray(from, from + nodes);
  }

  #evaluate(batch: Batch, loss: Loss): number {
    const nodes = rowCount(batch);
    const from = this.#parts.map.dPredictions / 4;
    const gradient = this.#numbers.subarray(from, from + nodes);
    return this.#evaluator.evaluate(loss, this.#predictions(nodes), targetsOf(batch), crossSectionsOf(batch), gradient);
  }

  loadInputs(values: Float32Array): void {
    const { map, table } = this.#parts;
    const { inputs } = table;
    const width = map.packing.layers[0].inputs;
    for (let row = 0; row < values.length / inputs; row++) {
      const to = map.table / 4 + row * width;
      for (let k = 0; k < inputs; k++) this.#numbers[to + k] = values[row * inputs + k];
    }
  }
}

function asGraph(batch: Batch): GraphBatch {
  if (batch.kind === 'graph') return batch;
  throw new AppError('INTERNAL', 'A batch of another kind of network passed its check.');
}
