/**
 * The research pipeline, from prices to a defended portfolio: universe, features, purged walk-forward fits, constrained weights,
 * next-bar backtest with costs, honest statistics, and the next portfolio. Pure: the same configuration, panel and seed give the
 * same bits, whatever strategies run beside each other.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { type Market, prepareMarket } from '../backtest/market';
import { equityReturns } from '../backtest/simulation';
import { MomentLedger, type TrainingTable } from '../learning/training-rows';
import type { Panel } from '../panel';
import { auditSplits } from '../validation/split-audit';
import { assembleResult } from './assemble-result';
import type { ResearchConfig } from './config';
import type { ResearchContext } from './context';
import { firstCompleteRow, type ForecastRun, walkForwardForecasts } from './forecasts';
import { type IndexAccount, indexAccount } from './index-account';
import { forwardReturns } from './labels';
import { productPieces, type ResearchPieces, type SelectedFeatures } from './pieces';
import type { ResearchResult } from './result';
import { runStrategy, type StrategyRun } from './run-strategy';
import { type Fit, historyNeeded, planFits, planSchedule, type Schedule } from './schedule';
import { equalWeightPlan, type ForecastPlan, resolveStrategies, type StrategyPlan } from './strategies';

/** The market index on the dates of the panel. */
export interface Benchmark {
  readonly name: string;
  /** One level per panel date; NaN = missing. */
  readonly levels: Float64Array;
}

interface ForecastOutcome extends ForecastRun {
  readonly plan: ForecastPlan;
  readonly fits: readonly Fit[];
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

interface Prepared {
  readonly plan: ForecastPlan;
  readonly features: SelectedFeatures;
  /** First row on which an asset has every feature. */
  readonly warmUp: number;
  readonly table: TrainingTable;
  readonly ledger: MomentLedger;
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
  requireData(panel);
  const { backtest } = config;
  const plans = await resolveStrategies(config, pieces);
  const pointInTime = backtest.universe === 'point-in-time';
  const { membership: listed, ...unrestricted } = panel;
  const membership = pointInTime ? listed : undefined;
  const scope: Panel = membership ? { ...unrestricted, membership } : unrestricted;
  const sectors = panel.sectors ?? panel.assets.map(() => '');
  const market = prepareMarket(panel);

  const prepared = await prepareForecasts(plans, scope, market, backtest.lag, context, pieces);
  const schedule = scheduleFor(config, panel, prepared);
  const forecasts = new Map<string, ForecastOutcome>();
  for (const [key, item] of prepared) forecasts.set(key, await forecast(item, config, market, schedule, context));

  const runs: StrategyRun[] = [];
  for (const plan of [...plans, equalWeightPlan(config)]) {
    const values = plan.forecast === null ? undefined : forecasts.get(plan.forecast.key)?.values;
    runs.push(
      await runStrategy({ plan, market, sectors, membership, schedule, config: backtest, forecasts: values }, context),
    );
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
    warnings: [...warningsOf(panel, pointInTime, benchmark, prepared), ...neverEligible(runs[runs.length - 1], panel)],
  };
  return assembleResult(work, context);
}

function requireData(panel: Panel): void {
  const { dates, assets, fields } = panel;
  if (dates.length === 0 || assets.length === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected trading days and assets in the chosen range, found ${dates.length} days and ${assets.length} assets. ` +
        'Widen data.from and data.to or choose another dataset.',
      { data: { days: dates.length, assets: assets.length } },
    );
  }
  if (assets.length < 2) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 2 assets, found ${assets.length}. Import more assets.`, {
      data: { needed: 2, found: assets.length },
    });
  }
  const n = assets.length;
  const moves = fields.close.some(
    (price, at) => at >= n && price !== fields.close[at - n] && price > 0 && fields.close[at - n] > 0,
  );
  if (!moves && dates.length > 1) {
    throw new AppError(
      'INVALID_DATA',
      `Expected prices that change, found ${n} assets whose price never moves in ${dates.length} days. Check the imported columns.`,
      { data: { assets: n, days: dates.length } },
    );
  }
}

/** Features once per choice of features, labels and moments once per horizon, one entry per distinct forecast. */
async function prepareForecasts(
  plans: readonly StrategyPlan[],
  panel: Panel,
  market: Market,
  lag: number,
  context: ResearchContext,
  pieces: ResearchPieces,
): Promise<Map<string, Prepared>> {
  const selections = new Map<string, SelectedFeatures>();
  const tables = new Map<string, { table: TrainingTable; ledger: MomentLedger }>();
  const prepared = new Map<string, Prepared>();
  for (const { forecast: plan } of plans) {
    if (plan === null || prepared.has(plan.key)) continue;
    const choice = canonicalJson(plan.features);
    const features =
      selections.get(choice) ??
      (await pieces.features(plan.features, panel, async (step, of) => {
        context.emit({ stage: 'features', detail: '', step, of });
        await context.breathe();
      }));
    selections.set(choice, features);
    const target = `${choice}/${plan.horizon}`;
    const training = tables.get(target) ?? trainingTable(features, plan.horizon, lag, market);
    tables.set(target, training);
    prepared.set(plan.key, { plan, features, warmUp: firstCompleteRow(features.table), ...training });
  }
  return prepared;
}

function trainingTable({ table }: SelectedFeatures, horizon: number, lag: number, market: Market) {
  const training: TrainingTable = {
    names: table.names,
    columns: table.columns,
    labels: forwardReturns(market, horizon, lag),
    assets: table.assets.length,
    lag,
    horizon,
  };
  return { table: training, ledger: new MomentLedger(training) };
}

function scheduleFor(config: ResearchConfig, panel: Panel, prepared: ReadonlyMap<string, Prepared>): Schedule {
  const { backtest } = config;
  let needed = historyNeeded(backtest, null);
  let reason = `${backtest.lookback} for the risk look-back`;
  for (const { plan, warmUp } of prepared.values()) {
    const rows = historyNeeded(backtest, { warmUp, horizon: plan.horizon });
    if (rows <= needed) continue;
    needed = rows;
    reason =
      `${warmUp} before the features exist, ${backtest.window.train} to train, ` +
      `${rows - warmUp - backtest.window.train + 1} for purge and embargo`;
  }
  return planSchedule(panel.dates, backtest, needed, reason);
}

async function forecast(
  { plan, warmUp, table, ledger }: Prepared,
  config: ResearchConfig,
  market: Market,
  schedule: Schedule,
  context: ResearchContext,
): Promise<ForecastOutcome> {
  const { backtest, experiment } = config;
  const fits = planFits(market.dates, schedule, backtest, { warmUp, horizon: plan.horizon });
  const audit = auditSplits(fits, plan.horizon, backtest.lag, backtest.embargo);
  if (!audit.ok) {
    throw new AppError(
      'INTERNAL',
      `The plan trains ${plan.spec.id} on labels that are not known yet; the run was stopped.`,
    );
  }
  const run = await walkForwardForecasts(
    {
      plan,
      table,
      ledger,
      dates: market.dates,
      fits,
      rows: [...schedule.decisionRows, schedule.finalRow],
      seed: deriveSeed(experiment.seed, 'fit'),
    },
    context,
  );
  return { ...run, plan, fits };
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
