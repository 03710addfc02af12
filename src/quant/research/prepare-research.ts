/**
 * The first half of a research run: universe, features, labels and the schedule; and the forecasts of one plan. Everything that is
 * shared between strategies, rebalance offsets, validation paths and the configurations of a sweep is computed once here.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { type Market, prepareMarket } from '../backtest/market';
import { isPanelModel } from '../models/panel-model';
import { MomentLedger, type TrainingTable } from '../learning/training-rows';
import type { Panel } from '../panel';
import { auditSplits } from '../validation/split-audit';
import type { ResearchConfig } from './config';
import type { ResearchContext } from './context';
import type { ForecastRun } from './forecast-run';
import { firstCompleteRow, walkForwardForecasts } from './forecasts';
import { forwardReturns } from './labels';
import { historyOf } from './panel-slices';
import type { ResearchPieces, SelectedFeatures } from './pieces';
import type { StrategyInput } from './run-strategy';
import { type Fit, historyNeeded, planFits, planSchedule, type Schedule } from './schedule';
import { type ForecastPlan, resolveStrategies, type StrategyPlan } from './strategies';

export interface ForecastOutcome extends ForecastRun {
  readonly plan: ForecastPlan;
  readonly fits: readonly Fit[];
}

export interface Prepared {
  readonly plan: ForecastPlan;
  readonly features: SelectedFeatures;
  /** First row on which an asset has every feature. */
  readonly warmUp: number;
  readonly table: TrainingTable;
  readonly ledger: MomentLedger;
}

/** What configurations on one panel can share, by content key. Never to be used with another panel. */
export interface StageCache {
  readonly selections: Map<string, SelectedFeatures>;
  readonly tables: Map<string, { readonly table: TrainingTable; readonly ledger: MomentLedger }>;
  market: Market | undefined;
}

export function stageCache(): StageCache {
  return { selections: new Map(), tables: new Map(), market: undefined };
}

export interface ResearchStage {
  readonly config: ResearchConfig;
  readonly market: Market;
  readonly sectors: readonly string[];
  readonly membership: Uint8Array | undefined;
  /** Primary first, without the baseline. */
  readonly plans: readonly StrategyPlan[];
  /** By key of the forecast plan. */
  readonly prepared: ReadonlyMap<string, Prepared>;
  readonly schedule: Schedule;
}

/** Errors: INVALID_CONFIG, NOT_ENOUGH_DATA and INVALID_DATA with the numbers needed and found; CANCELLED. */
export async function prepareResearch(
  config: ResearchConfig,
  panel: Panel,
  context: ResearchContext,
  pieces: ResearchPieces,
  cache: StageCache = stageCache(),
): Promise<ResearchStage> {
  requireData(panel);
  const { backtest } = config;
  const plans = await resolveStrategies(config, pieces);
  const { membership: listed, ...unrestricted } = panel;
  const membership = backtest.universe === 'point-in-time' ? listed : undefined;
  const scope: Panel = membership ? { ...unrestricted, membership } : unrestricted;
  const sectors = panel.sectors ?? panel.assets.map(() => '');
  const market = (cache.market ??= prepareMarket(panel));
  const prepared = await prepareForecasts(plans, scope, market, backtest.lag, context, pieces, cache);
  const schedule = scheduleFor(config, panel, prepared);
  return { config, market, sectors, membership, plans, prepared, schedule };
}

/** What `runStrategy` needs to run one plan of a stage. */
export function strategyInput(
  { market, sectors, membership, schedule, config }: ResearchStage,
  plan: StrategyPlan,
  forecasts: Float64Array | undefined,
): StrategyInput {
  return { plan, market, sectors, membership, schedule, config: config.backtest, forecasts };
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
  cache: StageCache,
): Promise<Map<string, Prepared>> {
  const { selections, tables } = cache;
  const prepared = new Map<string, Prepared>();
  for (const { forecast: plan } of plans) {
    if (plan === null || prepared.has(plan.key)) continue;
    const choice = canonicalJson({ features: plan.features, pointInTime: panel.membership !== undefined });
    const features =
      selections.get(choice) ??
      (await pieces.features(plan.features, panel, async (step, of) => {
        context.emit({ stage: 'features', detail: '', step, of });
        await context.breathe();
      }));
    selections.set(choice, features);
    const target = `${choice}/${plan.horizon}/${lag}`;
    const training = tables.get(target) ?? trainingTable(features, plan.horizon, lag, market);
    tables.set(target, training);
    prepared.set(plan.key, { plan, features, warmUp: warmUpOf(plan, firstCompleteRow(features.table)), ...training });
  }
  return prepared;
}

/** A panel model needs its features and returns for some rows before it can judge anything. */
function warmUpOf(plan: ForecastPlan, first: number): number {
  if (!isPanelModel(plan.model)) return first;
  const { features, returns } = historyOf(plan.model, plan);
  return Math.max(first + features - 1, returns);
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

/** Walk-forward forecasts of one prepared plan on every decision and the final row. Errors: as `walkForwardForecasts`. */
export async function forecastWith(
  { plan, warmUp, table, ledger }: Prepared,
  { config, market, sectors, schedule }: ResearchStage,
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
      market,
      sectors,
      dates: market.dates,
      fits,
      rows: [...schedule.decisionRows, schedule.finalRow],
      seed: deriveSeed(experiment.seed, 'fit'),
    },
    context,
  );
  return { ...run, plan, fits };
}
