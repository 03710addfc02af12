/**
 * Trains and asks networks on the devices of this machine: chooses the device once, plans memory before it takes any, halves micro-batches
 * when the device says no, and keeps checkpoints from which an interrupted training gives the same bits.
 */
import { AppError } from '#base/errors';
import { rowCount, stepCount } from '#quant/nn/batch';
import { canSplit } from '#quant/nn/batch-units';
import type { Batch, EngineId, InputTable, NetworkEngine, NetworkSession, SessionOptions } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';
import type { DeviceChoice, NetworkTrainer, PredictionTask, TrainedNetwork, TrainingTask } from '#quant/nn/training';
import type { ResumeStore } from '#quant/research/resume';
import { halved, type MemoryPlan, planMemory, sessionOptions, type SessionShape } from './memory-plan';
import { type LoopProgress, type LoopState, predictAll, trainingLoop } from './training-loop';

const MOST_HALVINGS = 3;
/** Fewer rows are answered before further threads have started. */
const ROWS_WORTH_THREADS = 1_000;
const STATE = 'training';
const DONE = 'trained';
/** Best first. The reference engine is for checking and is never chosen. */
const LADDER: readonly EngineId[] = ['wgsl', 'tf', 'wasm'];
/** WebGPU on the processor is slower than our own kernels there. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software/i;

export interface TrainerProgress extends LoopProgress {
  readonly key: string;
  readonly title: string;
  readonly device: string;
  readonly memory: number;
}

export interface TrainerOptions {
  loadEngine(id: EngineId): Promise<NetworkEngine>;
  readonly resume: ResumeStore;
  breathe(): Promise<void>;
  /** Waits for a device and keeps the heartbeat going. */
  whilePending<T>(pending: Promise<T>): Promise<T>;
  report(progress: TrainerProgress): void;
  warn(message: string): void;
  /** Bytes that a session may take on a device of this kind. */
  budget(engine: EngineId): number;
  /** Says what is about to be held on the card, before it is, and 0 when it was given back. */
  holdsVram(bytes: number): void;
  readonly threads?: number;
}

/** Whether an engine's memory is the card's. */
export function isOnCard(engine: EngineId): boolean {
  return engine === 'wgsl' || engine === 'tf';
}

export class Trainer implements NetworkTrainer {
  readonly #options: TrainerOptions;
  readonly #engines = new Map<EngineId, Promise<NetworkEngine>>();

  constructor(options: TrainerOptions) {
    this.#options = options;
  }

