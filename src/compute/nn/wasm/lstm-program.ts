/**
 * The LSTM's program: a batch becomes one order to the threads where the loss is a sum over rows, and two where it needs all
 * predictions first (correlations, Sharpe): forward, then forward and backward again block by block, so that memory never
 * grows with the batch.
 */
import { firstDay, predictionsPerRow, rowCount, stepCount, targetsOf } from '#quant/nn/batch';
import type { Batch, InputTable, Loss, SessionOptions } from '#quant/nn/engine';
import { crossSectionsOf, LossEvaluator } from '#quant/nn/losses';
import type { LstmNetwork } from '#quant/nn/network';
import { emptyOrder, type Order } from './control';
import type { Kernels } from './kernel-exports';
import { LstmBlocks } from './lstm-blocks';
import { lstmPositions, SHARDS, type LstmMap } from './lstm-map';
import type { ThreadPool } from './thread-pool';
import type { BatchPlace, NetworkProgram, PackedMemory } from './wasm-session';

export interface LstmProgramParts {
  readonly network: LstmNetwork;
  readonly table: InputTable;
  readonly options: SessionOptions;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly map: LstmMap;
  readonly pool: ThreadPool;
}

export class LstmProgram implements NetworkProgram {
  readonly memory;
  readonly packed: PackedMemory;
  readonly #parts: LstmProgramParts;
  readonly #numbers: Float32Array;
  readonly #addresses: Uint32Array;
  readonly #order: Order = emptyOrder();
  readonly #blocks: LstmBlocks;
  readonly #runHere: (task: number) => void;
  readonly #evaluator: LossEvaluator;

  constructor(parts: LstmProgramParts) {
    const { network, table, options, kernels, memory, map } = parts;
    this.#parts = parts;
    this.memory = map.memory;
    this.packed = {
      parameters: map.parameters,
      first: map.first,
      second: map.second,
      gradient: map.gradients,
      size: map.packing.size,
      positions: lstmPositions(network, map.packing),
    };
    this.#numbers = new Float32Array(memory.buffer);
    this.#addresses = new Uint32Array(memory.buffer);
    this.#blocks = new LstmBlocks(kernels, network, map, 0, this.#order);
    this.#runHere = (task) => this.#blocks.run(task);
    this.#evaluator = new LossEvaluator(options.largest.rows * options.largest.steps);
    this.loadInputs(table.values);
  }

  parametersChanged(): void {
    const { kernels, map } = this.#parts;
    for (const [l, { weights, columns, hidden, inputBias, hiddenBias }] of map.packing.layers.entries()) {
      const at = map.parameters;
      kernels.transpose(at + 4 * weights, columns, 4 * hidden, map.transposed[l]);
      kernels.addVectors(at + 4 * inputBias, at + 4 * hiddenBias, map.biases[l], 4 * hidden);
    }
  }

  async predict(batch: Batch): Promise<Float32Array> {
    this.#prepare(batch, 'forward');
    await this.#run();
    return this.#predictions(batch);
  }

  async accumulate(batch: Batch, loss: Loss, weight: number, place: BatchPlace): Promise<number> {
    const { network, options } = this.#parts;
    const isPointwise = loss.id === 'mse' || loss.id === 'huber';
    this.#prepare(batch, isPointwise ? 'pointwise' : 'forward');
    const order = this.#order;
    order.dropout = network.dropout > 0 ? 1 : 0;
    order.firstRow = place.row;
    order.step = place.step;
    order.seed = options.seed;
    if (isPointwise) {
      const labels = this.#loadTargets(batch);
      order.delta = loss.id === 'mse' ? Infinity : (loss.delta ?? 1);
      order.scale = labels === 0 ? 0 : ((loss.id === 'mse' ? 2 : 1) * weight) / labels;
      await this.#run();
      return this.#evaluate(batch, loss);
    }
    await this.#run();
    const value = this.#evaluate(batch, loss);
    const { dPredictions } = this.#parts.map;
    const end = dPredictions / 4 + rowCount(batch) * predictionsPerRow(batch);
    for (let k = dPredictions / 4; k < end; k++) this.#numbers[k] *= weight;
    order.kind = 'train';
    await this.#run();
    return value;
  }

