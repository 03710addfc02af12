/**
 * A candidate fitted and asked again on its own data: golden rows (the last decision), out-of-sample accuracy over every decision, and
 * how far its inputs have moved since training.
 */
import { unavailableForecast } from './texts';
import { prepareResearch, forecastWith, strategyInput, type Prepared } from '../research/prepare-research';
import { productPieces } from '../research/pieces';
import type { ResearchConfig } from '../research/config';
import type { ResearchContext } from '../research/context';
import type { PriceData } from '../research/select-data';
import { runStrategy } from '../research/run-strategy';
import { forecastScores } from '../learning/forecast-scores';
import { figureText, type GateCheck, type GoldenRow, type PromotionPolicy } from './gate';
import { populationStability } from './population-stability';

/** Relative; two builds of the same code on two processors may differ in the last digits, and nothing else may. */
const GOLDEN_TOLERANCE = 1e-9;
/** Trading days that count as recent. */
const RECENT_ROWS = 126;

export interface ReplayInput {
  readonly config: ResearchConfig;
  readonly data: PriceData;
  readonly golden: readonly GoldenRow[];
  /** Measures that the run stored: the primary strategy's Sharpe ratio and mean rank IC over its folds. */
  readonly stored: { readonly sharpe: number | null; readonly rankIc: number | null };
  readonly policy: PromotionPolicy;
}

interface Replay {
  readonly weights: ReadonlyMap<string, number>;
  readonly forecasts: ReadonlyMap<string, number>;
  /** Forecast and outcome of every asset at every decision whose outcome is known. */
  readonly outcomes: Float64Array;
  readonly predictions: Float64Array;
  readonly prepared: Prepared | null;
  /** Last row that the last fit was trained on, and the last row. */
  readonly trainedTo: number;
  readonly finalRow: number;
}

export async function replayChecks(input: ReplayInput, context: ResearchContext): Promise<GateCheck[]> {
  const replay = await replayOf(input, context);
  return [goldenCheck(replay, input.golden), accuracyCheck(replay, input), driftCheck(replay, input.policy)];
}

async function replayOf({ config, data }: ReplayInput, context: ResearchContext): Promise<Replay> {
  const alone: ResearchConfig = { ...config, experiment: { ...config.experiment, compare: [] } };
  const stage = await prepareResearch(alone, data.panel, context, productPieces);
  const [plan] = stage.plans;
  const { assets } = data.panel;
  const n = assets.length;
  const prepared = plan.forecast === null ? null : (stage.prepared.get(plan.forecast.key) ?? null);
  const outcome = prepared === null ? null : await forecastWith(prepared, stage, context);
  const run = await runStrategy(strategyInput(stage, plan, outcome?.values), context);
  const { decisionRows, finalRow } = stage.schedule;
  const outcomes: number[] = [];
  const predictions: number[] = [];
  for (const [k, row] of decisionRows.entries()) {
    for (let i = 0; i < n && outcome !== null && prepared !== null; i++) {
      const [forecast, label] = [outcome.values[k * n + i], prepared.table.labels[row * n + i]];
      if (!Number.isFinite(forecast) || !Number.isFinite(label)) continue;
      predictions.push(forecast);
      outcomes.push(label);
    }
  }
  const last = outcome?.values.subarray(decisionRows.length * n) ?? new Float64Array(0);
  return {
    weights: new Map(assets.map((asset, i) => [asset, run.nextTargets[i]])),
    forecasts: new Map(assets.map((asset, i) => [asset, last[i] ?? NaN])),
    outcomes: Float64Array.from(outcomes),
    predictions: Float64Array.from(predictions),
    prepared,
    trainedTo: outcome?.fits.at(-1)?.lastTrainRow ?? finalRow,
    finalRow,
  };
}

function relativeDifference(stored: number, replayed: number | undefined): number {
  if (replayed === undefined || !Number.isFinite(replayed)) return Infinity;
  return Math.abs(stored - replayed) / Math.max(Math.abs(stored), 1e-12);
}