  async train(task: TrainingTask): Promise<TrainedNetwork> {
    const { resume } = this.#options;
    const family = task.key.slice(0, task.key.lastIndexOf('/') + 1);
    const finished = doneOf(resume, family);
    const known = finished.get(task.key);
    if (known) return known;
    const engine = await this.engineFor(task.recipe.device);
    const shape = shapeOf(task, this.#options.threads);
    let plan = planMemory(engine, shape, this.#options.budget(engine.id));
    for (let halvings = 0; ; halvings++) {
      try {
        const trained = await this.#attempt(engine, task, shape, plan);
        resume.put(STATE, undefined);
        resume.put(DONE, { family, networks: [...finished, [task.key, trained]] });
        if (resume.isDue()) resume.keep();
        return trained;
      } catch (error) {
        if (!isTooLarge(error)) throw asDeviceError(error);
        const smaller = halvings < MOST_HALVINGS ? halved(plan, shape, engine) : null;
        if (smaller === null) throw noRoom(error, plan, halvings);
        this.#options.warn(
          `${task.title}: the device has no room for ${plan.microRows} rows at a time; trying ${smaller.microRows}, the batch stays ${shape.largest.rows}.`,
        );
        plan = smaller;
      }
    }
  }

  async predict({ network, members, inputs, batches, device }: PredictionTask): Promise<readonly Float32Array[]> {
    const engine = await this.engineFor(device);
    const largest = largestOf(batches);
    const isSmall = totalRows(batches) * members.length <= ROWS_WORTH_THREADS;
    const options = { ...this.#sessionOptionsOf(device), ...(isSmall && { threads: 1 }) };
    const shape = { network, table: inputs, largest, leastRows: largest.rows > 0 ? 1 : 0, options };
    const { microRows } = planMemory(engine, shape, this.#options.budget(engine.id));
    const session = await this.#open(engine, network, inputs, sessionOptions(shape, microRows, 0));
    try {
      let sums: Float64Array[] = [];
      for (const parameters of members) {
        await this.#pending(session.write(freshState(parameters)));
        const answers = await this.#pending(predictAll(session, batches, microRows));
        sums = answers.map((values, k) => Float64Array.from(values, (value, i) => (sums[k]?.[i] ?? 0) + value));
        await this.#options.breathe();
      }
      return sums.map((sum) => Float32Array.from(sum, (value) => value / members.length));
    } catch (error) {
      throw asDeviceError(error);
    } finally {
      this.#close(engine, session);
    }
  }

  /** The device of a choice; with `auto` the best that works, the same for the whole job. Errors: DEVICE_UNAVAILABLE. */
  async engineFor({ device }: DeviceChoice): Promise<NetworkEngine> {
    if (device !== 'auto') return this.#engine(device);
    const { resume } = this.#options;
    const taken = resume.get('device') as EngineId | undefined; // put below by an attempt at the same job
    if (taken !== undefined) return this.#engine(taken);
    const reasons: string[] = [];
    for (const id of LADDER) {
      try {
        const engine = await this.#engine(id);
        if (SOFTWARE.test(engine.device)) {
          reasons.push(`${id}: ${engine.device} is a program, not a card`);
          continue;
        }
        resume.put('device', id);
        return engine;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'DEVICE_UNAVAILABLE') throw error;
        reasons.push(`${id}: ${error.message}`);
      }
    }
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected a device that trains networks, found none. ${reasons.join(' ')}`,
    );
  }

  /** Gives the devices back. */
  async dispose(): Promise<void> {
    for (const engine of this.#engines.values()) await engine.then(async (loaded) => loaded.dispose()).catch(() => {}); // one that never opened
    this.#engines.clear();
  }

  #engine(id: EngineId): Promise<NetworkEngine> {
    const known = this.#engines.get(id) ?? this.#options.loadEngine(id);
    this.#engines.set(id, known);
    return known;
  }

  async #attempt(
    engine: NetworkEngine,
    task: TrainingTask,
    shape: SessionShape,
    plan: MemoryPlan,
  ): Promise<TrainedNetwork> {
    const { resume, report } = this.#options;
    const kept = resume.get(STATE) as LoopState | undefined; // put below by an attempt at the same job
    const resumed = kept?.key === task.key && kept.microRows <= plan.microRows ? kept : undefined;
    const { microRows, checkpointEvery } = resumed ?? plan;
    const options = sessionOptions(shape, microRows, checkpointEvery);
    const session = await this.#open(engine, task.network, task.inputs, options);
    try {
      return await trainingLoop(
        { task, session: this.#patient(session), microRows, checkpointEvery, resumed, device: engine.device },
        {
          breathe: () => this.#options.breathe(),
          isDue: () => resume.isDue(),
          keep: (state) => {
            resume.put(STATE, state);
            resume.keep();
          },
          report: (progress) =>
            report({
              ...progress,
              key: task.key,
              title: task.title,
              device: engine.device,
              memory: session.memory.total,
            }),
        },
      );
    } finally {
      this.#close(engine, session);
    }
  }

  #sessionOptionsOf({ precision, strict }: DeviceChoice): SessionShape['options'] {
    const { threads } = this.#options;
    return { seed: 0, precision, strict, ...(threads === undefined ? {} : { threads }) };
  }

  async #open(
    engine: NetworkEngine,
    network: Network,
    inputs: InputTable,
    options: SessionOptions,
  ): Promise<NetworkSession> {
    if (isOnCard(engine.id)) this.#options.holdsVram(engine.plan(network, options, inputs).total);
    try {
      return await this.#pending(engine.open(network, inputs, options));
    } catch (error) {
      if (isOnCard(engine.id)) this.#options.holdsVram(0);
      throw error;
    }
  }

  #close(engine: NetworkEngine, session: NetworkSession): void {
    session.dispose();
    if (isOnCard(engine.id)) this.#options.holdsVram(0);
  }

  /** A session whose calls keep the heartbeat going. */
  #patient(session: NetworkSession): NetworkSession {
    const wait = <T>(pending: Promise<T>) => this.#pending(pending);
    return {
      memory: session.memory,
      write: (state) => wait(session.write(state)),
      read: () => wait(session.read()),
      replaceInputs: (values) => wait(session.replaceInputs(values)),
      predict: (batch) => wait(session.predict(batch)),
      attention: (batch) => wait(session.attention(batch)),
      gradients: (batch, loss) => wait(session.gradients(batch, loss)),
      accumulate: (batch, loss, weight) => wait(session.accumulate(batch, loss, weight)),
      update: (update) => wait(session.update(update)),
      measured: () => wait(session.measured()),
      dispose: () => session.dispose(),
    };
  }

  #pending<T>(pending: Promise<T>): Promise<T> {
    return this.#options.whilePending(pending);
  }
}

function doneOf(resume: ResumeStore, family: string): Map<string, TrainedNetwork> {
  const kept = resume.get(DONE) as { family: string; networks: [string, TrainedNetwork][] } | undefined; // put by `train`
  return new Map(kept?.family === family ? kept.networks : []);
}

function shapeOf(
  { network, inputs, units, validation, recipe, seed }: TrainingTask,
  threads: number | undefined,
): SessionShape {
  const { precision, strict } = recipe.device;
  const all = [...units, ...validation];
  const isGraph = network.kind === 'gat';
  const date = largestOf(units).rows;
  const perBatch = Math.ceil(units.length / Math.max(1, Math.round(totalRows(units) / recipe.batchRows))) * date;
  const whole = isGraph ? largestOf(all).rows : Math.max(date, Math.min(totalRows(units), perBatch));
  const isPointwise = recipe.loss.id === 'mse' || recipe.loss.id === 'huber';
  const least = isGraph || !canSplit(units, recipe.loss.id) ? whole : isPointwise ? 1 : date;
  return {
    network,
    table: inputs,
    largest: { ...largestOf(all), rows: whole },
    leastRows: Math.min(whole, least),
    options: { seed, precision, strict, ...(threads === undefined ? {} : { threads }) },
  };
}

function totalRows(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + rowCount(batch), 0);
}

function largestOf(batches: readonly Batch[]): SessionShape['largest'] {
  const most = (of: (batch: Batch) => number) => batches.reduce((largest, batch) => Math.max(largest, of(batch)), 1);
  return {
    rows: most(rowCount),
    steps: most(stepCount),
    edges: most((batch) => (batch.kind === 'graph' ? batch.columns.length : 0)),
  };
}

function freshState(parameters: Float32Array) {
  return {
    parameters,
    first: new Float32Array(parameters.length),
    second: new Float32Array(parameters.length),
    step: 0,
  };
}

function isTooLarge(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'TOO_LARGE';
}

function noRoom(error: AppError, plan: MemoryPlan, halvings: number): AppError {
  return new AppError(
    'TOO_LARGE',
    `${error.message} The batch was cut ${halvings} times, to ${plan.microRows} rows at a time. Lower the hidden size, the look-back or the batch, or free the device.`,
    { data: { ...error.data, halvings, rows: plan.microRows }, cause: error },
  );
}

/** Whatever a device says other than that it is full: the process ends, and the job goes on from its checkpoint in another. */
function asDeviceError(error: unknown): unknown {
  if (error instanceof AppError && error.code !== 'WORKER_CRASHED') return error;
  const found = error instanceof Error ? error.message : String(error);
  return new AppError('WORKER_CRASHED', `Expected the device to finish its work; found: ${found}`, {
    data: { reason: `device: ${found.slice(0, 200)}` },
    cause: error,
  });
}
