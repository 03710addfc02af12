/** Training and test rows of the `ml.*` kinds: one asset's features by date, cut at two dates, scaled by the training rows. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { forecastScores } from '../learning/forecast-scores';
import { momentsOf, type Moments } from '../learning/moments';
import { applyScaler, scaleMoments, scalerOf } from '../learning/scaler';
import type { CalcInput } from './kind';
import { readMatrix, requireInput } from './tables';

export const FEATURES_INPUT = 'CSV, gzip allowed: date, one column per feature, and target (percent)';

export const SPLIT_RECIPE =
  'Train = rows up to train_last_date, test = rows from test_first_date (embargo rows between are dropped). Features standardized with ' +
  'train mean and population std (ddof=0); target untouched (percent). Coefficients are for standardized features; intercept unpenalized. ';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const splitParams = {
  ticker: z.string().default('').meta({ title: 'Ticker', description: 'A label only.' }),
  horizon: z.int().gte(1).optional().meta({ title: 'Horizon', unit: 'trading days', description: 'A label only.' }),
  train_last_date: day.meta({ title: 'Last training date' }),
  test_first_date: day.meta({ title: 'First test date' }),
  n_train: z.int().optional().meta({ title: 'Training rows', description: 'For reading only; the dates decide.' }),
  n_test: z.int().optional().meta({ title: 'Test rows', description: 'For reading only; the dates decide.' }),
};

export interface SplitParams {
  readonly train_last_date: string;
  readonly test_first_date: string;
}

interface Rows {
  /** [rows, K] row-major. */
  readonly X: Float64Array;
  readonly y: Float64Array;
}

export interface SupervisedSplit {
  readonly names: readonly string[];
  /** Scaled by the training rows. */
  readonly train: Rows;
  readonly test: Rows;
  /** Of the scaled training rows. */
  readonly moments: Moments;
}

/** Errors: INVALID_DATA (no target column, a missing value), NOT_ENOUGH_DATA (an empty side). */
export function readSplit(inputs: Readonly<Record<string, CalcInput>>, params: SplitParams): SupervisedSplit {
  const input = requireInput(inputs, 'features');
  const { labels, columns, values } = readMatrix(input);
  const target = columns.indexOf('target');
  if (target < 0 || columns.length < 2 || values.some(Number.isNaN)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected features and a column "target" without missing values in ${input.name}, found ${columns.join(', ')}.`,
    );
  }
  const side = (keep: (date: string) => boolean): Rows => {
    const rows = [...labels.keys()].filter((row) => keep(labels[row]));
    if (rows.length === 0) {
      throw new AppError(
        'NOT_ENOUGH_DATA',
        `Expected training and test rows, found none on one side. Check the dates.`,
      );
    }
    const features = [...columns.keys()].filter((column) => column !== target);
    return {
      X: Float64Array.from(rows.flatMap((row) => features.map((column) => values[row * columns.length + column]))),
      y: Float64Array.from(rows, (row) => values[row * columns.length + target]),
    };
  };
  const train = side((date) => date <= params.train_last_date);
  const test = side((date) => date >= params.test_first_date);
  const names = columns.filter((name) => name !== 'target');
  const moments = momentsOf(train.X, train.y, names.length);
  const scaler = scalerOf(moments);
  applyScaler(scaler, train.X);
  applyScaler(scaler, test.X);
  return { names, train, test, moments: scaleMoments(scaler, moments) };
}

/** The `test` block of the answers. */
export function testBlock(outcome: Float64Array, forecast: Float64Array): Record<string, unknown> {
  const scores = forecastScores(outcome, forecast);
  return {
    mse: scores.mse,
    mae: scores.mae,
    r2: scores.r2,
    r2_vs_zero: scores.r2VersusZero,
    ic_pearson: scores.pearson,
    ic_spearman: scores.spearman,
    hit_rate: scores.hitRate,
    pred_first5: Array.from(forecast.subarray(0, 5)),
    pred_last5: Array.from(forecast.subarray(-5)),
  };
}
