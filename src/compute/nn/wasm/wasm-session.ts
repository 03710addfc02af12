/**
 * A training session over wasm memory: states in and out, accumulation, updates. What is particular to a kind of network (its forward and
 * backward pass) is its program's. A step makes no objects but the promises of this interface.
 */
import { AppError } from '#base/errors';
import { clipFactor } from '#quant/nn/adam';
import { checkBatch, checkTableLength, rowCount, targetsOf } from '#quant/nn/batch';
import type {
  Batch,
  GradientResult,
  GraphBatch,
  InputTable,
  Loss,
  MemoryUse,
  NetworkSession,
  NetworkState,
  SessionOptions,
  Update,
} from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import type { Network } from '#quant/nn/network';
import type { Kernels } from './kernel-exports';

/** Where a program keeps what an update moves. */
export interface PackedMemory {
  readonly parameters: number;
  readonly first: number;
  readonly second: number;
  /** The sum of gradients once `sumGradients` has run. */
  readonly gradient: number;
  /** Numbers in each. */
  readonly size: number;
  /** Where each parameter of the flat layout lies. */
  readonly positions: Uint32Array;
}

/** Where in the training run a batch stands: counters of dropout. */
export interface BatchPlace {
  /** Updates so far. */
  readonly step: number;
  /** Rows (nodes) and edges since the last update. */
  readonly row: number;
  readonly edge: number;
}

/** The forward and backward pass of one kind of network; its batches have been checked. */
export interface NetworkProgram {
  readonly memory: MemoryUse;
  readonly packed: PackedMemory;
  /** The first rows of the table. */
  loadInputs(values: Float32Array): void;
  /** Recomputes what is derived from the parameters. */
  parametersChanged(): void;
  /** A view that the next call overwrites. */
  predict(batch: Batch): Promise<Float32Array>;
  /** Adds `weight` times the gradient to the sum; returns the loss. */
  accumulate(batch: Batch, loss: Loss, weight: number, place: BatchPlace): Promise<number>;
  /** Adds the gradient to the sum, without dropout, on this thread. */
  probe(
    batch: Batch,
    loss: Loss,
  ): { readonly loss: number; readonly predictions: Float32Array; readonly inputGradients: Float32Array };
  attention(batch: GraphBatch): readonly Float32Array[];
  sumGradients(): void;
  clearGradients(): void;
  /** All bytes of the sum of gradients. */
  gradientBytes(): Uint8Array;
  /** Resolves when nothing uses the memory any more. */
  dispose(): Promise<void>;
}

export interface SessionParts {
  readonly network: Network;
  readonly table: Pick<InputTable, 'series' | 'days' | 'inputs'>;
  readonly options: SessionOptions;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly program: NetworkProgram;
  /** Called once, when the session is closed. */
  onClose(ended: Promise<void>): void;
}

