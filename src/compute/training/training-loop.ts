/**
 * The loop over epochs and updates of one network on one open session. Its whole state is plain data that is written at any update and
 * from which the same bits follow: order of dates, dropout and schedule depend on seed, epoch and step only.
 */
import { AppError } from '#base/errors';
import { createRandom, deriveSeed } from '#quant/array/random';
import { rowCount } from '#quant/nn/batch';
import { dailyRankIc, microBatches } from '#quant/nn/batch-units';
import type { Batch, NetworkSession, NetworkState } from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import type { EpochRecord, TrainedNetwork, TrainingTask } from '#quant/nn/training';
import { diagnose } from './diagnose';
import { accumulateSharpe } from './graph-sharpe';
import { jointLoss } from './joint-loss';
import { learningRate } from './learning-rate';

/** Updates after which measurements are read: reading waits for the device. */
const MEASURED_EVERY = 16;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Plain data; cloneable. */
export interface LoopState {
  readonly key: string;
  readonly network: NetworkState;
  readonly epoch: number;
  /** Updates done in this epoch. */
  readonly done: number;
  readonly lossSum: number;
  readonly epochs: readonly EpochRecord[];
  readonly best: { readonly epoch: number; readonly score: number; readonly parameters: Float32Array } | null;
  readonly microRows: number;
  readonly checkpointEvery: number;
}

export interface LoopHooks {
  /** Lets messages in; throws CANCELLED. */
  breathe(): Promise<void>;
  /** Whether the state is wanted now; then `keep` gets it. */
  isDue(): boolean;
  keep(state: LoopState): void;
  report(progress: LoopProgress): void;
}

export interface LoopProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly of: number;
  readonly loss: number | null;
  readonly validationIc: number | null;
  readonly rows: number;
  /** The epoch that has just ended, counted from 1; null within one. */
  readonly ended: (EpochRecord & { readonly epoch: number }) | null;
}

export interface LoopInput {
  readonly task: TrainingTask;
  readonly session: NetworkSession;
  readonly microRows: number;
  readonly checkpointEvery: number;
  readonly resumed: LoopState | undefined;
  readonly device: string;
}

export async function trainingLoop(input: LoopInput, hooks: LoopHooks): Promise<TrainedNetwork> {
  const { task, session, microRows, checkpointEvery, device } = input;
  const { recipe } = task;
  let state: LoopState = input.resumed ?? firstState(task, microRows, checkpointEvery);
  await session.write(state.network);
  await session.measured();
  const perEpoch = epochBatches(task, 0).length;
  const of = recipe.epochs * perEpoch;
  for (let { epoch } = state; epoch < recipe.epochs; epoch = state.epoch) {
    const batches = epochBatches(task, epoch);
    let { lossSum } = state;
    let pending: (number | null)[] = [];
    /** Reads what the device measured. Errors: NOT_CONVERGED at the first update that is not finite. */
    const settle = async (done: number): Promise<void> => {
      const measured = await session.measured();
      for (const [k, { loss, gradientNorm }] of measured.entries()) {
        const value = pending[k] ?? loss;
        if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) {
          const step = done - measured.length + k;
          throw diagnose(task, {
            epoch,
            step: epoch * perEpoch + step,
            units: batches[step],
            loss: value,
            gradientNorm,
          });
        }
        lossSum += value;
      }
      pending = [];
    };
    try {
      for (let done = state.done; done < batches.length; done++) {
        pending.push(await update(input, batches[done], epoch * perEpoch + done, of));
        await hooks.breathe();
        const isDue = hooks.isDue();
        if (isDue || pending.length >= MEASURED_EVERY || done + 1 === batches.length) await settle(done + 1);
        const rows = batches[done].reduce((sum, unit) => sum + rowCount(unit), 0);
        hooks.report({
          ...progressOf(state, recipe.epochs),
          step: epoch * perEpoch + done + 1,
          of,
          loss: done + 1 > pending.length ? lossSum / Math.max(1, done + 1 - pending.length) : null,
          rows,
          ended: null,
        });
        if (isDue) {
          state = { ...state, network: await session.read(), done: done + 1, lossSum };
          hooks.keep(state);
        }
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOT_CONVERGED' || state.best === null) throw error;
      // What was good before is good still: the best epoch so far is the answer, and says why it is not a later one.
      return trained(state, state.best.parameters, device, error.message);
    }
    state = await endEpoch({ ...state, lossSum }, input, batches.length);
    hooks.report({
      ...progressOf(state, recipe.epochs),
      step: (epoch + 1) * perEpoch,
      of,
      loss: lastEpoch(state).loss,
      rows: 0,
      ended: { epoch: state.epoch, ...lastEpoch(state) },
    });
    if (hooks.isDue()) hooks.keep(state);
    if (state.best && epoch - state.best.epoch >= recipe.patience && task.validation.length > 0) break;
  }
  const last = state.best?.parameters ?? state.network.parameters;
  return trained(state, last, device, null);
}

