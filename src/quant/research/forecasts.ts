/**
 * Walk-forward forecasts: a model is fitted on purged rows at every refit and asked about every decision until the next one.
 * Scalers are fitted on the training rows of the same fit only.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import type { FeatureTable } from '../features/feature-table';
import { applyScaler, identityScaler, type Scaler, scaleMoments, scalerOf } from '../learning/scaler';
import { forecastRows, trainingRows } from '../learning/training-rows';
import type { Model, ModelContext } from '../models/model';
import { isPanelModel } from '../models/panel-model';
import { tuneWindow } from '../tuning/tune-window';
import type { ResearchContext } from './context';
import { type ForecastInput, type ForecastRun, rankCorrelation } from './forecast-run';
import { walkForwardPanel } from './panel-forecasts';
import type { Fit } from './schedule';

/** Errors: NOT_ENOUGH_DATA with the rows a model needs; CANCELLED. */
export async function walkForwardForecasts(input: ForecastInput, context: ResearchContext): Promise<ForecastRun> {
  const { plan, table, fits, rows } = input;
  const { model } = plan;
  if (isPanelModel(model)) return walkForwardPanel(model, input, context);
  const n = table.assets;
  const values = new Float64Array(rows.length * n).fill(NaN);
  const rankIc = new Float64Array(rows.length).fill(NaN);
  const trainRows: number[] = [];
  const tuned: Readonly<Record<string, unknown>>[] = [];
  let next = 0;
  for (const [k, fit] of fits.entries()) {
    context.emit({ stage: 'fit', detail: plan.spec.id, step: k, of: fits.length });
    await context.breathe();
    const { fitted, scaler, count, choice } = fitAt(model, input, fit, context);
    trainRows.push(count);
    tuned.push(choice);
    for (; next < rows.length && rows[next] <= fit.lastTestRow; next++) {
      const asked = forecastRows(table, rows[next]);
      applyScaler(scaler, asked.X);
      const forecasts = model.forecast(fitted, asked.X);
      const first = next * n - rows[next] * n;
      asked.cells.forEach((cell, j) => {
        values[first + cell] = forecasts[j];
      });
      rankIc[next] = rankCorrelation(values.subarray(next * n, (next + 1) * n), table.labels, rows[next] * n);
    }
  }
  context.emit({ stage: 'fit', detail: plan.spec.id, step: fits.length, of: fits.length });
  return { values, trainRows, rankIc, tuned };
}

interface FitAt {
  readonly fitted: unknown;
  readonly scaler: Scaler;
  readonly count: number;
  readonly choice: Readonly<Record<string, unknown>>;
}

/** One refit. The ledger and `trainingRows` both refuse rows whose labels end after the fit. */
function fitAt(
  model: Model,
  { plan, table, ledger, dates, seed }: ForecastInput,
  fit: Fit,
  research: ResearchContext,
): FitAt {
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
    heartbeat: () => research.heartbeat?.(),
    ...(research.signal ? { signal: research.signal } : {}),
  };
  const { params, choice } = chosen(model, { plan, table, ledger }, fit, context);
  if (model.fitMoments) {
    const fitted = model.fitMoments(scaleMoments(scaler, moments), table.names, params, context);
    return { fitted, scaler, count: moments.rows, choice };
  }
  const training = trainingRows(table, fit.firstTrainRow, fit.lastTrainRow, fit.fitRow);
  applyScaler(scaler, training.X);
  return { fitted: model.fit(training, params, context), scaler, count: moments.rows, choice };
}

/** The parameters of a fit: as configured, or chosen inside its training window. */
function chosen(
  model: Model,
  { plan, table, ledger }: Pick<ForecastInput, 'plan' | 'table' | 'ledger'>,
  { firstTrainRow, lastTrainRow, fitRow }: Fit,
  context: ModelContext,
): { readonly params: unknown; readonly choice: Readonly<Record<string, unknown>> } {
  const { spec, tuning, features } = plan;
  if (tuning === null) return { params: plan.params, choice: {} };
  const scale = features.transform === 'none';
  return tuneWindow({ spec, model, tuning, table, ledger, scale, firstTrainRow, lastTrainRow, fitRow, context });
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
