/**
 * Walk-forward forecasts: a model is fitted on purged rows at every refit and asked about every decision until the next one.
 * Scalers are fitted on the training rows of the same fit only.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { spearmanRho } from '../inference/mean-difference';
import type { ResearchContext } from './context';
import type { FeatureCube } from './pieces';
import type { Fit } from './schedule';
import type { ForecastPlan } from './strategies';

export interface ForecastInput {
  readonly plan: ForecastPlan;
  readonly cube: FeatureCube;
  /** [T, N] 1 where a cell may be used. */
  readonly usable: Uint8Array;
  /** [T, N] forward returns; NaN = unknown. */
  readonly labels: Float64Array;
  readonly dates: readonly string[];
  readonly assets: number;
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
  const { plan, fits, rows, assets: n } = input;
  const values = new Float64Array(rows.length * n).fill(NaN);
  const rankIc = new Float64Array(rows.length).fill(NaN);
  const trainRows: number[] = [];
  let next = 0;
  for (const [k, fit] of fits.entries()) {
    context.emit({ stage: 'fit', detail: plan.spec.id, step: k, of: fits.length });
    await context.breathe();
    const training = trainingSet(input, fit);
    trainRows.push(training.y.length);
    const scaler = fitScaler(training.X, training.featureNames.length);
    applyScaler(scaler, training.X);
    const fitted = plan.model.fit(training, plan.params, {
      seed: deriveSeed(input.seed, `${plan.key}/${input.dates[fit.fitRow]}`),
      ...(context.signal ? { signal: context.signal } : {}),
    });
    for (; next < rows.length && rows[next] <= fit.lastTestRow; next++) {
      forecastRow(input, scaler, fitted, next, values);
      rankIc[next] = rankCorrelation(values.subarray(next * n, (next + 1) * n), input.labels, rows[next] * n);
    }
  }
  context.emit({ stage: 'fit', detail: plan.spec.id, step: fits.length, of: fits.length });
  return { values, trainRows, rankIc };
}

/** [T, N] 1 where every feature is finite and the asset is a member (`membership` [T, N]; undefined = always). */
export function usableCells(cube: FeatureCube, membership: Uint8Array | undefined): Uint8Array {
  const K = cube.names.length;
  const cells = new Uint8Array(cube.values.length / K);
  for (let cell = 0; cell < cells.length; cell++) {
    let sum = membership === undefined || membership[cell] === 1 ? 0 : NaN;
    for (let k = cell * K; k < (cell + 1) * K; k++) sum += cube.values[k];
    cells[cell] = Number.isFinite(sum) ? 1 : 0;
  }
  return cells;
}

function trainingSet({ plan, cube, usable, labels, assets: n, dates }: ForecastInput, fit: Fit) {
  const K = cube.names.length;
  const first = fit.firstTrainRow * n;
  const end = (fit.lastTrainRow + 1) * n;
  let count = 0;
  for (let cell = first; cell < end; cell++) if (usable[cell] === 1 && Number.isFinite(labels[cell])) count += 1;
  const least = plan.spec.minRows(K);
  if (count < least) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${least} training rows for "${plan.spec.id}" with ${K} features on ${dates[fit.fitRow]}, found ${count}. ` +
        'Lengthen backtest.window.train, use fewer features or import more assets.',
      { data: { needed: least, found: count, date: dates[fit.fitRow] } },
    );
  }
  const X = new Float64Array(count * K);
  const y = new Float64Array(count);
  let row = 0;
  for (let cell = first; cell < end; cell++) {
    if (usable[cell] !== 1 || !Number.isFinite(labels[cell])) continue;
    y[row] = labels[cell];
    for (let k = 0; k < K; k++) X[row * K + k] = cube.values[cell * K + k];
    row += 1;
  }
  return { featureNames: cube.names, X, y };
}

interface Scaler {
  readonly mean: Float64Array;
  /** 1 / standard deviation; 0 for a constant feature. */
  readonly factor: Float64Array;
}

function fitScaler(X: Float64Array, K: number): Scaler {
  const rows = X.length / K;
  const mean = new Float64Array(K);
  const factor = new Float64Array(K);
  for (let at = 0; at < X.length; at += K) for (let k = 0; k < K; k++) mean[k] += X[at + k] / rows;
  for (let at = 0; at < X.length; at += K) for (let k = 0; k < K; k++) factor[k] += (X[at + k] - mean[k]) ** 2 / rows;
  for (let k = 0; k < K; k++) factor[k] = factor[k] > 1e-24 ? 1 / Math.sqrt(factor[k]) : 0;
  return { mean, factor };
}

function applyScaler({ mean, factor }: Scaler, X: Float64Array): void {
  const K = mean.length;
  for (let at = 0; at < X.length; at += K) for (let k = 0; k < K; k++) X[at + k] = (X[at + k] - mean[k]) * factor[k];
}

function forecastRow(
  { plan, cube, usable, rows, assets: n }: ForecastInput,
  scaler: Scaler,
  fitted: unknown,
  index: number,
  values: Float64Array,
): void {
  const K = cube.names.length;
  const base = rows[index] * n;
  const known: number[] = [];
  for (let i = 0; i < n; i++) if (usable[base + i] === 1) known.push(i);
  const X = new Float64Array(known.length * K);
  known.forEach((i, j) => {
    X.set(cube.values.subarray((base + i) * K, (base + i + 1) * K), j * K);
  });
  applyScaler(scaler, X);
  const forecasts = plan.model.forecast(fitted, X);
  known.forEach((i, j) => {
    values[index * n + i] = forecasts[j];
  });
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
