/**
 * The research pipeline, from prices to a defended portfolio: universe, features, purged walk-forward fits, constrained weights,
 * next-bar backtest with costs, honest statistics, and the next portfolio. Pure: the same configuration, panel and seed give the
 * same bits, whatever strategies run beside each other.
 */
import { AppError } from '#base/errors';
import type { Market } from '../backtest/market';
import { equityReturns } from '../backtest/simulation';
import type { Panel } from '../panel';
import { assembleResult } from './assemble-result';
import type { ResearchConfig } from './config';
import type { KeptNetwork, ResearchContext } from './context';
import { type IndexAccount, indexAccount } from './index-account';
import { productPieces, type ResearchPieces } from './pieces';
import { type ForecastOutcome, forecastWith, type Prepared, prepareResearch, strategyInput } from './prepare-research';
import type { ResearchResult } from './result';
import { runStrategy, type StrategyRun } from './run-strategy';
import type { Schedule } from './schedule';
import { equalWeightPlan } from './strategies';

/** The market index on the dates of the panel. */
export interface Benchmark {
  readonly name: string;
  /** One level per panel date; NaN = missing. */
  readonly levels: Float64Array;
}

/** Everything that a run computed, before it is put into words and tables. */
export interface ResearchWork {
  readonly config: ResearchConfig;
  readonly panel: Panel;
  readonly sectors: readonly string[];
  readonly market: Market;
  readonly schedule: Schedule;
  /** By key of the forecast plan. */
  readonly forecasts: ReadonlyMap<string, ForecastOutcome>;
  /** Primary first, then the comparisons, equal weight last. */
  readonly runs: readonly StrategyRun[];
  readonly benchmark: { readonly name: string; readonly account: IndexAccount; readonly returns: Float64Array } | null;
  readonly warnings: readonly string[];
}

/**
 * Runs one experiment. Errors: INVALID_CONFIG, NOT_ENOUGH_DATA and INVALID_DATA with the numbers needed and found; INFEASIBLE and what
 * else optimizers and models report, with strategy and date; CANCELLED.
 */
export async function runResearch(
  config: ResearchConfig,
  panel: Panel,
  benchmark: Benchmark | null,
  context: ResearchContext,
  pieces: ResearchPieces = productPieces,
): Promise<ResearchResult> {
  const stage = await prepareResearch(config, panel, context, pieces);
  const { plans, sectors, market, prepared, schedule } = stage;
  const forecasts = new Map<string, ForecastOutcome>();
  for (const [key, item] of prepared) forecasts.set(key, await forecastWith(item, stage, context));

  const runs: StrategyRun[] = [];
  for (const plan of [...plans, equalWeightPlan(config)]) {
    const values = plan.forecast === null ? undefined : forecasts.get(plan.forecast.key)?.values;
    runs.push(await runStrategy(strategyInput(stage, plan, values), context));
  }
  const work: ResearchWork = {
    config,
    panel,
    sectors,
    market,
    schedule,
    forecasts,
    runs,
    benchmark: benchmark && holdIndex(benchmark, config, schedule, panel.dates.length),
    warnings: [
      ...warningsOf(panel, config.backtest.universe === 'point-in-time', benchmark, prepared),
      ...neverEligible(runs[runs.length - 1], panel),
    ],
  };
  const result = await assembleResult(work, context);
  for (const kept of keptNetworks(work)) context.keepFitted?.(kept);
  return result;
}

function keptNetworks({ forecasts, runs, panel, config }: ResearchWork): KeptNetwork[] {
  return [...forecasts.entries()].flatMap(([key, { plan, fits, training, trainRows }]) => {
    const strategy = runs.find((run) => run.plan.forecast?.key === key);
    const last = fits[fits.length - 1];
    if (!training?.fitted || strategy === undefined) return [];
    return [
      {
        model: plan.spec.id,
        strategy: strategy.plan.name,
        fitted: training.fitted,
        features: { transform: plan.features.transform, winsorize: plan.features.winsorize },
        horizon: plan.horizon,
        lag: config.backtest.lag,
        refit: config.backtest.window.refit,
        trained: {
          from: panel.dates[last.firstTrainRow],
          to: panel.dates[last.lastTrainRow],
          cutoff: panel.dates[last.fitRow],
          rows: trainRows[trainRows.length - 1],
        },
      },
    ];
  });
}

function holdIndex(
  benchmark: Benchmark,
  { backtest }: ResearchConfig,
  schedule: Schedule,
  rows: number,
): NonNullable<ResearchWork['benchmark']> {
  if (benchmark.levels.length !== rows) {
    throw new AppError('INTERNAL', `Expected ${rows} benchmark levels, found ${benchmark.levels.length}.`);
  }
  const startRow = schedule.decisionRows[0];
  const account = indexAccount(benchmark.levels, {
    startRow,
    fillRow: startRow + backtest.lag,
    costs: backtest.costs,
    initialCapital: backtest.initialCapital,
  });
  return { name: benchmark.name, account, returns: equityReturns(account.equity) };
}

function warningsOf(
  panel: Panel,
  pointInTime: boolean,
  benchmark: Benchmark | null,
  prepared: ReadonlyMap<string, Prepared>,
): string[] {
  const warnings = new Set<string>();
  if (pointInTime && panel.membership === undefined) {
    warnings.add(
      'The dataset has no membership dates: its assets are those known today, which flatters every strategy (survivorship).',
    );
  }
  if (benchmark === null) warnings.add('The dataset has no index: strategies are compared with equal weight only.');
  for (const { features } of prepared.values()) for (const note of features.notes) warnings.add(note);
  return [...warnings];
}

/** Equal weight holds the whole universe: what it never wanted was never eligible. */
function neverEligible({ simulation, nextTargets }: StrategyRun, { assets }: Panel): string[] {
  const missing = assets.filter(
    (_, i) => nextTargets[i] === 0 && simulation.rebalances.every(({ targets }) => targets[i] === 0),
  );
  if (missing.length === 0) return [];
  const named = missing.slice(0, 8).join(', ');
  return [
    `${missing.length} of ${assets.length} assets were never in the universe (membership, a price on the day, 95 % of the look-back): ` +
      `${named}${missing.length > 8 ? ', …' : ''}.`,
  ];
}
