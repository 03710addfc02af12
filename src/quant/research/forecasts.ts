/**
 * Walk-forward forecasts: a model is fitted on purged rows at every refit and asked about every decision until the next one.
 * Scalers are fitted on the training rows of the same fit only.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import type { FeatureTable } from '../features/feature-table';
import { spearmanRho } from '../inference/mean-difference';
import { applyScaler, identityScaler, type Scaler, scaleMoments, scalerOf } from '../learning/scaler';
import { forecastRows, type MomentLedger, trainingRows, type TrainingTable } from '../learning/training-rows';
import type { ResearchContext } from './context';
import type { Fit } from './schedule';
import type { ForecastPlan } from './strategies';

export interface ForecastInput {
  readonly plan: ForecastPlan;
  readonly table: TrainingTable;
  /** Of the same table; shared by all models that train on it. */
  readonly ledger: MomentLedger;
  readonly dates: readonly string[];
  readonly fits: readonly Fit[];
  /** Rows to forecast, ascending: the decisions and the final row. */
  readonly rows: readonly number[];
  readonly seed: number;
}

export interface ForecastRun {
  /** [rows, N]; NaN where an asset has no complete features. */
  readonly values: Float64Array;
  /** Pooled training rows of each fit. */
  readonly trainRows: readonly number[];
  /** Spearman correlation of forecast and outcome per row; NaN where the outcome is not known. */
  readonly rankIc: Float64Array;
}

/** Errors: NOT_ENOUGH_DATA with the rows a model needs; CANCELLED. */
export async function walkForwardForecasts(input: ForecastInput, context: ResearchContext): Promise<ForecastRun> {
  const { plan, table, fits, rows } = input;
  const n = table.assets;
  const values = new Float64Array(rows.length * n).fill(NaN);
  const rankIc = new Float64Array(rows.length).fill(NaN);
  const trainRows: number[] = [];
  let next = 0;
  for (const [k, fit] of fits.entries()) {
    context.emit({ stage: 'fit', detail: plan.spec.id, step: k, of: fits.length });
    await context.breathe();
    const { fitted, scaler, count } = fitAt(input, fit, context.signal);
    trainRows.push(count);
    for (; next < rows.length && rows[next] <= fit.lastTestRow; next++) {
      const asked = forecastRows(table, rows[next]);
      applyScaler(scaler, asked.X);
      const forecasts = plan.model.forecast(fitted, asked.X);
      const first = next * n - rows[next] * n;
      asked.cells.forEach((cell, j) => {
        values[first + cell] = forecasts[j];
      });
      rankIc[next] = rankCorrelation(values.subarray(next * n, (next + 1) * n), table.labels, rows[next] * n);
    }
  }
  context.emit({ stage: 'fit', detail: plan.spec.id, step: fits.length, of: fits.length });
  return { values, trainRows, rankIc };
}

interface FitAt {
  readonly fitted: unknown;
  readonly scaler: Scaler;
  readonly count: number;
}

/** One refit. The ledger and `trainingRows` both refuse rows whose labels end after the fit. */
function fitAt({ plan, table, ledger, dates, seed }: ForecastInput, fit: Fit, signal: AbortSignal | undefined): FitAt {
  const K = table.names.length;
  const moments = ledger.between(fit.firstTrainRow, fit.lastTrainRow, fit.fitRow);
  const least = plan.spec.minRows(K);
  if (moments.rows < least) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${least} training rows for "${plan.spec.id}" with ${K} features on ${dates[fit.fitRow]}, found ` +
        `${moments.rows}. Lengthen backtest.window.train, use fewer features or import more assets.`,
      { data: { needed: least, found: moments.rows, date: dates[fit.fitRow] } },
    );
  }
  const scaler = plan.features.transform === 'none' ? scalerOf(moments) : identityScaler(K);
  const context = {
    seed: deriveSeed(seed, `${plan.key}/${dates[fit.fitRow]}`),
    ...(signal ? { signal } : {}),
  };
  if (plan.model.fitMoments) {
    const fitted = plan.model.fitMoments(scaleMoments(scaler, moments), table.names, plan.params, context);
    return { fitted, scaler, count: moments.rows };
  }
  const training = trainingRows(table, fit.firstTrainRow, fit.lastTrainRow, fit.fitRow);
  applyScaler(scaler, training.X);
  return { fitted: plan.model.fit(training, plan.params, context), scaler, count: moments.rows };
}

/**
 * The first row on which an asset has every feature.
 * Errors: NOT_ENOUGH_DATA naming the features that are never defined.
 */
export function firstCompleteRow({ columns, names, assets, dates, lookback }: FeatureTable): number {
  const n = assets.length;
  for (let cell = 0; cell < dates.length * n; cell++) {
    if (columns.every((column) => Number.isFinite(column[cell]))) return Math.floor(cell / n);
  }
  const never = names.filter((_, k) => !columns[k].some(Number.isFinite));
  throw new AppError(
    'NOT_ENOUGH_DATA',
    `Expected a day on which an asset has all ${names.length} features (they look back up to ${lookback} days), found none in ` +
      `${dates.length} days${never.length > 0 ? `; never defined: ${never.join(', ')}` : ''}. ` +
      'Import a longer history or name features with a shorter look-back.',
    { data: { needed: lookback + 1, found: dates.length, features: never } },
  );
}

function rankCorrelation(forecasts: Float64Array, labels: Float64Array, offset: number): number {
  const both = [...forecasts.keys()].filter(
    (i) => Number.isFinite(forecasts[i]) && Number.isFinite(labels[offset + i]),
  );
  if (both.length < 3) return NaN;
  return spearmanRho(
    Float64Array.from(both, (i) => forecasts[i]),
    Float64Array.from(both, (i) => labels[offset + i]),
  );
}
