/** From the work of a run to its result: statistics per strategy, comparisons, folds, trials, verdict and next portfolio. */
import { deriveSeed } from '../array/random';
import { mean, standardDeviation, variance } from '../array/stats';
import { equityReturns, type RebalanceRecord } from '../backtest/simulation';
import { deflatedSharpe } from '../inference/sharpe';
import { type Measured, measured, unavailable } from '../metrics/measured';
import { auditSplits } from '../validation/split-audit';
import { compareCurves, type Curve } from './comparisons';
import type { ResearchContext } from './context';
import { foldOutcomes } from './folds';
import { nextPortfolio } from './next-portfolio';
import type { Comparison, ResearchResult, StrategyOutcome } from './result';
import type { ResearchWork } from './run-research';
import type { StrategyRun } from './run-strategy';
import { curveStatistics, PERIODS_PER_YEAR, sharpeOrNull } from './statistics';
import { EQUAL_WEIGHT } from './strategies';
import { runCapacity } from './run-capacity';
import { verdictOf } from './verdict';

export async function assembleResult(work: ResearchWork, context: ResearchContext): Promise<ResearchResult> {
  const { runs, benchmark, schedule, panel, market, config } = work;
  const startRow = schedule.decisionRows[0];
  const dates = panel.dates.slice(startRow);
  const curves = runs.map((run): Curve => ({ name: run.plan.name, returns: equityReturns(run.simulation.equity) }));
  const index: Curve | null = benchmark && { name: benchmark.name, returns: benchmark.returns };
  const of = runs.length + (index ? 1 : 0);
  const strategies: StrategyOutcome[] = [];
  const deflation = deflator(curves.filter((_, k) => runs[k].plan.role !== 'baseline'));
  for (const [k, run] of runs.entries()) {
    context.emit({ stage: 'statistics', detail: run.plan.name, step: k, of });
    await context.breathe();
    strategies.push(strategyOutcome(work, run, curves[k], dates, deflation));
  }
  if (benchmark && index) strategies.push(indexOutcome(work, benchmark, dates));
  const comparisons = await compareAll(work, curves, index, context);
  const primary = runs[0];
  const about = comparisons.filter(({ strategy }) => strategy === primary.plan.name);
  const judged = runs.some(({ plan }) => plan.isReference)
    ? about[0]
    : about.find(({ against }) => against === EQUAL_WEIGHT);
  return {
    dates,
    assets: panel.assets,
    sectors: work.sectors,
    strategies,
    comparisons,
    folds: foldOutcomes(work, curves[0].returns),
    trials: trialsOf(runs, curves),
    audit: auditOf(work),
    capacity: runCapacity(work, curves[0], index ?? curves[curves.length - 1]),
    verdict: verdictOf(strategies[0], about),
    distinguishable: judged?.distinguishable ?? null,
    next: nextPortfolio({
      market,
      sectors: work.sectors,
      row: schedule.finalRow,
      lag: config.backtest.lag,
      targets: primary.nextTargets,
      held: primary.simulation.finalWeights,
      forecasts: lastForecasts(work, primary),
      constraints: primary.plan.constraints,
    }),
    training: trainingOf(work),
    warnings: [...work.warnings, ...stoppedNetworks(work)],
  };
}

function lastForecasts({ forecasts, market }: ResearchWork, run: StrategyRun): Float64Array | undefined {
  const outcome = run.plan.forecast && forecasts.get(run.plan.forecast.key);
  return outcome ? outcome.values.subarray(-market.assets.length) : undefined;
}

function curveOptions({ config }: ResearchWork, name: string) {
  const { seed, bootstrap } = config.experiment;
  return { ...bootstrap, seed: deriveSeed(seed, `bootstrap/${name}`) };
}

type Deflator = (returns: Float64Array) => Measured;

/** The deflated Sharpe ratio given what else was tried in this run; the ledger of all runs is the caller's. */
function deflator(tried: readonly Curve[]): Deflator {
  const samples = tried.map(({ returns }) => sharpeOrNull(returns)).filter((sample) => sample !== null);
  if (samples.length < 2) return () => unavailable('Only one strategy was tried: there is nothing to deflate.');
  const spread = variance(samples.map(({ sharpe }) => sharpe));
  return (returns) => {
    const sample = sharpeOrNull(returns);
    return sample
      ? measured(deflatedSharpe(sample, spread, samples.length), 'Not defined for these moments.')
      : unavailable('Not defined: the returns do not vary.');
  };
}

function strategyOutcome(
  work: ResearchWork,
  run: StrategyRun,
  curve: Curve,
  dates: readonly string[],
  deflation: Deflator,
): StrategyOutcome {
  const { plan, simulation } = run;
  const { market, benchmark, config } = work;
  const statistics = curveStatistics(dates, curve.returns, benchmark?.returns, curveOptions(work, plan.name));
  const filled = simulation.rebalances.filter(({ fillRow }) => fillRow >= 0);
  const years = curve.returns.length / PERIODS_PER_YEAR;
  const gross = equityReturns(simulation.grossEquity);
  return {
    name: plan.name,
    role: plan.role,
    summary: plan.summary,
    equity: scaled(simulation.equity, config.backtest.initialCapital),
    gross: scaled(simulation.grossEquity, config.backtest.initialCapital),
    exposure: simulation.exposure,
    rebalances: filled.map((record) => ({
      decided: market.dates[record.decisionRow],
      filled: market.dates[record.fillRow],
      turnover: record.turnover,
      cost: record.cost / record.equityBefore,
      holdings: holdingsOf(record),
    })),
    weights: stack(filled, market.assets.length),
    ...statistics,
    metrics: {
      ...statistics.metrics,
      ...(plan.role === 'baseline' ? {} : { dsr: deflation(curve.returns) }),
      ...tradingMeasures(filled, years),
      gross_sharpe: measured(
        (mean(gross) / standardDeviation(gross)) * Math.sqrt(PERIODS_PER_YEAR),
        'Not defined: the returns do not vary.',
      ),
    },
  };
}

