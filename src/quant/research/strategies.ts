/** The strategies of a run, resolved from the configuration: names made unique, pieces loaded, parameters checked. */
import { AppError } from '#base/errors';
import { canonicalJson } from '#base/canonical-json';
import type { ModelSpec } from '../models/model';
import type { LoadedModel } from '../models/load';
import { isPanelModel } from '../models/panel-model';
import { type Constraints, constraintsSchema } from '../optimizers/constraints';
import type { BoundOptimizer } from '../optimizers/load';
import type { OptimizerInput, OptimizerResult, OptimizerSpec } from '../optimizers/optimizer';
import type { ResearchConfig, Strategy } from './config';
import { parseParams, planTuning, type TuningPlan } from '../tuning/tuning-plan';
import type { ResearchPieces } from './pieces';
import type { StrategyRole } from './result';

export interface ForecastPlan {
  readonly spec: ModelSpec;
  readonly model: LoadedModel['model'];
  readonly params: unknown;
  readonly horizon: number;
  readonly features: Strategy['features'];
  /** Sets of parameters to choose from inside every training window; `params` alone where nothing is tuned. */
  readonly tuning: TuningPlan | null;
  /** Equal keys give equal forecasts. */
  readonly key: string;
}

export interface StrategyPlan {
  readonly name: string;
  readonly role: StrategyRole;
  readonly summary: string;
  /** Null where the optimizer needs no forecast. */
  readonly forecast: ForecastPlan | null;
  optimize(input: OptimizerInput): OptimizerResult;
  readonly constraints: Constraints;
  /** True where the primary strategy has to be judged against it: a simpler model on the same dates and costs. */
  readonly isReference: boolean;
  /** Canonical text of everything that decides the weights. */
  readonly key: string;
}

export const EQUAL_WEIGHT = 'equal-weight';
const MIN_VARIANCE = 'min-variance';
const MOST_NETWORK_FITS = 60;

/** The baseline that every run includes: the same amount in every asset of the universe, without constraints. */
export function equalWeightPlan(config: ResearchConfig): StrategyPlan {
  return {
    name: EQUAL_WEIGHT,
    role: 'baseline',
    summary: 'The same amount in every asset of the universe, no constraints',
    forecast: null,
    optimize: ({ assets }) => ({
      weights: new Float64Array(assets.length).fill(1 / assets.length),
      diagnostics: {},
    }),
    constraints: constraintsSchema.parse({}),
    isReference: false,
    key: canonicalJson({ optimizer: EQUAL_WEIGHT, backtest: weightDeciding(config) }),
  };
}

/** The backtest settings that decide weights; costs and capital only decide what they earn. */
function weightDeciding({ backtest }: ResearchConfig) {
  const { window, purge, embargo, rebalance, lag, lookback, universe, tranches } = backtest;
  const staggered = tranches > 1 ? { tranches } : {};
  return { window, purge, embargo, rebalance, lag, lookback, universe, ...staggered };
}

interface Wish {
  readonly name: string | undefined;
  readonly role: StrategyRole;
  readonly strategy: Strategy;
  readonly path: string;
}

/** Errors: INVALID_CONFIG with the path, NOT_FOUND for an unknown piece. */
export async function resolveStrategies(config: ResearchConfig, pieces: ResearchPieces): Promise<StrategyPlan[]> {
  const wishes: Wish[] = [
    { name: undefined, role: 'primary', strategy: config.model, path: 'model' },
    ...config.experiment.compare.map((wish, i): Wish => {
      const { name, ...changes } = wish;
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      return { name, role: 'compare', strategy: { ...config.model, ...given }, path: `experiment.compare.${i}` };
    }),
  ];
  const plans: StrategyPlan[] = [];
  for (const wish of wishes) plans.push(await resolve(wish, config, pieces));
  await addBaselines(plans, config, pieces);
  const names = new Set<string>();
  for (const { name } of plans) {
    if (names.has(name) || name === EQUAL_WEIGHT) {
      throw new AppError(
        'INVALID_CONFIG',
        `Expected different names for all strategies, found "${name}" twice (equal-weight always runs as the baseline). Rename one.`,
        { data: { path: 'experiment.compare', name } },
      );
    }
    names.add(name);
  }
  return plans;
}

