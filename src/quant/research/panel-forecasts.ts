/**
 * Walk-forward forecasts of a panel model: at every refit it gets the training rows and their history as a slice that ends with them,
 * at every decision a slice that ends with the decision. Finished folds are kept, so that an interrupted run goes on.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { returnOver } from './labels';
import { scalerOf } from '../learning/scaler';
import type { FittedNetwork, PanelModel, PanelSlice, PanelTraining, TrainingReport } from '../models/panel-model';
import type { ResearchContext } from './context';
import { type ForecastInput, type ForecastRun, rankCorrelation } from './forecast-run';
import { forgetfulStore } from './resume';
import type { Fit } from './schedule';

/** What is kept of a finished fold. */
interface FoldRecord {
  /** [decisions of the fold, N]. */
  readonly values: Float64Array;
  readonly rows: number;
  readonly report: TrainingReport;
  /** Of the newest fold only. */
  readonly fitted: FittedNetwork | null;
}

/** Errors: those of the model; DEVICE_UNAVAILABLE where nothing here can train networks. */
export async function walkForwardPanel(
  model: PanelModel,
  input: ForecastInput,
  context: ResearchContext,
): Promise<ForecastRun> {
  const { plan, table, fits, rows } = input;
  const N = table.assets;
  const resume = context.resume ?? forgetfulStore();
  const values = new Float64Array(rows.length * N).fill(NaN);
  const rankIc = new Float64Array(rows.length).fill(NaN);
  const trainRows: number[] = [];
  const reports: TrainingReport[] = [];
  let fitted: FittedNetwork | null = null;
  let next = 0;
  for (const [k, fit] of fits.entries()) {
    context.emit({ stage: 'fit', detail: plan.spec.id, step: k, of: fits.length });
    await context.breathe();
    const name = `fold/${plan.key}/${k}`;
    const decisions = rows.filter((row, at) => at >= next && row <= fit.lastTestRow);
    const known = resume.get(name) as FoldRecord | undefined; // put below by an attempt at the same job
    const fold: FoldRecord = known ?? (await runFold(model, input, fit, decisions, fitted, context));
    fitted = fold.fitted ?? fitted;
    if (known === undefined) {
      const before = `fold/${plan.key}/${k - 1}`;
      const older = resume.get(before) as FoldRecord | undefined; // likewise
      if (older) resume.put(before, { ...older, fitted: null });
      resume.put(name, fold);
      resume.keep();
    }
    trainRows.push(fold.rows);
    reports.push(fold.report);
    values.set(fold.values, next * N);
    for (const row of decisions) {
      rankIc[next] = rankCorrelation(values.subarray(next * N, (next + 1) * N), table.labels, row * N);
      next += 1;
    }
  }
  context.emit({ stage: 'fit', detail: plan.spec.id, step: fits.length, of: fits.length });
  return { values, trainRows, rankIc, tuned: fits.map(() => ({})), training: { reports, fitted } };
}

async function runFold(
  model: PanelModel,
  input: ForecastInput,
  fit: Fit,
  decisions: readonly number[],
  previous: FittedNetwork | null,
  context: ResearchContext,
): Promise<FoldRecord> {
  const { plan, dates, seed, table } = input;
  const { networks } = context;
  if (networks === undefined) {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected an engine that trains "${plan.spec.id}", found none here. Start it as a run.`,
    );
  }
  const { fitted, report, rows } = await model.fit(trainingSlice(model, input, fit), plan.params, {
    seed: deriveSeed(seed, `${plan.key}/${dates[fit.fitRow]}`),
    key: `${plan.key}/${dates[fit.fitRow]}`,
    title: `${plan.spec.id} ${dates[fit.fitRow]}`,
    networks,
    breathe: () => context.breathe(),
    ...(previous && { previous }),
    pretrained: (ref) => {
      const found = context.pretrained?.(ref);
      if (found) return found;
      throw new AppError(
        'NOT_FOUND',
        `Expected a sealed model named "${ref}", found none. List them with: sextant models list.`,
      );
    },
  });
  const values = new Float64Array(decisions.length * table.assets);
  for (const [k, row] of decisions.entries()) {
    await context.breathe();
    const slice = sliceOf(input, row - reach(model, plan.params) + 1, row);
    values.set(await model.forecast(fitted, slice, networks), k * table.assets);
  }
  return { values, rows, report, fitted };
}

function reach(model: PanelModel, params: unknown): number {
  const { features, returns } = model.history(params);
  return Math.max(features, returns);
}

function trainingSlice(model: PanelModel, input: ForecastInput, fit: Fit): PanelTraining {
  const { plan, table, ledger, dates } = input;
  const K = table.names.length;
  // The ledger refuses rows whose labels end after the fit.
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
  const first = Math.max(0, fit.firstTrainRow - reach(model, plan.params) + 1);
  const N = table.assets;
  return {
    ...sliceOf(input, first, fit.lastTrainRow),
    labels: table.labels.subarray(first * N, (fit.lastTrainRow + 1) * N),
    firstTrainRow: fit.firstTrainRow - first,
    reach: table.lag + table.horizon,
    scaler: scalerOf(moments),
    target: {
      mean: moments.mean[K],
      deviation: Math.sqrt(Math.max(0, moments.scatter[K * (K + 1) + K]) / moments.rows),
    },
  };
}

function sliceOf({ table, market, sectors, dates }: ForecastInput, first: number, last: number): PanelSlice {
  const N = table.assets;
  const from = Math.max(0, first);
  const rows = Array.from({ length: last - from + 1 }, (_, r) => from + r);
  const returns = new Float64Array(rows.length * N);
  rows.forEach((row, r) => {
    for (let i = 0; i < N; i++) returns[r * N + i] = returnOver(market, row, i);
  });
  return {
    names: table.names,
    assets: market.assets,
    sectors,
    dates: dates.slice(from, last + 1),
    columns: table.columns.map((column) => column.subarray(from * N, (last + 1) * N)),
    returns,
  };
}
