/**
 * The LSTM on one thread: takes shards of a batch, runs their rows in blocks through all steps and layers, and back.
 * Every thread has one, over the same memory; a shard's gradients go to the shard's own sum, so that it does not matter who took it.
 */
import { dropThreshold, keepScale } from '#quant/nn/dropout';
import type { LstmNetwork } from '#quant/nn/network';
import type { Order } from './control';
import type { Kernels } from './kernel-exports';
import {
  blockRows,
  PREDICTION_STEPS,
  SHARDS,
  type LayerPacking,
  type LayerSpace,
  type LstmMap,
  type ThreadSpace,
} from './lstm-map';

/** Steps whose weight gradients are summed in one pass over the weights: enough to hide its loads, few enough for the cache. */
const GRADIENT_STEPS = 4;
/** Bytes of a row of a panel. */
const ROW = 32;

/** Takes ∂loss/∂x of a block's rows at one step, [inputs/8][rows][8] at `address`. */
export type InputGradientSink = (
  block: { first: number; count: number; rows: number },
  step: number,
  address: number,
) => void;

export class LstmBlocks {
  readonly #kernels: Kernels;
  readonly #network: LstmNetwork;
  readonly #map: LstmMap;
  readonly #space: ThreadSpace;
  readonly #threshold: number;
  readonly #scale: number;
  #order: Order;
  /** The block at work: first row, rows that count, and rows padded to a register block. */
  #block = { first: 0, count: 0, rows: 0 };
  #shard = 0;
  onInputGradient: InputGradientSink | undefined;

  constructor(kernels: Kernels, network: LstmNetwork, map: LstmMap, thread: number, order: Order) {
    this.#kernels = kernels;
    this.#network = network;
    this.#map = map;
    this.#space = map.threads[thread];
    this.#threshold = dropThreshold(network.dropout);
    this.#scale = keepScale(network.dropout);
    this.#order = order;
  }

  /** Runs one shard of the order that was given to the constructor. */
  run(shard: number): void {
    const { rows } = this.#order;
    const size = blockRows(rows);
    const blocks = Math.ceil(rows / size);
    this.#shard = shard;
    const end = Math.floor(((shard + 1) * blocks) / SHARDS);
    for (let block = Math.floor((shard * blocks) / SHARDS); block < end; block++) {
      this.#block.first = block * size;
      this.#block.count = Math.min(size, rows - block * size);
      this.#block.rows = Math.ceil(this.#block.count / 4) * 4;
      this.#runBlock();
    }
  }

