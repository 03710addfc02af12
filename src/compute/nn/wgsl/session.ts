/**
 * One network and one table on a WebGPU device. A training step is one upload and at most twelve dispatches, several steps share a
 * submission, and what was measured is read back when it is asked for.
 */
import { AppError } from '#base/errors';
import { checkBatch, checkTableLength, predictionsPerRow, rowCount, stepCount } from '#quant/nn/batch';
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
import type { Network } from '#quant/nn/network';
import { BatchWords } from './batch-words';
import { memoryOf, readableBuffer, release, vectorBytes, type BufferSpec, type DeviceBuffers } from './buffers';
import type { WgslDevice } from './device';
import type { Kernel } from './kernel';
import { LOSS_NUMBERS, lossKernel } from './loss-kernel';
import {
  adamKernel,
  FIRST_RESULT,
  NORM_PARTS,
  normKernel,
  reduceKernel,
  RESULTS,
  vectorGroups,
} from './optimizer-kernels';
import { preparedLabels } from './prepared-labels';
import type { Program } from './program';
import { Recorder, type RecorderCounts, type Replacements } from './recorder';

export interface SessionParts {
  readonly gpu: WgslDevice;
  readonly network: Network;
  readonly table: InputTable;
  readonly options: SessionOptions;
  readonly program: Program;
  readonly specs: readonly BufferSpec[];
  readonly buffers: DeviceBuffers;
}

interface Measured {
  readonly loss: number;
  readonly gradientNorm: number;
}

export class WgslSession implements NetworkSession {
  readonly memory: MemoryUse;
  readonly #parts: SessionParts;
  readonly #recorder: Recorder;
  readonly #words: BatchWords;
  readonly #loss: Kernel;
  readonly #reduce: Kernel;
  readonly #norm: Kernel;
  readonly #adam: Kernel;
  #step = 0;
  #rows = 0;
  #edges = 0;
  /** Updates whose results are still on the device, and those that had to be fetched before anybody asked. */
  #unread = 0;
  #fetched: Measured[] = [];
  #isDisposed = false;

  constructor(parts: SessionParts) {
    const { gpu, program, options, specs, buffers } = parts;
    this.#parts = parts;
    this.memory = memoryOf(specs);
    this.#recorder = new Recorder(gpu, buffers, program.batchWords);
    this.#words = new BatchWords(program.batchWords);
    this.#loss = lossKernel(options.precision);
    this.#reduce = reduceKernel(program.packedVectors);
    this.#norm = normKernel(program.packedVectors);
    this.#adam = adamKernel(program.packedVectors, program.transposed.blocks);
  }

  /** Dispatches and submissions so far: for tests and benchmarks. */
  get counts(): Readonly<RecorderCounts> {
    return this.#recorder.counts;
  }

  async write(state: NetworkState): Promise<void> {
    this.#check();
    await this.#recorder.submit();
    const { packing, packedVectors, transposed } = this.#parts.program;
    const pack = (flat: Float32Array): Float32Array<ArrayBuffer> => {
      const packed = new Float32Array(4 * packedVectors);
      for (let k = 0; k < packing.length; k++) packed[packing[k]] = flat[k];
      return packed;
    };
    const parameters = pack(state.parameters);
    this.#upload('parameters', parameters);
    this.#upload('first', pack(state.first));
    this.#upload('second', pack(state.second));
    this.#upload('gradient', new Float32Array(4 * packedVectors));
    this.#upload('scalars', new Float32Array(FIRST_RESULT));
    if (transposed.vectors > 0) this.#upload('transposed', transposedCopy(parameters, this.#parts.program));
    this.#step = state.step;
    this.#rows = 0;
    this.#edges = 0;
  }

