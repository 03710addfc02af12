/**
 * Nested tuning: parameters are chosen by purged K-fold cross-validation inside the training window of one fit. Nothing later than
 * the fit is read: the ledger and `trainingRows` refuse rows whose labels end after it.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { mean } from '../array/stats';
import { spearmanRho } from '../inference/mean-difference';
import { mergeMoments } from '../learning/moments';
import { applyScaler, identityScaler, scaleMoments, scalerOf } from '../learning/scaler';
import { type MomentLedger, type TrainingRows, trainingRows, type TrainingTable } from '../learning/training-rows';
import type { Model, ModelContext, ModelSpec } from '../models/model';
import { purgedKFold, type Range } from '../validation/splits';
import type { TuningPlan } from './tuning-plan';

export interface TuningInput {
  readonly spec: ModelSpec;
  readonly model: Model;
  readonly tuning: TuningPlan;
  readonly table: TrainingTable;
  readonly ledger: MomentLedger;
  /** True where features are scaled on the training rows. */
  readonly scale: boolean;
  readonly firstTrainRow: number;
  readonly lastTrainRow: number;
  readonly fitRow: number;
  readonly context: ModelContext;
}

export interface TuningOutcome {
  readonly params: unknown;
  /** Grid values chosen. */
  readonly choice: Readonly<Record<string, unknown>>;
  /** Mean score per candidate; larger is better (rank IC, or minus the squared error). */
  readonly scores: Float64Array;
}

/** Fits on any set of purged ranges; `knownAt` per range is the caller's promise about labels. */
export interface RangeFit {
  readonly fitted: (params: unknown) => unknown;
  /** Scales rows to be forecast in place. */
  readonly prepare: (X: Float64Array) => void;
  readonly rows: number;
}

/** Rows of several ranges as one training set; scalers are fitted on these rows only. Errors: INVALID_CONFIG for unknown labels. */
export function fitOnRanges(
  { spec, model, table, ledger, scale }: Pick<TuningInput, 'spec' | 'model' | 'table' | 'ledger' | 'scale'>,
  ranges: readonly Range[],
  knownAt: (range: Range) => number,
  context: ModelContext,
): RangeFit {
  const K = table.names.length;
  const parts = ranges.map((range) => ledger.between(range[0], range[1], knownAt(range)));
  const moments = mergeMoments(parts);
  const least = spec.minRows(K);
  if (moments.rows < least) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${least} training rows for "${spec.id}" with ${K} features in every fold, found ${moments.rows}. ` +
        'Use fewer folds or groups, or a longer training window.',
      { data: { needed: least, found: moments.rows } },
    );
  }
  const scaler = scale ? scalerOf(moments) : identityScaler(K);
  const prepare = (X: Float64Array) => {
    applyScaler(scaler, X);
  };
  const { fitMoments } = model;
  if (fitMoments) {
    const scaled = scaleMoments(scaler, moments);
    return { fitted: (params) => fitMoments(scaled, table.names, params, context), prepare, rows: moments.rows };
  }
  const training = concatenate(ranges.map((range) => trainingRows(table, range[0], range[1], knownAt(range))));
  prepare(training.X);
  return { fitted: (params) => model.fit(training, params, context), prepare, rows: moments.rows };
}

function concatenate(parts: readonly TrainingRows[]): TrainingRows {
  if (parts.length === 1) return parts[0];
  const joined = <A extends Float64Array | Uint32Array | Int32Array>(arrays: readonly A[], result: A): A => {
    let at = 0;
    for (const array of arrays) {
      result.set(array, at);
      at += array.length;
    }
    return result;
  };
  const length = (of: (part: TrainingRows) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  return {
    featureNames: parts[0].featureNames,
    X: joined(
      parts.map(({ X }) => X),
      new Float64Array(length(({ X }) => X.length)),
    ),
    y: joined(
      parts.map(({ y }) => y),
      new Float64Array(length(({ y }) => y.length)),
    ),
    cells: joined(
      parts.map(({ cells }) => cells),
      new Uint32Array(length(({ cells }) => cells.length)),
    ),
    timing: {
      days: joined(
        parts.map(({ timing }) => timing.days),
        new Int32Array(length(({ cells }) => cells.length)),
      ),
      reach: parts[0].timing.reach,
    },
  };
}

/** Purged folds of a training window, as rows of the table. Errors: NOT_ENOUGH_DATA where the window is too short for them. */
export function tuningFolds(
  tuning: TuningPlan,
  table: Pick<TrainingTable, 'lag' | 'horizon'>,
  { firstTrainRow, lastTrainRow }: Pick<TuningInput, 'firstTrainRow' | 'lastTrainRow'>,
): { readonly train: readonly Range[]; readonly test: Range }[] {
  const first = Math.max(0, firstTrainRow);
  const days = lastTrainRow - first + 1;
  const reach = table.lag + table.horizon;
  const needed = tuning.folds * (reach + 2);
  if (days < needed) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${needed} training days to tune with ${tuning.folds} folds purged by ${reach}, found ${days}. ` +
        'Lengthen backtest.window.train or use fewer folds.',
      { data: { needed, found: days } },
    );
  }
  const shifted = ([from, to]: Range): Range => [from + first, to + first];
  return purgedKFold(days, tuning.folds, reach, 0).map(({ train, test }) => ({
    train: train.map(shifted),
    test: shifted(test),
  }));
}

/** The best candidate; the first of equals. Errors: NOT_ENOUGH_DATA where the window is too short for the folds. */
export function tuneWindow(input: TuningInput): TuningOutcome {
  const { tuning, table, fitRow, context } = input;
  const scores = new Float64Array(tuning.candidates.length);
  for (const [f, { train, test }] of tuningFolds(tuning, table, input).entries()) {
    const seeded = { ...context, seed: deriveSeed(context.seed, `tune/${f}`) };
    const fit = fitOnRanges(input, train, () => fitRow, seeded);
    const held = trainingRows(table, test[0], test[1], fitRow);
    fit.prepare(held.X);
    for (const [c, params] of tuning.candidates.entries()) {
      const forecasts = input.model.forecast(fit.fitted(params), held.X);
      scores[c] += scoreOf(forecasts, held, table.assets, tuning.metric) / tuning.folds;
    }
  }
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c] > scores[best]) best = c;
  return { params: tuning.candidates[best], choice: tuning.choices[best], scores };
}

/** Mean daily rank IC, or minus the mean squared error: larger is better. Cells ascend. */
export function scoreOf(
  forecasts: Float64Array,
  { y, cells }: Pick<TrainingRows, 'y' | 'cells'>,
  assets: number,
  metric: TuningPlan['metric'],
): number {
  if (metric === 'mse') return -mean(y.map((value, row) => (value - forecasts[row]) ** 2));
  const ics: number[] = [];
  for (let from = 0; from < cells.length;) {
    const date = Math.floor(cells[from] / assets);
    let to = from;
    while (to < cells.length && Math.floor(cells[to] / assets) === date) to += 1;
    const ic = to - from >= 3 ? spearmanRho(forecasts.subarray(from, to), y.subarray(from, to)) : NaN;
    if (Number.isFinite(ic)) ics.push(ic);
    from = to;
  }
  return ics.length > 0 ? mean(ics) : 0;
}