  #runBlock(): void {
    const { kind, steps, from } = this.#order;
    const isTraining = kind !== 'forward';
    const length = isTraining ? Math.min(this.#map.segment, steps) : Math.min(PREDICTION_STEPS, steps);
    const segments = Math.ceil(steps / length);
    for (let l = 0; l < this.#space.layers.length; l++) {
      this.#fill(this.#space.layers[l].states, 2 * this.#stateBytes(), 0);
    }
    for (let segment = 0; segment < segments; segment++) {
      this.#forward(segment, length, isTraining, true);
    }
    if (!isTraining) return;
    if (kind === 'pointwise') this.#pointwise(steps - from);
    for (let l = 0; l < this.#space.layers.length; l++) this.#fill(this.#space.layers[l].dCell, this.#stateBytes(), 0);
    for (let segment = segments - 1; segment >= 0; segment--) {
      if (segment < segments - 1) this.#forward(segment, length, true, false);
      this.#backward(segment, length);
    }
  }

  /** Steps of one segment from its stored state; while training, the state after it is stored for the next one. */
  #forward(segment: number, length: number, isTraining: boolean, isFirstTime: boolean): void {
    const { steps, from, dropout } = this.#order;
    const { layers } = this.#map.packing;
    const kernels = this.#kernels;
    const R = this.#block.rows;
    const start = segment * length;
    const end = Math.min(steps, start + length);
    const stateBytes = this.#stateBytes();
    for (let l = 0; l < layers.length; l++) {
      const space = this.#space.layers[l];
      const state = space.states + (isTraining ? segment : 0) * 2 * stateBytes;
      this.#copy(state, this.#hiddenAt(l, 0), stateBytes);
      this.#copy(state + stateBytes, space.cells, stateBytes);
    }
    for (let t = start; t < end; t++) {
      const i = t - start;
      this.#gather(t, this.#inputAt(0, i));
      for (let l = 0; l < layers.length; l++) {
        const layer = layers[l];
        const space = this.#space.layers[l];
        const N = 4 * layer.hidden;
        const gates = space.gates + i * 4 * stateBytes;
        const input = this.#inputAt(l, i);
        const weights = this.#map.parameters + 4 * layer.weights;
        kernels.multiply(
          input,
          ROW,
          ROW * R,
          weights,
          gates,
          ROW,
          ROW * R,
          R,
          layer.columns,
          N,
          this.#map.biases[l],
          0,
        );
        const isTop = l + 1 === layers.length;
        const above = isTop ? 0 : this.#inputAt(l + 1, i);
        const isDropped = dropout === 1 && !isTop;
        kernels.cellForward(
          gates,
          space.cells + i * stateBytes,
          space.cells + (i + 1) * stateBytes,
          space.squashed + i * stateBytes,
          this.#hiddenAt(l, i + 1),
          isDropped ? 0 : above,
          layer.hidden * R,
        );
        if (isDropped) {
          const mask = space.masks + i * stateBytes;
          this.#mask(mask, t, l);
          kernels.multiplyVectors(this.#hiddenAt(l, i + 1), mask, above, layer.hidden * R);
        }
      }
      if (isFirstTime && t >= from) {
        const { first, count } = this.#block;
        const kept = steps - from;
        const prediction = this.#map.predictions + 4 * (first * kept + t - from);
        const { headWeights, headBias } = this.#map.packing;
        const at = this.#map.parameters;
        const top = this.#top(i, t);
        kernels.headForward(
          top,
          R,
          count,
          layers[0].hidden,
          at + 4 * headWeights,
          at + 4 * headBias,
          prediction,
          4 * kept,
        );
      }
    }
    if (end === steps) return;
    for (let l = 0; l < layers.length; l++) {
      const space = this.#space.layers[l];
      const state = space.states + (isTraining ? segment + 1 : 0) * 2 * stateBytes;
      this.#copy(this.#hiddenAt(l, end - start), state, stateBytes);
      this.#copy(space.cells + (end - start) * stateBytes, state + stateBytes, stateBytes);
    }
  }

  #backward(segment: number, length: number): void {
    const { steps, from, dropout } = this.#order;
    const { layers } = this.#map.packing;
    const kernels = this.#kernels;
    const R = this.#block.rows;
    const start = segment * length;
    const end = Math.min(steps, start + length);
    const stateBytes = this.#stateBytes();
    for (let t = end - 1; t >= start; t--) {
      const i = t - start;
      for (let l = layers.length - 1; l >= 0; l--) {
        const layer = layers[l];
        const space = this.#space.layers[l];
        const N = 4 * layer.hidden;
        let above = 0;
        if (l + 1 === layers.length) {
          if (t >= from) above = this.#topBackward(i, t);
        } else {
          above = this.#space.layers[l + 1].dInputs;
          if (dropout === 1) kernels.multiplyVectors(above, space.masks + i * stateBytes, above, layer.hidden * R);
        }
        const gates = space.gates + i * 4 * stateBytes;
        const fromNext = t + 1 === steps ? 0 : this.#dHidden(layer, space);
        kernels.cellBackward(
          gates,
          space.cells + i * stateBytes,
          space.squashed + i * stateBytes,
          above,
          fromNext,
          space.dCell,
          layer.hidden * R,
        );
        // The first layer's inputs are data: their gradient is only computed where somebody asks for it.
        const isSkipped = l === 0 && this.onInputGradient === undefined;
        const skipped = isSkipped ? layer.inputs : 0;
        if (l > 0 || t > 0 || !isSkipped) {
          kernels.multiply(
            gates,
            ROW,
            ROW * R,
            this.#map.transposed[l] + 4 * skipped * N,
            space.dInputs + 4 * skipped * R,
            ROW,
            ROW * R,
            R,
            N,
            layer.columns - skipped,
            0,
            0,
          );
        }
      }
      this.onInputGradient?.(this.#block, t, this.#space.layers[0].dInputs);
      if (i % GRADIENT_STEPS === 0) this.#weightGradients(i, Math.min(GRADIENT_STEPS, end - start - i));
    }
  }

  /** Adds the weight gradients of steps i … i + count − 1 of the segment to the shard's sum. */
  #weightGradients(i: number, count: number): void {
    const kernels = this.#kernels;
    const R = this.#block.rows;
    const stateBytes = this.#stateBytes();
    const sum = this.#gradient();
    for (let l = 0; l < this.#map.packing.layers.length; l++) {
      const layer = this.#map.packing.layers[l];
      const gates = this.#space.layers[l].gates + i * 4 * stateBytes;
      const N = 4 * layer.hidden;
      kernels.multiplyTransposed(
        this.#inputAt(l, i),
        ROW,
        ROW * R,
        4 * layer.columns * R,
        gates,
        ROW,
        ROW * R,
        4 * stateBytes,
        sum + 4 * layer.weights,
        R,
        count,
        layer.columns,
        N,
      );
      kernels.addColumns(gates, ROW, ROW * R, 4 * stateBytes, R, count, N, sum + 4 * layer.inputBias);
    }
  }

