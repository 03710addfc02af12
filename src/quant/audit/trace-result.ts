/** From what a run reported and what its witnesses saw to a trace: every step with the row at whose close it is known. */
import type { AppError } from '#base/errors';
import { equityReturns } from '../backtest/simulation';
import type { Panel } from '../panel';
import type { ResearchResult } from '../research/result';
import { BitDigest } from './bits';
import type { Recording, Witness, Witnessed } from './recording-pieces';
import type { Trace, TracedFold, TracedStep, TracedStrategy } from './study';

interface Timetable {
  /** Decisions by fold, the last row of the data included. */
  readonly foldRows: readonly (readonly number[])[];
  readonly decisions: readonly number[];
  readonly finalRow: number;
}

interface TimedStep {
  readonly step: Witnessed;
  readonly row: number;
  /** False for the trials of a model that is tuned. */
  readonly isUsed: boolean;
}

export function completeTrace(panel: Panel, result: ResearchResult, recording: Recording, lag: number): Trace {
  const rowOf = new Map(panel.dates.map((date, row) => [date, row]));
  const row = (date: string) => rowOf.get(date) ?? -1;
  const strategies = result.strategies
    .filter(({ role }) => role !== 'benchmark')
    .map(({ name, role, equity, gross, rebalances, weights, metrics }): TracedStrategy => ({
      name,
      role,
      net: equityReturns(equity),
      gross: equityReturns(gross),
      cagr: metrics['cagr']?.value ?? null,
      fills: rebalances.map(({ decided, filled }) => ({ decisionRow: row(decided), fillRow: row(filled) })),
      weights,
    }));
  const decisions = strategies[0].fills.map(({ decisionRow }) => decisionRow);
  const starts = result.folds.map(({ testFrom }) => row(testFrom) - lag);
  const timetable = timetableOf(recording, { starts, decisions, finalRow: panel.dates.length - 1 });
  const timed = recording.witnesses.map((witness) => timedSteps(witness, timetable));
  const primary = primaryForecasts(recording.witnesses, timed);
  return {
    dates: panel.dates,
    assets: panel.assets,
    features: recording.features[0] ?? null,
    steps: [...labelled(recording.witnesses, timed), ...targetsOf(strategies, panel.assets.length)],
    folds: result.folds.map((fold, k): TracedFold => {
      const tested = timetable.foldRows[k].filter((decision) => decisions.includes(decision));
      const lastTrainRow = row(fold.trainTo);
      return {
        fitRow: lastTrainRow + fold.purged,
        train: [[row(fold.trainFrom), lastTrainRow]],
        test: [[starts[k], tested[tested.length - 1] ?? starts[k]]],
        statedRows: fold.trainRows,
        fittedRows: lastFitRows(primary, k),
        rankIc: fold.metrics['rank_ic'] ?? null,
        decisions: tested.length,
      };
    }),
    strategies,
    offered: timed
      .flat()
      .flatMap(({ step, row: at }) => (step.kind === 'weights' ? [{ row: at, assets: step.offered }] : [])),
    forecastCounts: primary.flatMap(({ step, isUsed }) => (step.kind === 'forecast' && isUsed ? [step.assets] : [])),
    stopped: null,
  };
}

/** Steps of an experiment that failed: their position is known, their row is not, so the caller compares by position. */
export function partialTrace(panel: Panel, { witnesses, features }: Recording, error: AppError): Trace {
  const timed = witnesses.map(({ log }) => log.map((step): TimedStep => ({ step, row: -1, isUsed: true })));
  return {
    dates: panel.dates,
    assets: panel.assets,
    features: features[0] ?? null,
    steps: labelled(witnesses, timed),
    folds: [],
    strategies: [],
    offered: [],
    forecastCounts: [],
    stopped: error.message,
  };
}

function timetableOf(
  { witnesses }: Recording,
  { starts, decisions, finalRow }: { starts: readonly number[]; decisions: readonly number[]; finalRow: number },
): Timetable {
  const foldRows = starts.map((start, k) => {
    const next = starts[k + 1] ?? Infinity;
    return decisions.filter((decision) => decision >= start && decision < next);
  });
  // The last row has a fit of its own where it lies in another refit period; no fold reports that one.
  const isOwn = witnesses.some(({ log }) => log.some(({ kind, at }) => kind === 'fit' && at === starts.length));
  if (isOwn || foldRows.length === 0) foldRows.push([finalRow]);
  else foldRows[foldRows.length - 1].push(finalRow);
  return { foldRows, decisions, finalRow };
}

/**
 * A model tries its grid, fits and then forecasts the decisions of its fold, in this order; an optimizer decides for every tranche that is
 * due, and once more for the last row of the data.
 */
function timedSteps({ kind, log }: Witness, { foldRows, decisions, finalRow }: Timetable): TimedStep[] {
  const forecastsLeft = new Map<number, number>();
  for (const step of log) {
    if (step.kind === 'forecast') forecastsLeft.set(step.at, (forecastsLeft.get(step.at) ?? 0) + 1);
  }
  return log.map((step, k): TimedStep => {
    if (kind === 'optimizer') {
      return { step, row: k === log.length - 1 ? finalRow : decisions[step.at], isUsed: true };
    }
    const rows = foldRows[step.at] ?? [finalRow];
    if (step.kind !== 'forecast') return { step, row: rows[0], isUsed: true };
    const left = forecastsLeft.get(step.at) ?? 0;
    forecastsLeft.set(step.at, left - 1);
    const isUsed = left <= rows.length;
    return { step, row: isUsed ? rows[rows.length - left] : rows[0], isUsed };
  });
}

function labelled(witnesses: readonly Witness[], timed: readonly (readonly TimedStep[])[]): TracedStep[] {
  return witnesses.flatMap(({ piece }, w) =>
    timed[w].map(({ step, row }) => ({ row, what: `${step.kind} of ${piece} (${w + 1})`, digest: step.digest })),
  );
}

/** Targets are on record once they are filled. */
function targetsOf(strategies: readonly TracedStrategy[], n: number): TracedStep[] {
  return strategies.flatMap(({ name, fills, weights }) =>
    fills.map(({ fillRow }, k) => {
      const digest = new BitDigest().add(weights.subarray(k * n, (k + 1) * n)).hex();
      return { row: fillRow, what: `targets of ${name}`, digest };
    }),
  );
}

/** The strategies ask for their pieces in order, the optimizer before the model: what the primary one's model did. */
function primaryForecasts(
  witnesses: readonly Witness[],
  timed: readonly (readonly TimedStep[])[],
): readonly TimedStep[] {
  return witnesses[1]?.kind === 'model' ? timed[1] : [];
}

function lastFitRows(steps: readonly TimedStep[], fold: number): number | null {
  let rows: number | null = null;
  for (const { step } of steps) if (step.kind === 'fit' && step.at === fold) rows = step.rows;
  return rows;
}