function firstState(task: TrainingTask, microRows: number, checkpointEvery: number): LoopState {
  const drawn = initialState(task.network, task.seed);
  const network = task.start ? { ...drawn, parameters: task.start.slice() } : drawn;
  return { key: task.key, network, epoch: 0, done: 0, lossSum: 0, epochs: [], best: null, microRows, checkpointEvery };
}

/** One update; returns the loss where the engine cannot know it. */
async function update(
  { task, session, microRows }: LoopInput,
  units: readonly Batch[],
  step: number,
  of: number,
): Promise<number | null> {
  const { loss, schedule, weightDecay, clipNorm } = task.recipe;
  const graphs = units.filter((unit) => unit.kind === 'graph');
  let joint: number | null = null;
  if (loss.id === 'sharpe' && graphs.length > 0) joint = await accumulateSharpe(session, graphs);
  else {
    for (const { batch, weight } of microBatches(units, loss.id, microRows))
      await session.accumulate(batch, loss, weight);
  }
  await session.update({ ...ADAM, learningRate: learningRate(schedule, step, of), weightDecay, clipNorm });
  return joint;
}

async function endEpoch(
  state: LoopState,
  { task, session, microRows }: LoopInput,
  updates: number,
): Promise<LoopState> {
  const network = await session.read();
  const loss = state.lossSum / Math.max(1, updates);
  const { epoch } = state;
  if (task.validation.length === 0) {
    const record = { loss, validationLoss: null, validationIc: null };
    const best = { epoch, score: loss, parameters: network.parameters };
    return { ...state, network, best, epochs: [...state.epochs, record], epoch: epoch + 1, done: 0, lossSum: 0 };
  }
  const answers = await predictAll(session, task.validation, microRows);
  const validationLoss = jointLoss(task.recipe.loss, task.validation, answers).loss;
  const ics = task.validation.flatMap((batch, k) => dailyRankIc(batch, answers[k]));
  const validationIc = ics.length > 0 ? ics.reduce((sum, ic) => sum + ic, 0) / ics.length : null;
  const isBetter = state.best === null || validationLoss < state.best.score;
  return {
    ...state,
    network,
    epochs: [...state.epochs, { loss, validationLoss, validationIc }],
    best: isBetter ? { epoch, score: validationLoss, parameters: network.parameters } : state.best,
    epoch: epoch + 1,
    done: 0,
    lossSum: 0,
  };
}

/** Answers per batch, at most `rows` rows at a time. */
export async function predictAll(
  session: NetworkSession,
  batches: readonly Batch[],
  rows: number,
): Promise<Float32Array[]> {
  const answers: Float32Array[] = [];
  for (const batch of batches) {
    const parts: Float32Array[] = [];
    for (const part of predictionParts(batch, rows)) parts.push(await session.predict(part));
    answers.push(Float32Array.from(parts.flatMap((part) => Array.from(part))));
  }
  return answers;
}

function predictionParts(batch: Batch, rows: number): Batch[] {
  if (batch.kind !== 'windows' || rowCount(batch) <= rows) return [batch];
  const { targets: _, ...asked } = batch;
  const parts: Batch[] = [];
  for (let from = 0; from < rowCount(batch); from += rows) {
    const end = Math.min(rowCount(batch), from + rows);
    parts.push({
      ...asked,
      series: asked.series.subarray(from, end),
      end: asked.end.subarray(from, end),
      groups: Uint32Array.of(0, end - from),
    });
  }
  return parts;
}

/** The units of an epoch in its own order, gathered to batches of at least `batchRows` rows. */
export function epochBatches({ units, recipe, seed }: TrainingTask, epoch: number): Batch[][] {
  const order = createRandom(deriveSeed(seed, `epoch/${epoch}`)).shuffle(Uint32Array.from(units.keys()));
  const size = units.reduce((sum, unit) => sum + rowCount(unit), 0);
  // As many batches in every epoch, whatever the order: the schedule counts on it.
  const count = Math.max(1, Math.min(units.length, Math.round(size / recipe.batchRows)));
  const least = recipe.loss.id === 'sharpe' ? 2 : 1;
  const batches = Math.max(1, Math.min(count, Math.floor(units.length / least)));
  return Array.from({ length: batches }, (_, b) => {
    const from = Math.floor((b * units.length) / batches);
    const end = Math.floor(((b + 1) * units.length) / batches);
    return Array.from(order.subarray(from, end), (at) => units[at]);
  });
}

function progressOf(state: LoopState, epochs: number) {
  const validationIc = state.epochs.at(-1)?.validationIc ?? null;
  return { epoch: Math.min(state.epoch + 1, epochs), epochs, validationIc };
}

function lastEpoch({ epochs }: LoopState): EpochRecord {
  return epochs[epochs.length - 1];
}

function trained(state: LoopState, parameters: Float32Array, device: string, stopped: string | null): TrainedNetwork {
  return { parameters, bestEpoch: state.best?.epoch ?? 0, epochs: state.epochs, device, stopped };
}