  /** What the head sees of step t: the last layer's hidden state, normalized and with dropout. */
  #top(i: number, t: number): number {
    const { packing, parameters } = this.#map;
    const { normed, top, topMask, stats } = this.#space;
    const kernels = this.#kernels;
    const R = this.#block.rows;
    let state = this.#hiddenAt(packing.layers.length - 1, i + 1);
    if (this.#network.layerNorm) {
      const gain = parameters + 4 * packing.normGain;
      const bias = parameters + 4 * packing.normBias;
      this.#fill(normed, this.#stateBytes(), 0);
      kernels.normForward(state, R, this.#network.hidden, gain, bias, stats, normed);
      state = normed;
    }
    if (this.#order.dropout === 0) return state;
    this.#mask(topMask, t, packing.layers.length - 1);
    kernels.multiplyVectors(state, topMask, top, packing.layers[0].hidden * R);
    return top;
  }

  /** Gradient of the last layer's hidden state at step t from that of its prediction. */
  #topBackward(i: number, t: number): number {
    const { steps, from, dropout } = this.#order;
    const { packing, parameters, dPredictions } = this.#map;
    const { dTop, topMask, stats } = this.#space;
    const kernels = this.#kernels;
    const { first, count, rows: R } = this.#block;
    const width = packing.layers[0].hidden;
    const kept = steps - from;
    const sum = this.#gradient();
    const top = this.#top(i, t);
    kernels.headBackward(
      top,
      R,
      count,
      width,
      parameters + 4 * packing.headWeights,
      dPredictions + 4 * (first * kept + t - from),
      4 * kept,
      dTop,
      sum + 4 * packing.headWeights,
      sum + 4 * packing.headBias,
    );
    if (dropout === 1) kernels.multiplyVectors(dTop, topMask, dTop, width * R);
    if (this.#network.layerNorm) {
      kernels.normBackward(
        dTop,
        this.#hiddenAt(packing.layers.length - 1, i + 1),
        R,
        this.#network.hidden,
        parameters + 4 * packing.normGain,
        stats,
        sum + 4 * packing.normGain,
        sum + 4 * packing.normBias,
      );
    }
    return dTop;
  }

  #pointwise(kept: number): void {
    const { first, count } = this.#block;
    const offset = 4 * first * kept;
    const { predictions, targets, dPredictions } = this.#map;
    const { delta, scale } = this.#order;
    const size = count * kept;
    this.#kernels.pointwiseGradient(predictions + offset, targets + offset, size, delta, scale, dPredictions + offset);
  }

  #gather(t: number, to: number): void {
    const { rowAddresses, packing } = this.#map;
    this.#kernels.gather(rowAddresses + 4 * this.#block.first, t, packing.layers[0].inputs, this.#block.rows, to);
  }

  #mask(to: number, t: number, site: number): void {
    const { first, rows: R } = this.#block;
    const { firstRow, step, seed } = this.#order;
    const width = this.#map.packing.layers[0].hidden;
    this.#kernels.dropoutMask(
      to,
      ROW,
      ROW * R,
      R,
      width,
      firstRow + first,
      t,
      step,
      seed,
      site,
      this.#threshold,
      this.#scale,
    );
  }

  /** Bytes of one layer's hidden (or cell) state of the block; layers are equally wide. */
  #stateBytes(): number {
    return 4 * this.#map.packing.layers[0].hidden * this.#block.rows;
  }

  #inputAt(l: number, i: number): number {
    return this.#space.layers[l].inputs + 4 * i * this.#map.packing.layers[l].columns * this.#block.rows;
  }

  /** Where step i finds the hidden state of the step before. */
  #hiddenAt(l: number, i: number): number {
    return this.#inputAt(l, i) + 4 * this.#map.packing.layers[l].inputs * this.#block.rows;
  }

  #dHidden(layer: LayerPacking, space: LayerSpace): number {
    return space.dInputs + 4 * layer.inputs * this.#block.rows;
  }

  #gradient(): number {
    return this.#map.gradients + this.#shard * this.#map.gradientStride;
  }

  #copy(from: number, to: number, bytes: number): void {
    this.#kernels.copyBytes(from, to, bytes);
  }

  #fill(to: number, bytes: number, value: number): void {
    this.#kernels.fillBytes(to, value, bytes);
  }
}