  async read(): Promise<NetworkState> {
    this.#check();
    const { packing, packedVectors } = this.#parts.program;
    const step = this.#step;
    const packed = await this.#fetch([
      [this.#buffer('parameters'), 16 * packedVectors],
      [this.#buffer('first'), 16 * packedVectors],
      [this.#buffer('second'), 16 * packedVectors],
    ]);
    const flat = (at: number): Float32Array =>
      Float32Array.from(packing, (place) => packed[4 * packedVectors * at + place]);
    return { parameters: flat(0), first: flat(1), second: flat(2), step };
  }

  async replaceInputs(values: Float32Array): Promise<void> {
    this.#check();
    checkTableLength(this.#parts.table, values);
    await this.#recorder.submit();
    this.#upload('table', new Float32Array(values));
  }

  async predict(batch: Batch): Promise<Float32Array> {
    await this.#begin(batch, null, 0, false);
    this.#parts.program.forward(batch, false, this.#dispatch());
    return this.#fetch([[this.#buffer('predictions'), 4 * entriesOf(batch)]]);
  }

  async attention(batch: GraphBatch): Promise<readonly Float32Array[]> {
    const { network, program } = this.#parts;
    if (network.kind !== 'gat') throw new AppError('BAD_REQUEST', 'Expected a graph network, found an LSTM.');
    await this.#begin(batch, null, 0, false);
    program.forward(batch, false, this.#dispatch());
    const edges = batch.columns.length;
    const shares = await this.#fetch(
      network.layers.map(({ heads }, l) => [this.#buffer(`attention${l}`), 4 * Math.max(1, edges * heads)] as const),
    );
    let at = 0;
    return network.layers.map(({ heads }) => {
      const from = at;
      at += Math.max(1, edges * heads);
      return Float32Array.from(
        { length: edges * heads },
        (_, k) => shares[from + (k % edges) * heads + Math.floor(k / edges)],
      );
    });
  }

  /** The sum that the next update takes is left alone: a pass of its own memory, which is given back. */
  async gradients(batch: Batch, loss: Loss): Promise<GradientResult> {
    const { gpu, network, program } = this.#parts;
    await this.#begin(batch, loss, 1, false);
    const inputs = rowCount(batch) * stepCount(batch) * network.inputs;
    const temporary = (bytes: number): GPUBuffer =>
      gpu.device.createBuffer({ label: 'probe', size: bytes, usage: this.#buffer('gradient').usage });
    const own: Replacements = new Map([
      ['gradient', temporary(16 * program.packedVectors)],
      ['scalars', temporary(16)],
      ['inputGradients', temporary(vectorBytes(inputs))],
    ]);
    try {
      this.#backward(batch, true, own);
      const parts = [...own.values()];
      const packedFloats = 4 * program.packedVectors;
      const entries = entriesOf(batch);
      const all = await this.#fetch([
        [parts[0], 4 * packedFloats],
        [parts[1], 16],
        [parts[2], 4 * inputs],
        [this.#buffer('predictions'), 4 * entries],
      ]);
      const inputsAt = packedFloats + 4;
      return {
        loss: all[packedFloats],
        predictions: all.slice(inputsAt + inputs, inputsAt + inputs + entries),
        gradients: Float32Array.from(program.packing, (place) => all[place]),
        inputGradients: all.slice(inputsAt, inputsAt + inputs),
      };
    } finally {
      release(own);
    }
  }

  async accumulate(batch: Batch, loss: Loss, weight: number): Promise<void> {
    await this.#begin(batch, loss, weight, this.#parts.network.dropout > 0);
    this.#backward(batch, false);
    this.#rows += rowCount(batch);
    this.#edges += batch.kind === 'graph' ? batch.columns.length : 0;
  }

  async update(update: Update): Promise<void> {
    this.#check();
    if (this.#unread === RESULTS) this.#fetched.push(...(await this.#results()));
    const step = this.#step + 1;
    const slot = this.#unread;
    const { learningRate, beta1, beta2, epsilon, weightDecay, coupledDecay = false, clipNorm } = update;
    await this.#recorder.beginUpdate((hyper) => {
      hyper.set([learningRate, beta1, 1 - beta1, beta2, 1 - beta2]);
      hyper.set([coupledDecay ? 0 : weightDecay, coupledDecay ? weightDecay : 0, clipNorm ?? 0], 5);
      hyper.set([1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step), epsilon, slot], 8);
    });
    const dispatch = this.#dispatch();
    dispatch(this.#norm, NORM_PARTS);
    dispatch(this.#adam, vectorGroups(this.#parts.program.packedVectors));
    this.#step = step;
    this.#unread++;
    this.#rows = 0;
    this.#edges = 0;
  }

  async measured(): Promise<readonly Measured[]> {
    this.#check();
    const rest = await this.#results();
    return [...this.#fetched.splice(0), ...rest];
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    release(this.#parts.buffers);
  }

  /** Checks and uploads a batch; what is dispatched next is about it. */
  async #begin(batch: Batch, loss: Loss | null, weight: number, drops: boolean): Promise<void> {
    this.#check();
    const { network, table, options, program } = this.#parts;
    checkBatch(network, table, options, batch);
    const words = this.#words;
    const prepared = loss === null ? null : preparedLabels(batch, loss);
    words.clear();
    program.writeBatch(batch, words);
    words.set('firstRow', this.#rows);
    words.set('firstEdge', this.#edges);
    words.set('update', this.#step);
    words.set('seed', options.seed);
    words.set('dropout', drops ? 1 : 0);
    words.set('entries', entriesOf(batch));
    words.set('splits', program.splits(batch));
    if (loss !== null && prepared !== null) {
      words.setFloat('weight', weight);
      words.set('loss', LOSS_NUMBERS[loss.id]);
      words.setFloat('delta', loss.delta ?? 1);
      words.addFloats('labels', prepared.labels);
      if (prepared.groups !== null) {
        words.set('groups', prepared.groups.start.length - 1);
        words.add('groupStart', prepared.groups.start);
        words.add('order', prepared.groups.order);
      }
    }
    await this.#recorder.beginBatch(words.words, words.used);
  }

  #backward(batch: Batch, wantsInputs: boolean, replaced?: Replacements): void {
    const { program } = this.#parts;
    const dispatch = this.#dispatch(replaced);
    program.forward(batch, true, dispatch);
    dispatch(this.#loss, 1);
    program.backward(batch, wantsInputs, dispatch);
    dispatch(this.#reduce, vectorGroups(program.packedVectors));
  }

  #dispatch(replaced?: Replacements): (kernel: Kernel, x: number, y?: number, segment?: number) => void {
    return (kernel, x, y, segment) => this.#recorder.dispatch(kernel, x, y, segment, replaced);
  }

  async #results(): Promise<Measured[]> {
    const count = this.#unread;
    if (count === 0) return [];
    this.#unread = 0;
    const all = await this.#fetch([[this.#buffer('scalars'), 4 * (FIRST_RESULT + 2 * count)]]);
    return Array.from({ length: count }, (_, k) => ({
      loss: all[FIRST_RESULT + 2 * k],
      gradientNorm: all[FIRST_RESULT + 2 * k + 1],
    }));
  }

  /** The beginnings of buffers, one behind the other, as they are after all that was recorded. */
  async #fetch(sources: readonly (readonly [GPUBuffer, bytes: number])[]): Promise<Float32Array> {
    const { gpu } = this.#parts;
    const bytes = sources.reduce((sum, [, size]) => sum + size, 0);
    const target = readableBuffer(gpu.device, bytes);
    try {
      let offset = 0;
      for (const [source, size] of sources) {
        this.#recorder.copy(source, target, size, offset);
        offset += size;
      }
      await this.#recorder.submit();
      await gpu.whileAlive(target.mapAsync(1)); // GPUMapMode.READ
      this.#check();
      return new Float32Array(target.getMappedRange().slice(0));
    } finally {
      target.destroy();
    }
  }

  #upload(name: string, values: Float32Array<ArrayBuffer>): void {
    this.#parts.gpu.device.queue.writeBuffer(this.#buffer(name), 0, values);
  }

  #buffer(name: string): GPUBuffer {
    const buffer = this.#parts.buffers.get(name);
    if (buffer === undefined) throw new AppError('INTERNAL', `Expected a buffer of the session, found "${name}".`);
    return buffer;
  }

  #check(): void {
    if (this.#isDisposed) throw new AppError('CANCELLED', 'The training session was closed.');
    this.#parts.gpu.check();
  }
}

function entriesOf(batch: Batch): number {
  return rowCount(batch) * predictionsPerRow(batch);
}

function transposedCopy(parameters: Float32Array, { transposed }: Program): Float32Array<ArrayBuffer> {
  const copy = new Float32Array(4 * transposed.vectors);
  for (const { offset, rows, columns, transposed: to } of transposed.blocks) {
    for (let k = 0; k < rows; k++) {
      for (let u = 0; u < columns; u++) {
        const from = 4 * (offset + k * columns + u);
        copy.set(parameters.subarray(from, from + 4), 4 * (to + u * rows + k));
      }
    }
  }
  return copy;
}