export class WasmSession implements NetworkSession {
  readonly #parts: SessionParts;
  readonly #numbers: Float32Array;
  #step = 0;
  #row = 0;
  #edge = 0;
  #loss = 0;
  #measured: { loss: number; gradientNorm: number }[] = [];
  #isBusy = false;
  #isDisposed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#numbers = new Float32Array(parts.memory.buffer);
    this.#write(initialState(parts.network, parts.options.seed));
  }

  get memory(): MemoryUse {
    return this.#parts.program.memory;
  }

  async write(state: NetworkState): Promise<void> {
    this.#open();
    this.#write(state);
  }

  async read(): Promise<NetworkState> {
    this.#open();
    const { parameters, first, second, positions } = this.#parts.program.packed;
    const unpacked = (address: number): Float32Array =>
      Float32Array.from(positions, (position) => this.#numbers[address / 4 + position]);
    return {
      parameters: unpacked(parameters),
      first: unpacked(first),
      second: unpacked(second),
      step: this.#step,
    };
  }

  async replaceInputs(values: Float32Array): Promise<void> {
    this.#open();
    const { table, program } = this.#parts;
    checkTableLength(table, values);
    await this.#alone(async () => program.loadInputs(values));
  }

  async predict(batch: Batch): Promise<Float32Array> {
    this.#check(batch);
    return this.#alone(async () => (await this.#parts.program.predict(batch)).slice());
  }

  async attention(batch: GraphBatch): Promise<readonly Float32Array[]> {
    this.#check(batch);
    return this.#alone(async () => this.#parts.program.attention(batch));
  }

  async gradients(batch: Batch, loss: Loss): Promise<GradientResult> {
    this.#check(batch);
    targetsOf(batch);
    const { program } = this.#parts;
    return this.#alone(async () => {
      const sum = program.gradientBytes();
      const held = sum.slice();
      try {
        program.clearGradients();
        const probed = program.probe(batch, loss);
        program.sumGradients();
        const { gradient, positions } = program.packed;
        const gradients = Float32Array.from(positions, (position) => this.#numbers[gradient / 4 + position]);
        return { ...probed, gradients };
      } finally {
        sum.set(held);
      }
    });
  }

  async accumulate(batch: Batch, loss: Loss, weight: number): Promise<void> {
    this.#check(batch);
    targetsOf(batch);
    if (this.#isBusy) throw busy();
    this.#isBusy = true;
    try {
      const place = { step: this.#step, row: this.#row, edge: this.#edge };
      this.#loss += weight * (await this.#parts.program.accumulate(batch, loss, weight, place));
      this.#row += rowCount(batch);
      this.#edge += batch.kind === 'graph' ? batch.columns.length : 0;
    } finally {
      this.#isBusy = false;
    }
  }

  async update(update: Update): Promise<void> {
    this.#open();
    if (this.#isBusy) throw busy();
    const { kernels, program } = this.#parts;
    const { parameters, first, second, gradient, size } = program.packed;
    program.sumGradients();
    const gradientNorm = Math.sqrt(kernels.sumOfSquares(gradient, size));
    this.#step++;
    if (Number.isFinite(gradientNorm)) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, coupledDecay = false, clipNorm } = update;
      kernels.adam(
        parameters,
        gradient,
        first,
        second,
        size,
        learningRate,
        beta1,
        beta2,
        epsilon,
        1 - beta1 ** this.#step,
        1 - beta2 ** this.#step,
        coupledDecay ? 0 : weightDecay,
        coupledDecay ? weightDecay : 0,
        clipFactor(gradientNorm, clipNorm),
      );
      program.parametersChanged();
    }
    this.#measured.push({ loss: this.#loss, gradientNorm });
    this.#clear();
  }

  async measured(): Promise<readonly { readonly loss: number; readonly gradientNorm: number }[]> {
    return this.#measured.splice(0);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#parts.onClose(this.#parts.program.dispose());
  }

  #write(state: NetworkState): void {
    const { packed } = this.#parts.program;
    const parts = [
      [packed.parameters, state.parameters],
      [packed.first, state.first],
      [packed.second, state.second],
    ] as const;
    for (const [address, values] of parts) {
      if (values.length !== packed.positions.length) {
        const expected = packed.positions.length;
        throw new AppError('BAD_REQUEST', `Expected a state of ${expected} numbers, found ${values.length}.`);
      }
      for (let k = 0; k < values.length; k++) this.#numbers[address / 4 + packed.positions[k]] = values[k];
    }
    this.#step = state.step;
    this.#parts.program.parametersChanged();
    this.#clear();
  }

  #clear(): void {
    this.#parts.program.clearGradients();
    this.#row = 0;
    this.#edge = 0;
    this.#loss = 0;
  }

  /** One call at a time works in the session's memory. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw busy();
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }

  #open(): void {
    if (this.#isDisposed) throw new AppError('CANCELLED', 'The training session was closed.');
  }

  #check(batch: Batch): void {
    this.#open();
    const { network, table, options } = this.#parts;
    checkBatch(network, table, options, batch);
  }
}

function busy(): AppError {
  return new AppError('CONFLICT', 'Expected one call at a time in a training session; await the one before.');
}