  probe(
    batch: Batch,
    loss: Loss,
  ): { readonly loss: number; readonly predictions: Float32Array; readonly inputGradients: Float32Array } {
    const { pool, network } = this.#parts;
    const steps = stepCount(batch);
    const inputGradients = new Float32Array(rowCount(batch) * steps * network.inputs);
    this.#prepare(batch, 'forward');
    pool.runAlone(SHARDS, this.#runHere);
    const predictions = this.#predictions(batch).slice();
    const value = this.#evaluate(batch, loss);
    this.#order.kind = 'train';
    this.#blocks.onInputGradient = ({ first, count, rows }, step, address) => {
      for (let row = 0; row < count; row++) {
        for (let k = 0; k < network.inputs; k++) {
          inputGradients[((first + row) * steps + step) * network.inputs + k] =
            this.#numbers[address / 4 + ((k >> 3) * rows + row) * 8 + (k & 7)];
        }
      }
    };
    try {
      pool.runAlone(SHARDS, this.#runHere);
    } finally {
      this.#blocks.onInputGradient = undefined;
    }
    return { loss: value, predictions, inputGradients };
  }

  attention(): never {
    throw new Error('Only graph batches have attention, and an LSTM is given none.');
  }

  sumGradients(): void {
    const { kernels, map } = this.#parts;
    kernels.sumShards(map.gradients, map.gradientStride, SHARDS, map.packing.size);
    // Both biases enter as their sum: their gradients are equal.
    for (const { inputBias, hiddenBias, hidden } of map.packing.layers) {
      kernels.copyBytes(map.gradients + 4 * inputBias, map.gradients + 4 * hiddenBias, 16 * hidden);
    }
  }

  clearGradients(): void {
    const { kernels, map } = this.#parts;
    kernels.fillBytes(map.gradients, 0, SHARDS * map.gradientStride);
  }

  gradientBytes(): Uint8Array {
    const { memory, map } = this.#parts;
    return new Uint8Array(memory.buffer, map.gradients, SHARDS * map.gradientStride);
  }

  dispose(): Promise<void> {
    return this.#parts.pool.dispose();
  }

  #run(): Promise<void> {
    return this.#parts.pool.run(this.#order, SHARDS, this.#runHere);
  }

  /** Writes the order and where each row's window begins. */
  #prepare(batch: Batch, kind: Order['kind']): void {
    const { map, table } = this.#parts;
    const order = this.#order;
    order.kind = kind;
    order.rows = rowCount(batch);
    order.steps = stepCount(batch);
    order.from = order.steps - predictionsPerRow(batch);
    order.dropout = 0;
    const width = map.packing.layers[0].inputs;
    const base = map.rowAddresses / 4;
    let address = 0;
    for (let row = 0; row < order.rows; row++) {
      address = map.table + 4 * width * (batch.series[row] * table.days + firstDay(batch, row));
      this.#addresses[base + row] = address;
    }
    // Rows that only fill a register block look where the last one looks, and count for nothing.
    for (let row = order.rows; row % 4 !== 0; row++) this.#addresses[base + row] = address;
  }

  #predictions(batch: Batch): Float32Array {
    const from = this.#parts.map.predictions / 4;
    return this.#numbers.subarray(from, from + rowCount(batch) * predictionsPerRow(batch));
  }

  /** Returns the number of labels. */
  #loadTargets(batch: Batch): number {
    const targets = targetsOf(batch);
    this.#numbers.set(targets, this.#parts.map.targets / 4);
    let labels = 0;
    for (let k = 0; k < targets.length; k++) if (!Number.isNaN(targets[k])) labels++;
    return labels;
  }

  /** The loss of the predictions that lie in memory; leaves its gradient beside them. */
  #evaluate(batch: Batch, loss: Loss): number {
    const predictions = this.#predictions(batch);
    const from = this.#parts.map.dPredictions / 4;
    const gradient = this.#numbers.subarray(from, from + predictions.length);
    return this.#evaluator.evaluate(loss, predictions, targetsOf(batch), crossSectionsOf(batch), gradient);
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
