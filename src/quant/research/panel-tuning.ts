/**
 * Nested tuning of a panel model: every combination of the grid is trained on purged folds inside the training window and judged on the
 * days held out, seeds included. Nothing later than the fit is read, and an interrupted search goes on with the combination it was at.
 */
import { deriveSeed } from '../array/random';
import type { PanelModel } from '../models/panel-model';
import { scoreOf, tuningFolds } from '../tuning/tune-window';
import type { TuningPlan } from '../tuning/tuning-plan';
import type { Range } from '../validation/splits';
import type { ResearchContext } from './context';
import type { ForecastInput } from './forecast-run';
import { panelContext } from './panel-context';
import { decisionSlice, trainingSlice } from './panel-slices';
import { forgetfulStore } from './resume';
import type { Fit } from './schedule';

const MOST_JUDGED_DAYS = 63;

export interface PanelChoice {
  readonly params: unknown;
  /** Grid values chosen; empty where nothing is tuned. */
  readonly choice: Readonly<Record<string, unknown>>;
}

/** Where the scores of a fit's search are kept until its fold is finished. */
export function searchName({ plan, dates }: ForecastInput, { fitRow }: Fit): string {
  return `tune/${plan.key}/${dates[fitRow]}`;
}

/** The parameters of a fit: as configured, or the best of the grid, the first of equals. Errors: NOT_ENOUGH_DATA, those of the model. */
export async function chosenParams(
  model: PanelModel,
  input: ForecastInput,
  fit: Fit,
  context: ResearchContext,
): Promise<PanelChoice> {
  const { tuning, params, spec } = input.plan;
  if (tuning === null) return { params, choice: {} };
  const resume = context.resume ?? forgetfulStore();
  const name = searchName(input, fit);
  const kept = (resume.get(name) as readonly number[] | undefined) ?? []; // put below by an attempt at the same job
  const scores: number[] = [...kept];
  const folds = tuningFolds(tuning, input.table, fit);
  const of = folds.length * tuning.candidates.length;
  for (let step = kept.length; step < of; step++) {
    context.emit({ stage: 'tune', detail: spec.id, step, of });
    const fold = Math.floor(step / tuning.candidates.length);
    scores.push(await judge(model, input, fit, folds[fold], fold, step % tuning.candidates.length, context));
    resume.put(name, [...scores]);
    if (resume.isDue()) resume.keep();
  }
  const best = bestOf(tuning, scores);
  return { params: tuning.candidates[best], choice: tuning.choices[best] };
}

function bestOf({ candidates }: TuningPlan, scores: readonly number[]): number {
  const means = candidates.map((_, c) =>
    scores.reduce((sum, score, at) => (at % candidates.length === c ? sum + score : sum), 0),
  );
  return means.indexOf(Math.max(...means));
}

/** One combination trained on one fold: its score on the days held out. */
async function judge(
  model: PanelModel,
  input: ForecastInput,
  { fitRow }: Fit,
  { train, test }: { readonly train: readonly Range[]; readonly test: Range },
  fold: number,
  candidate: number,
  context: ResearchContext,
): Promise<number> {
  const { plan, table, dates, seed } = input;
  const { candidates = [], metric = 'rank-ic' } = plan.tuning ?? {};
  const key = `${plan.key}/${dates[fitRow]}/tune/${fold}/${candidate}`;
  const given = panelContext(context, {
    // The same seeds for all combinations of a fold: they differ by what is tuned alone.
    seed: deriveSeed(seed, `${plan.key}/${dates[fitRow]}/tune/${fold}`),
    key,
    title: `${plan.spec.id} ${dates[fitRow]}, combination ${candidate + 1} of ${candidates.length}, fold ${fold + 1}`,
    model: plan.spec.id,
  });
  const slice = trainingSlice(model, input, train, () => fitRow);
  const { fitted } = await model.fit(slice, candidates[candidate], given);
  const N = table.assets;
  const found: number[] = [];
  const known: number[] = [];
  const cells: number[] = [];
  for (const row of judgedRows(test)) {
    await context.breathe();
    const forecasts = await model.forecast(fitted, decisionSlice(model, input, row), given.networks);
    for (let i = 0; i < N; i++) {
      const label = table.labels[row * N + i];
      if (!Number.isFinite(label) || !Number.isFinite(forecasts[i])) continue;
      found.push(forecasts[i]);
      known.push(label);
      cells.push(row * N + i);
    }
  }
  return scoreOf(Float64Array.from(found), { y: Float64Array.from(known), cells: Uint32Array.from(cells) }, N, metric);
}

/** Days of the test, evenly spaced where there are many: labels of neighbors overlap, and a forecast of a network takes its time. */
function judgedRows([from, to]: Range): number[] {
  const days = to - from + 1;
  const count = Math.min(days, MOST_JUDGED_DAYS);
  return Array.from({ length: count }, (_, k) => from + Math.floor(((k + 0.5) * days) / count));
}