/** Turnover and cost of trading; the first purchase counts as cost but not as turnover. */
function tradingMeasures(filled: readonly RebalanceRecord[], years: number): Record<string, Measured> {
  const later = filled.slice(1);
  const turnover = later.reduce((sum, { turnover: moved }) => sum + moved, 0);
  const cost = filled.reduce((sum, record) => sum + record.cost / record.equityBefore, 0);
  const none = 'There was no rebalance after the first purchase.';
  return {
    turnover: measured(turnover / later.length, none),
    turnover_annual: measured(later.length > 0 ? turnover / years : NaN, none),
    cost: measured(cost / years, 'The test period is empty.'),
    holdings: measured(
      filled.reduce((sum, record) => sum + holdingsOf(record), 0) / filled.length,
      'Nothing was bought.',
    ),
  };
}

function holdingsOf({ executed }: RebalanceRecord): number {
  return executed ? executed.filter((w) => Math.abs(w) > 1e-9).length : 0;
}

function stack(records: readonly RebalanceRecord[], n: number): Float64Array {
  const weights = new Float64Array(records.length * n);
  records.forEach(({ targets }, k) => {
    weights.set(targets, k * n);
  });
  return weights;
}

function scaled(values: Float64Array, by: number): Float64Array {
  return values.map((value) => value / by);
}

function indexOutcome(
  work: ResearchWork,
  { name, account, returns }: NonNullable<ResearchWork['benchmark']>,
  dates: readonly string[],
): StrategyOutcome {
  const { initialCapital } = work.config.backtest;
  const statistics = curveStatistics(dates, returns, undefined, curveOptions(work, name));
  return {
    name,
    role: 'benchmark',
    summary: 'The index, bought once and held',
    equity: scaled(account.equity, initialCapital),
    gross: scaled(account.gross, initialCapital),
    exposure: account.exposure,
    rebalances: [],
    weights: new Float64Array(0),
    ...statistics,
    metrics: {
      ...statistics.metrics,
      cost: { value: account.cost / initialCapital / (returns.length / PERIODS_PER_YEAR) },
    },
  };
}

/** Every strategy against equal weight and the index, the primary one first against simpler models, and equal weight against the index. */
async function compareAll(
  work: ResearchWork,
  curves: readonly Curve[],
  index: Curve | null,
  context: ResearchContext,
): Promise<Comparison[]> {
  const baseline = curves[curves.length - 1];
  const pairs = curves.flatMap((curve, k) =>
    [
      ...(k === 0 ? curves.filter((_, j) => work.runs[j].plan.isReference) : []),
      curve === baseline ? null : baseline,
      index,
    ]
      .filter((reference) => reference !== null)
      .map((reference) => ({ curve, reference })),
  );
  const comparisons: Comparison[] = [];
  for (const [k, { curve, reference }] of pairs.entries()) {
    context.emit({ stage: 'comparisons', detail: curve.name, step: k, of: pairs.length });
    await context.breathe();
    comparisons.push(compareCurves(curve, reference, curveOptions(work, `${curve.name}/${reference.name}`)));
  }
  return comparisons;
}

/** Distinct strategies tried, baselines left out, with their annual Sharpe ratio. */
function trialsOf(runs: readonly StrategyRun[], curves: readonly Curve[]): ResearchResult['trials'] {
  const trials = new Map<string, number | null>();
  runs.forEach(({ plan }, k) => {
    if (plan.role === 'baseline') return;
    const sample = sharpeOrNull(curves[k].returns);
    trials.set(plan.key, sample && sample.sharpe * Math.sqrt(PERIODS_PER_YEAR));
  });
  return [...trials].map(([key, sharpe]) => ({ key, sharpe }));
}

function auditOf({ forecasts, config, runs }: ResearchWork): ResearchResult['audit'] {
  let overlaps = 0;
  let checkedPairs = 0;
  for (const { plan, fits } of forecasts.values()) {
    overlaps += auditSplits(fits, plan.horizon, config.backtest.lag, config.backtest.embargo).overlaps;
    checkedPairs += fits.reduce((sum, fit) => sum + fit.lastTrainRow - fit.firstTrainRow + 1, 0);
  }
  const sameBarFills = runs
    .flatMap(({ simulation }) => simulation.rebalances)
    .filter(({ fillRow, decisionRow }) => fillRow >= 0 && fillRow <= decisionRow).length;
  return { overlaps, checkedPairs, sameBarFills, passed: overlaps === 0 && sameBarFills === 0 };
}

/** What every network of the run learned, fit by fit; empty where there is none. */
function trainingOf({ forecasts, runs, panel }: ResearchWork): ResearchResult['training'] {
  return [...forecasts.entries()].flatMap(([key, { plan, fits, training }]) => {
    if (training === undefined) return [];
    const strategies = runs.filter((run) => run.plan.forecast?.key === key).map((run) => run.plan.name);
    const reports = training.reports.map((report, k) => ({ fittedOn: panel.dates[fits[k].fitRow], ...report }));
    return [{ model: plan.spec.id, strategies, fits: reports }];
  });
}

function stoppedNetworks(work: ResearchWork): string[] {
  return trainingOf(work).flatMap(({ fits }) =>
    fits.flatMap(({ members }) =>
      members.flatMap(({ stopped }) => (stopped === null ? [] : [`${stopped} The best epoch before it was used.`])),
    ),
  );
}
