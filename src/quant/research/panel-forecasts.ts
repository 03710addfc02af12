/**
 * Walk-forward forecasts of a panel model: at every refit it gets the training rows and their history as a slice that ends with them,
 * at every decision a slice that ends with the decision. Finished folds are kept, so that an interrupted run goes on.
 */
import { canonicalJson } from '#base/canonical-json';
import { deriveSeed } from '../array/random';
import type { FittedNetwork, PanelModel, TrainingReport } from '../models/panel-model';
import type { ResearchContext } from './context';
import { type ForecastInput, type ForecastRun, rankCorrelation } from './forecast-run';
import { panelContext } from './panel-context';
import { decisionSlice, trainingSlice } from './panel-slices';
import { chosenParams, searchName } from './panel-tuning';
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
  /** Grid values chosen. */
  readonly choice: Readonly<Record<string, unknown>>;
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
  const tuned: Readonly<Record<string, unknown>>[] = [];
  let newest: FoldRecord | null = null;
  let next = 0;
  for (const [k, fit] of fits.entries()) {
    context.emit({ stage: 'fit', detail: plan.spec.id, step: k, of: fits.length });
    await context.breathe();
    const name = `fold/${plan.key}/${k}`;
    const decisions = rows.filter((row, at) => at >= next && row <= fit.lastTestRow);
    const known = resume.get(name) as FoldRecord | undefined; // put below by an attempt at the same job
    const fold: FoldRecord = known ?? (await runFold(model, input, fit, decisions, newest, context));
    newest = fold;
    if (known === undefined) {
      const before = `fold/${plan.key}/${k - 1}`;
      const older = resume.get(before) as FoldRecord | undefined; // likewise
      if (older) resume.put(before, { ...older, fitted: null });
      resume.put(name, fold);
      resume.put(searchName(input, fit), undefined);
      resume.keep();
    }
    trainRows.push(fold.rows);
    reports.push(fold.report);
    tuned.push(fold.choice);
    values.set(fold.values, next * N);
    for (const row of decisions) {
      rankIc[next] = rankCorrelation(values.subarray(next * N, (next + 1) * N), table.labels, row * N);
      next += 1;
    }
  }
  context.emit({ stage: 'fit', detail: plan.spec.id, step: fits.length, of: fits.length });
  return { values, trainRows, rankIc, tuned, training: { reports, fitted: newest?.fitted ?? null } };
}

async function runFold(
  model: PanelModel,
  input: ForecastInput,
  fit: Fit,
  decisions: readonly number[],
  previous: FoldRecord | null,
  context: ResearchContext,
): Promise<FoldRecord> {
  const { plan, dates, seed, table } = input;
  const key = `${plan.key}/${dates[fit.fitRow]}`;
  const { params, choice } = await chosenParams(model, input, fit, context);
  // Another combination of the grid may be another network: it cannot begin where the one before ended.
  const isSame = previous !== null && canonicalJson(previous.choice) === canonicalJson(choice);
  const given = panelContext(context, {
    seed: deriveSeed(seed, key),
    key,
    title: `${plan.spec.id} ${dates[fit.fitRow]}`,
    model: plan.spec.id,
    previous: isSame ? (previous.fitted ?? undefined) : undefined,
  });
  const slice = trainingSlice(model, input, [[fit.firstTrainRow, fit.lastTrainRow]], () => fit.fitRow);
  const { fitted, report, rows } = await model.fit(slice, params, given);
  const values = new Float64Array(decisions.length * table.assets);
  for (const [k, row] of decisions.entries()) {
    await context.breathe();
    values.set(await model.forecast(fitted, decisionSlice(model, input, row), given.networks), k * table.assets);
  }
  return { values, rows, report, fitted, choice };
}
