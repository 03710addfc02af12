/**
 * The forecasting-model interface: a pair of pure functions. `fit` sees only the training rows that the caller hands it;
 * `Fitted` is plain data (numbers, strings, typed arrays) so that a checkpoint needs no code.
 */
import type { z } from 'zod';
import type { Moments } from '../learning/moments';
import type { Spec } from '../spec';

export interface ModelSpec<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** Fewest training rows for `features` columns; fewer is NOT_ENOUGH_DATA with this number. */
  minRows(features: number): number;
  /** True where features may be missing (NaN), in training and forecasting; elsewhere they are refused. */
  readonly acceptsMissing?: boolean;
  /** Models that a run tries beside it, on the same dates and costs, without being asked; those of this build. */
  readonly baselines?: readonly string[];
}

/** When training rows were decided, for models that hold out the last of them. */
export interface RowTiming {
  /** Per row, ascending in time: the position of its date among the trading days. */
  readonly days: Int32Array;
  /** Trading days from a decision to the end of its label. */
  readonly reach: number;
}

/** Pooled cross-sections: row i is one (date, asset) pair. Finite; features already transformed by scalers fitted on these rows only. */
export interface TrainingSet {
  readonly featureNames: readonly string[];
  /** [rows, K] row-major. */
  readonly X: Float64Array;
  /** Length rows: forward simple return over the horizon. */
  readonly y: Float64Array;
  /** Absent where rows have no place in time. */
  readonly timing?: RowTiming;
}

export interface ModelContext {
  /** Part of the run's identity; every random draw derives from it. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Says that a long fit is alive; cheap enough for every tree or epoch. */
  readonly heartbeat?: () => void;
}

export interface Model<Params = unknown, Fitted = unknown> {
  fit(data: TrainingSet, params: Params, context: ModelContext): Fitted;
  /** The same fit from the moments of the training rows alone; absent where a model needs the rows. */
  fitMoments?(moments: Moments, featureNames: readonly string[], params: Params, context: ModelContext): Fitted;
  /** X: [rows, K] row-major → length rows, same units as `y`. */
  forecast(fitted: Fitted, X: Float64Array): Float64Array;
}
