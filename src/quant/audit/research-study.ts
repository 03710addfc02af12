/** The product's pipeline as an experiment that guards can run: the real one, recorded, with nothing replaced. */
import { AppError } from '#base/errors';
import { prepareMarket } from '../backtest/market';
import { equityReturns } from '../backtest/simulation';
import type { Panel } from '../panel';
import type { ResearchConfig } from '../research/config';
import { type ResearchPieces, productPieces } from '../research/pieces';
import type { ResearchResult } from '../research/result';
import { runResearch } from '../research/run-research';
import type { PriceData } from '../research/select-data';
import { universeAt } from '../research/universe';
import { BitDigest } from './bits';
import { type Recording, recordingPieces } from './recording-pieces';
import type { AuditContext, Study, Trace, TracedFold, TracedStep, TracedStrategy, TraceOptions } from './study';

/** Bootstrap replications decide intervals only, never a weight: a guard needs none of them. */
const FEWEST_REPLICATIONS = 100;

export interface StudySeams {
  readonly pieces?: ResearchPieces;
  /** What is done to prices before the pipeline gets them; nothing in the product. */
  readonly prepare?: (data: PriceData) => PriceData;
}

export function researchStudy(config: ResearchConfig, context: AuditContext, seams: StudySeams = {}): Study {
  const { pieces = productPieces, prepare = (data: PriceData) => data } = seams;
  const { backtest, model } = config;
  const quiet = { emit() {}, breathe: () => context.breathe(), ...(context.signal ? { signal: context.signal } : {}) };
  const inScope = (panel: Panel): Panel => {
    if (backtest.universe === 'point-in-time') return panel;
    const { membership: _, ...unrestricted } = panel;
    return unrestricted;
  };
  const needsForecast = ({ optimizer = model.optimizer }: Partial<ResearchConfig['model']>) =>
    pieces.optimizer(optimizer.id, optimizer.params).spec.needsForecast;
  const forecasts = [model, ...config.experiment.compare].some(({ optimizer }) =>
    needsForecast(optimizer ? { optimizer } : {}),
  );

  async function trace(data: PriceData, options: TraceOptions = {}): Promise<Trace> {
    const { panel, benchmark } = prepare(data);
    const recording = recordingPieces(pieces, options.shuffleForecasts);
    const { experiment } = config;
    const varied: ResearchConfig = {
      ...config,
      experiment: {
        ...experiment,
        bootstrap: { ...experiment.bootstrap, replications: FEWEST_REPLICATIONS },
        ...(options.primaryOnly ? { compare: [] } : {}),
      },
    };
    try {
      const result = await runResearch(varied, panel, benchmark, quiet, recording.pieces);
      return completeTrace(panel, result, recording, backtest.lag);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
      return partialTrace(panel, recording, error);
    }
  }

  return {
    labelReach: needsForecast(model) ? model.horizon + backtest.lag : 0,
    async features(data) {
      if (!forecasts) return null;
      return (await pieces.features(model.features, inScope(prepare(data).panel), () => context.breathe())).table;
    },
    universe(data, rows) {
      const panel = inScope(prepare(data).panel);
      const market = prepareMarket(panel);
      const rules = { lookback: backtest.lookback, membership: panel.membership };
      return rows.map((row) => universeAt(market, row, rules));
    },
    trace,
  };
}

/** The k-th forecast and the k-th optimization of a strategy belong to its k-th decision; a fit to the next forecast. */
function stepsOf({ witnesses }: Recording, rowOf: (decision: number) => number): TracedStep[] {
  return witnesses.flatMap(({ piece, log }, w) => {
    let decision = 0;
    return log.map((step): TracedStep => {
      const row = rowOf(decision);
      if (step.kind !== 'fit') decision += 1;
      return { row, what: `${step.kind} of ${piece} (${w + 1})`, digest: step.digest };
    });
  });
}

function completeTrace(panel: Panel, result: ResearchResult, recording: Recording, lag: number): Trace {
  const rowOf = new Map(panel.dates.map((date, row) => [date, row]));
  const row = (date: string) => rowOf.get(date) ?? -1;
  const finalRow = panel.dates.length - 1;
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
  const n = panel.assets.length;
  const executed = strategies.flatMap(({ name, fills, weights }) =>
    fills.map(({ fillRow }, k): TracedStep => {
      const digest = new BitDigest().add(weights.subarray(k * n, (k + 1) * n)).hex();
      return { row: fillRow, what: `targets of ${name}`, digest };
    }),
  );
  return {
    dates: panel.dates,
    assets: panel.assets,
    features: recording.features[0] ?? null,
    steps: [...stepsOf(recording, (k) => decisions[k] ?? finalRow), ...executed],
    folds: foldsOf(result, recording, { row, lag, decisions }),
    strategies,
    forecastCounts: primaryForecasts(recording).flatMap((step) => (step.kind === 'forecast' ? [step.assets] : [])),
    stopped: null,
  };
}

/** Steps of an experiment that failed: their position is known, their row is not, so the caller compares by position. */
function partialTrace(panel: Panel, recording: Recording, error: AppError): Trace {
  return {
    dates: panel.dates,
    assets: panel.assets,
    features: recording.features[0] ?? null,
    steps: stepsOf(recording, () => -1),
    folds: [],
    strategies: [],
    forecastCounts: [],
    stopped: error.message,
  };
}

/** The strategies ask for their pieces in order, the optimizer before the model: what the primary one's model did. */
function primaryForecasts({ witnesses }: Recording) {
  return witnesses[1]?.kind === 'model' ? witnesses[1].log : [];
}

interface Rows {
  readonly row: (date: string) => number;
  readonly lag: number;
  readonly decisions: readonly number[];
}

function foldsOf(result: ResearchResult, recording: Recording, { row, lag, decisions }: Rows): TracedFold[] {
  const fits = primaryForecasts(recording).flatMap((step) => (step.kind === 'fit' ? [step.rows] : []));
  const starts = result.folds.map(({ testFrom }) => row(testFrom) - lag);
  return result.folds.map((fold, k): TracedFold => {
    const next = starts[k + 1] ?? Infinity;
    const tested = decisions.filter((decision) => decision >= starts[k] && decision < next);
    const lastTrainRow = row(fold.trainTo);
    return {
      fitRow: lastTrainRow + fold.purged,
      train: [[row(fold.trainFrom), lastTrainRow]],
      test: [[starts[k], tested[tested.length - 1] ?? starts[k]]],
      statedRows: fold.trainRows,
      fittedRows: fits[k] ?? null,
      rankIc: fold.metrics['rank_ic'] ?? null,
      decisions: tested.length,
    };
  });
}