function goldenCheck(replay: Replay, golden: readonly GoldenRow[]): GateCheck {
  let worst = 0;
  let at = '';
  for (const { asset, weight, forecast } of golden) {
    const differences = [
      relativeDifference(weight, replay.weights.get(asset)),
      forecast === null ? 0 : relativeDifference(forecast, replay.forecasts.get(asset)),
    ];
    const largest = Math.max(...differences);
    if (largest > worst) [worst, at] = [largest, asset];
  }
  const passed = golden.length > 0 && worst <= GOLDEN_TOLERANCE;
  return {
    id: 'golden',
    title: 'Golden rows replayed',
    rule: `Fitted again, the last decision gives the stored weights and forecasts within ${GOLDEN_TOLERANCE} (relative).`,
    status: passed ? 'passed' : 'failed',
    summary: passed
      ? `${golden.length} rows replayed; the largest relative difference is ${figureText(worst)}.`
      : golden.length === 0
        ? 'The run holds nothing at its last decision; there is no row to replay.'
        : `The replay parts from the stored rows, most at ${at} (relative difference ${figureText(worst)}).`,
    figures: [
      { name: 'rows', value: golden.length, unit: '' },
      { name: 'largest relative difference', value: Number.isFinite(worst) ? worst : null, unit: '' },
    ],
  };
}

function accuracyCheck({ outcomes, predictions }: Replay, { policy, stored }: ReplayInput): GateCheck {
  const { implausibleR2 } = policy.outOfSample;
  const forecasts = outcomes.length >= 2;
  // A strategy without a forecast can only be held against what it earned.
  const measure = forecasts ? policy.outOfSample.measure : 'sharpe';
  const minimum = measure === policy.outOfSample.measure ? policy.outOfSample.minimum : 0;
  const r2 = forecasts ? forecastScores(outcomes, predictions).r2 : null;
  const value = measure === 'r2' ? r2 : measure === 'rank_ic' ? stored.rankIc : stored.sharpe;
  const name = { r2: 'R²', rank_ic: 'mean rank IC', sharpe: 'Sharpe ratio after costs' }[measure];
  const enough = value !== null && value >= minimum;
  const implausible = r2 !== null && r2 > implausibleR2;
  const found = value === null ? 'not known' : figureText(value);
  const warning = implausible
    ? ` Its R² of ${figureText(r2)} is implausibly high for returns (above ${implausibleR2}); look for a leak before anything else.`
    : '';
  return {
    id: 'out-of-sample',
    title: 'Out-of-sample threshold',
    rule: `${name} out of sample of at least ${minimum}; an R² above ${implausibleR2} is a warning.`,
    status: !enough ? 'failed' : implausible ? 'warning' : 'passed',
    summary: `The ${name} out of sample is ${found}.${forecasts ? '' : ` ${unavailableForecast}`}${warning}`,
    figures: [
      { name: 'R²', value: r2, unit: '' },
      { name: 'mean rank IC', value: stored.rankIc, unit: '' },
      { name: 'Sharpe ratio after costs', value: stored.sharpe, unit: 'per year' },
      { name: 'forecasts with an outcome', value: outcomes.length, unit: '' },
    ],
  };
}

function driftCheck({ prepared, trainedTo, finalRow }: Replay, { drift }: PromotionPolicy): GateCheck {
  const base = {
    id: 'drift',
    title: 'Drift of inputs and outcomes',
    rule: `Population stability index of every feature and of the outcome: warning above ${drift.warnAbove}, failed above ${drift.failAbove}.`,
  };
  if (prepared === null) {
    return { ...base, status: 'not-run', summary: `${unavailableForecast} There is no input to drift.`, figures: [] };
  }
  const { names, columns, labels, assets } = prepared.table;
  const split = Math.max(0, Math.min(trainedTo, finalRow - RECENT_ROWS)) * assets;
  const series: (readonly [string, Float64Array])[] = [
    ...names.map((name, k) => [name, columns[k]] as const),
    ['outcome', labels],
  ];
  const measured = series.flatMap(([name, values]) => {
    const [before, after] = [values.subarray(0, split), values.subarray(split)];
    const enough =
      [before, after].every((part) => part.some(Number.isFinite)) && after.filter(Number.isFinite).length >= 20;
    return enough ? [{ name, value: populationStability(before, after), unit: 'PSI' }] : [];
  });
  const worst = measured.reduce((most, each) => (each.value > most.value ? each : most), { name: '', value: 0 });
  const status = worst.value > drift.failAbove ? 'failed' : worst.value > drift.warnAbove ? 'warning' : 'passed';
  return {
    ...base,
    status: measured.length === 0 ? 'not-run' : status,
    summary:
      measured.length === 0
        ? 'The history is too short to tell recent days from earlier ones.'
        : `The largest index is ${figureText(worst.value)}${worst.name === '' ? '' : ` (${worst.name})`}, over the last ${RECENT_ROWS} trading days or those after training.`,
    figures: measured,
  };
}
