/** Where a research run gets its interchangeable pieces from: the product's registries, or stand-ins in tests. */
import type { Model, ModelSpec } from '../models/model';
import type { Optimizer, OptimizerSpec } from '../optimizers/optimizer';
import type { Panel } from '../panel';
import type { Strategy } from './config';

/** Feature values of a whole panel, transformed across assets on every date. */
export interface FeatureCube {
  readonly names: readonly string[];
  /** [T, N, K] row-major; NaN where undefined or, on that date, not a member. */
  readonly values: Float64Array;
  /** Rows before t that the values at t may depend on, over all features. */
  readonly lookback: number;
  /** What was left out, as sentences. */
  readonly notes: readonly string[];
}

export interface ResearchPieces {
  /** Errors: NOT_FOUND or INVALID_CONFIG listing the identifiers that exist. */
  optimizer(id: string): Promise<{ readonly spec: OptimizerSpec; readonly optimizer: Optimizer }>;
  model(id: string): Promise<{ readonly spec: ModelSpec; readonly model: Model }>;
  features(
    choice: Strategy['features'],
    panel: Panel,
    progress: (done: number, of: number) => Promise<void>,
  ): Promise<FeatureCube>;
}
