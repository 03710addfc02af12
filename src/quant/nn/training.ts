/**
 * Training as a task: what a model asks for, and what it gets back. Models describe the task; whoever runs it (`src/compute/training`)
 * owns device, memory, checkpoints and progress. The same task on the same device gives the same bits, interrupted or not.
 */
import type { Batch, EngineId, InputTable, Loss } from './engine';
import type { Network } from './network';

/** `auto` takes the best device that works and says which; anything else is taken or refused, never replaced. */
export interface DeviceChoice {
  readonly device: 'auto' | EngineId;
  readonly precision: 'f32' | 'f16';
  /** Same bits on every machine, about half the speed. */
  readonly strict: boolean;
}

export interface Schedule {
  readonly kind: 'constant' | 'cosine' | 'step';
  /** At the peak. */
  readonly learningRate: number;
  /** Share of all steps over which the rate rises from 0; cosine only. */
  readonly warmUp: number;
}

export interface TrainingRecipe {
  readonly loss: Loss;
  readonly epochs: number;
  /** Rows (graphs: nodes) of one update, at least one date. */
  readonly batchRows: number;
  readonly schedule: Schedule;
  /** Decoupled (AdamW). */
  readonly weightDecay: number;
  readonly clipNorm: number | null;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
  readonly device: DeviceChoice;
}

export interface TrainingTask {
  /** Names the task within its run: where a checkpoint belongs. */
  readonly key: string;
  /** For people: model, date, seed. */
  readonly title: string;
  readonly network: Network;
  readonly inputs: InputTable;
  /** Length K, in the order of the inputs: what a message about a number names. */
  readonly features: readonly string[];
  /** One date, graph or chunk each, with targets; batches are joined from them. */
  readonly units: readonly Batch[];
  /** Likewise; empty = no early stopping. */
  readonly validation: readonly Batch[];
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Parameters to start from; drawn from the seed unless given. */
  readonly start?: Float32Array;
}

export interface EpochRecord {
  readonly loss: number;
  /** Null without validation dates. */
  readonly validationLoss: number | null;
  /** Mean rank correlation of forecast and outcome over the validation dates. */
  readonly validationIc: number | null;
}

export interface TrainedNetwork {
  /** Of the best epoch. */
  readonly parameters: Float32Array;
  /** Index into `epochs`. */
  readonly bestEpoch: number;
  readonly epochs: readonly EpochRecord[];
  /** As the engine states it. */
  readonly device: string;
  /** Why training ended early other than for patience; null where it did not. */
  readonly stopped: string | null;
}

export interface PredictionTask {
  readonly network: Network;
  /** Networks whose answers are averaged. */
  readonly members: readonly Float32Array[];
  readonly inputs: InputTable;
  readonly batches: readonly Batch[];
  readonly device: DeviceChoice;
}

export interface NetworkTrainer {
  /** Errors: DEVICE_UNAVAILABLE, TOO_LARGE, NOT_CONVERGED with step and feature, CANCELLED, WORKER_CRASHED where the device is lost. */
  train(task: TrainingTask): Promise<TrainedNetwork>;
  /** Mean answer of the members per batch. */
  predict(task: PredictionTask): Promise<readonly Float32Array[]>;
}