/** A network has to beat simpler models: they run beside it, whether or not somebody thought of them. */
async function addBaselines(plans: StrategyPlan[], config: ResearchConfig, pieces: ResearchPieces): Promise<void> {
  const ids = plans[0].forecast?.spec.baselines ?? [];
  if (ids.length === 0 || !config.experiment.baselines) return;
  const { model } = config;
  const wishes: readonly { readonly name: string; readonly strategy: Strategy; readonly isReference: boolean }[] = [
    ...ids.map((id) => ({ name: id, strategy: { ...model, forecast: { id, params: {} } }, isReference: true })),
    {
      name: MIN_VARIANCE,
      strategy: { ...model, forecast: null, optimizer: { id: MIN_VARIANCE, params: {} } },
      isReference: false,
    },
  ];
  for (const { name, strategy, isReference } of wishes) {
    const isTaken = plans.some((plan) => plan.name === name);
    const wish: Wish = { name: isTaken ? `${name} (baseline)` : name, role: 'compare', strategy, path: 'model' };
    const plan = await resolve(wish, config, pieces);
    const same = plans.findIndex(({ key }) => key === plan.key);
    if (same < 0) plans.push({ ...plan, isReference });
    else if (same > 0 && isReference) plans[same] = { ...plans[same], isReference };
  }
}

async function resolve(wish: Wish, config: ResearchConfig, pieces: ResearchPieces): Promise<StrategyPlan> {
  const { strategy, path } = wish;
  const bound = bind(strategy.optimizer, `${path}.optimizer`, pieces);
  const { spec } = bound;
  const forecast = spec.needsForecast ? await resolveForecast(strategy, spec, path, pieces) : null;
  const decided = {
    forecast: forecast?.key ?? null,
    optimizer: { id: spec.id, params: spec.params.parse(strategy.optimizer.params) },
    constraints: strategy.constraints,
    backtest: weightDeciding(config),
  };
  const ownName = forecast === null ? spec.id : `${forecast.spec.id}-${spec.id}`;
  return {
    name: wish.name ?? (ownName === EQUAL_WEIGHT ? `${EQUAL_WEIGHT}-constrained` : ownName),
    role: wish.role,
    summary: forecast === null ? `${spec.title}, no forecast` : `${forecast.spec.title} forecast, ${spec.title}`,
    forecast,
    optimize: (input) => bound.optimize(input),
    constraints: strategy.constraints,
    isReference: false,
    key: canonicalJson(decided),
  };
}

/** Adds the path in the configuration to what is wrong with it. */
function bind({ id, params }: Strategy['optimizer'], path: string, pieces: ResearchPieces): BoundOptimizer {
  try {
    return pieces.optimizer(id, params);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `${path}: ${error.message}`, { data: { ...error.data, path }, cause: error });
  }
}

async function resolveForecast(
  strategy: Strategy,
  optimizer: OptimizerSpec,
  path: string,
  pieces: ResearchPieces,
): Promise<ForecastPlan> {
  if (strategy.forecast === null) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a forecast model for the optimizer "${optimizer.id}", found null. Name one in ${path}.forecast or choose an ` +
        'optimizer that needs none.',
      { data: { path: `${path}.forecast`, optimizer: optimizer.id } },
    );
  }
  const { spec, model } = await pieces.model(strategy.forecast.id);
  const params = parseParams(spec, strategy.forecast.params, `${path}.forecast.params`);
  const { horizon, features } = strategy;
  const { tune } = strategy.forecast;
  const tuning = tune ? planTuning(spec, strategy.forecast.params, tune, `${path}.forecast.tune`) : null;
  if (tuning && isPanelModel(model)) requireBoundedSearch(spec.id, tuning, `${path}.forecast.tune`);
  const tuned = tune ? { tune } : {};
  const key = canonicalJson({ id: spec.id, params, horizon, features, ...tuned });
  return { spec, model, params, horizon, features, tuning, key };
}

/** A network is trained anew for every combination, fold and seed at every refit: a grid for ridge would take it weeks. */
function requireBoundedSearch(id: string, { candidates, folds }: TuningPlan, path: string): void {
  const fits = candidates.length * folds;
  if (fits <= MOST_NETWORK_FITS) return;
  throw new AppError(
    'INVALID_CONFIG',
    `Expected at most ${MOST_NETWORK_FITS} fits of "${id}" per refit to tune it, found ${candidates.length} combinations × ${folds} folds = ${fits} in ${path}. ` +
      'Name fewer values or folds; sextant runs plan says what a search takes.',
    { data: { path, most: MOST_NETWORK_FITS, found: fits } },
  );
}
