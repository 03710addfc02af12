/**
 * A training session over a plain function that computes one forward and backward pass: everything else that a session does, once, for
 * engines that are not built for speed. States are kept in single precision between updates, as everywhere, so that what
 * `read` gives is all there is.
 */
import { AppError } from '#base/errors';
import { adamUpdate } from './adam';
import { checkBatch, checkTableLength, firstDay, rowCount, stepCount, targetsOf } from './batch';
import type {
  Batch,
  GradientResult,
  InputTable,
  Loss,
  MemoryUse,
  NetworkEngine,
  NetworkSession,
  NetworkState,
  SessionOptions,
  Update,
} from './engine';
import { initialState } from './initialize';
import { crossSectionsOf, LossEvaluator } from './losses';
import type { Network } from './network';
import type { DropoutPlace } from './reference-lstm';

/** One forward pass, and the backward pass that it makes possible. */
export interface Pass {
  readonly predictions: Float64Array;
  /** Of graph networks: per layer, [heads, edges]. */
  readonly attention?: readonly Float64Array[];
  /** Gradients of the parameters (flat) and of x from ∂loss/∂predictions. */
  backward(dPredictions: Float64Array): { readonly parameters: Float64Array; readonly x: Float64Array };
}

export interface PassEngine {
  readonly plan: NetworkEngine['plan'];
  /** x is what the batch sees of the table: [B, L, inputs], or [N, inputs] of a graph. Without a place there is no dropout. */
  pass(
    network: Network,
    parameters: Float64Array,
    x: Float64Array,
    batch: Batch,
    place: DropoutPlace | undefined,
  ): Pass;
}

export class PassSession implements NetworkSession {
  readonly memory: MemoryUse;
  readonly #compute: PassEngine['pass'];
  readonly #network: Network;
  #table: InputTable;
  readonly #options: SessionOptions;
  #state: NetworkState;
  #sum: Float64Array;
  #loss = 0;
  #rows = 0;
  #edges = 0;
  #measured: { loss: number; gradientNorm: number }[] = [];
  #isDisposed = false;

  constructor(network: Network, table: InputTable, options: SessionOptions, how: PassEngine) {
    this.memory = how.plan(network, options, table);
    this.#compute = how.pass;
    this.#network = network;
    this.#table = table;
    this.#options = options;
    this.#state = initialState(network, options.seed);
    this.#sum = new Float64Array(this.#state.parameters.length);
  }

  async write(state: NetworkState): Promise<void> {
    this.#state = copyState(state);
    this.#clear();
  }

  async read(): Promise<NetworkState> {
    return copyState(this.#state);
  }

  async replaceInputs(values: Float32Array): Promise<void> {
    checkTableLength(this.#table, values);
    const table = { ...this.#table, values: this.#table.values.slice() };
    table.values.set(values);
    this.#table = table;
  }

  async predict(batch: Batch): Promise<Float32Array> {
    return Float32Array.from(this.#pass(batch, undefined).predictions);
  }

  async attention(batch: Batch): Promise<readonly Float32Array[]> {
    const { attention } = this.#pass(batch, undefined);
    if (attention === undefined) throw new AppError('BAD_REQUEST', 'Expected a graph network, found an LSTM.');
    return attention.map((shares) => Float32Array.from(shares));
  }

  async gradients(batch: Batch, loss: Loss): Promise<GradientResult> {
    const pass = this.#pass(batch, undefined);
    const { value, gradient } = lossOf(batch, loss, pass.predictions);
    const { parameters, x } = pass.backward(gradient);
    return {
      loss: value,
      predictions: Float32Array.from(pass.predictions),
      gradients: Float32Array.from(parameters),
      inputGradients: Float32Array.from(x),
    };
  }

  async accumulate(batch: Batch, loss: Loss, weight: number): Promise<void> {
    const { seed } = this.#options;
    const place = { seed, step: this.#state.step, row: this.#rows, edge: this.#edges };
    const pass = this.#pass(batch, this.#network.dropout > 0 ? place : undefined);
    const { value, gradient } = lossOf(batch, loss, pass.predictions);
    const { parameters } = pass.backward(gradient);
    for (let k = 0; k < parameters.length; k++) this.#sum[k] += weight * parameters[k];
    this.#loss += weight * value;
    this.#rows += rowCount(batch);
    this.#edges += batch.kind === 'graph' ? batch.columns.length : 0;
  }

  async update(update: Update): Promise<void> {
    const step = this.#state.step + 1;
    const gradientNorm = adamUpdate(this.#state, this.#sum, step, update);
    this.#state = { ...this.#state, step };
    this.#measured.push({ loss: this.#loss, gradientNorm });
    this.#clear();
  }

  async measured(): Promise<readonly { readonly loss: number; readonly gradientNorm: number }[]> {
    return this.#measured.splice(0);
  }

  dispose(): void {
    this.#isDisposed = true;
  }

  #clear(): void {
    this.#sum.fill(0);
    this.#loss = 0;
    this.#rows = 0;
    this.#edges = 0;
  }

  #pass(batch: Batch, place: DropoutPlace | undefined): Pass {
    if (this.#isDisposed) throw new AppError('CANCELLED', 'The training session was closed.');
    checkBatch(this.#network, this.#table, this.#options, batch);
    const parameters = Float64Array.from(this.#state.parameters);
    return this.#compute(this.#network, parameters, gathered(this.#table, batch), batch, place);
  }
}

/** The rows of the table that a batch sees, [B, L, inputs]. */
function gathered({ values, days, inputs }: InputTable, batch: Batch): Float64Array {
  const steps = stepCount(batch);
  const x = new Float64Array(rowCount(batch) * steps * inputs);
  for (let row = 0; row < rowCount(batch); row++) {
    const from = (batch.series[row] * days + firstDay(batch, row)) * inputs;
    x.set(values.subarray(from, from + steps * inputs), row * steps * inputs);
  }
  return x;
}

function lossOf(batch: Batch, loss: Loss, predictions: Float64Array): { value: number; gradient: Float64Array } {
  const gradient = new Float64Array(predictions.length);
  const evaluator = new LossEvaluator(predictions.length);
  const value = evaluator.evaluate(loss, predictions, targetsOf(batch), crossSectionsOf(batch), gradient);
  return { value, gradient };
}

function copyState({ parameters, first, second, step }: NetworkState): NetworkState {
  return { parameters: parameters.slice(), first: first.slice(), second: second.slice(), step };
}
