/** One strategy through the market: universe, optimizer and account at every decision, and the target on the last date. */
import { AppError } from '#base/errors';
import { LIQUIDITY_WINDOW, liquidityAt } from '../backtest/liquidity';
import type { Market } from '../backtest/market';
import type { Simulation } from '../backtest/simulation';
import { TranchedAccount } from '../backtest/tranched-account';
import type { Constraints } from '../optimizers/constraints';
import type { OptimizerInput } from '../optimizers/optimizer';
import type { BacktestConfig } from './config';
import type { ResearchContext } from './context';
import type { Schedule } from './schedule';
import type { StrategyPlan } from './strategies';
import { returnsWindow, universeAt } from './universe';

/** Weights that sum to less than this are rounding. */
const ROUNDING = 1e-12;

export interface StrategyInput {
  readonly plan: StrategyPlan;
  readonly market: Market;
  readonly sectors: readonly string[];
  readonly membership: Uint8Array | undefined;
  readonly schedule: Schedule;
  readonly config: BacktestConfig;
  /** [decisions + 1, N] where the strategy forecasts; NaN = no forecast. */
  readonly forecasts: Float64Array | undefined;
  /**
   * Targets by decision that do not depend on what is held, shared between runs that differ in costs or capital only.
   * A decision enters it only if the optimizer never read the held weights.
   */
  readonly memo?: Map<number, Float64Array>;
}

export interface StrategyRun {
  readonly plan: StrategyPlan;
  readonly simulation: Simulation;
  /** Target on the last date, length N. */
  readonly nextTargets: Float64Array;
  /** The sub-accounts; the simulation itself where there is one. */
  readonly tranches: readonly Simulation[];
}

/** Errors: what the optimizer reports, with strategy and date; NOT_ENOUGH_DATA; CANCELLED. */
export async function runStrategy(input: StrategyInput, context: ResearchContext): Promise<StrategyRun> {
  const { plan, market, schedule, config } = input;
  const { decisionRows, finalRow, due } = schedule;
  const account = new TranchedAccount(
    market,
    {
      startRow: decisionRows[0],
      endRow: finalRow,
      lag: config.lag,
      costs: config.costs,
      rates: config.rates,
      initialCapital: config.initialCapital,
      delistingReturn: config.delistingReturn,
    },
    config.tranches,
  );
  const of = decisionRows.length + 1;
  for (const [k, row] of decisionRows.entries()) {
    context.emit({ stage: 'backtest', detail: plan.name, step: k, of });
    await context.breathe();
    account.advanceTo(row);
    if (k === 0) {
      const first = targetsAt(input, k, row, undefined);
      account.order(due[k], () => first);
      continue;
    }
    const targets = new Map(due[k].map((j) => [j, targetsAt(input, k, row, account.weightsOf(j))]));
    account.order(due[k], (j) => targets.get(j) ?? new Float64Array(0));
  }
  account.advanceTo(finalRow);
  const next = nextDue(due, config.tranches);
  const target = targetsAt(input, of - 1, finalRow, account.weightsOf(next));
  const nextTargets = account.blendedTargets([next], () => target);
  const { whole, tranches } = account.finish();
  context.emit({ stage: 'backtest', detail: plan.name, step: of, of });
  return { plan, simulation: whole, nextTargets, tranches };
}

/** The tranche that decides after the last decision in the data. */
function nextDue(due: Schedule['due'], tranches: number): number {
  const last = due[due.length - 1];
  return due.length > 1 ? (last[last.length - 1] + 1) % tranches : 0;
}

/** Target weights over all assets for the `index`-th decision. */
function targetsAt(input: StrategyInput, index: number, row: number, held: Float64Array | undefined): Float64Array {
  const { plan, market, config, memo } = input;
  const known = memo?.get(index);
  if (known) return known;
  const n = market.assets.length;
  let free = plan.constraints.turnoverLimit === undefined;
  let chosen = universeAt(market, row, { lookback: config.lookback, membership: input.membership });
  const forecasts = input.forecasts?.subarray(index * n, (index + 1) * n);
  if (forecasts) chosen = chosen.filter((i) => Number.isFinite(forecasts[i]));
  const pick = (values: Float64Array) => Float64Array.from(chosen, (i) => values[i]);
  const targets = new Float64Array(n);
  try {
    if (chosen.length < 2) {
      throw new AppError('NOT_ENOUGH_DATA', `Expected forecasts for at least 2 assets, found ${chosen.length}.`, {
        data: { needed: 2, found: chosen.length },
      });
    }
    const asked: OptimizerInput = {
      assets: Array.from(chosen, (i) => market.assets[i]),
      returns: returnsWindow(market, row, config.lookback, chosen),
      sectors: Array.from(chosen, (i) => input.sectors[i]),
      constraints: held ? afterForcedSales(plan.constraints, held, chosen) : plan.constraints,
      ...(forecasts && plan.forecast ? { expectedReturns: pick(forecasts), horizon: plan.forecast.horizon } : {}),
      ...(held ? { currentWeights: pick(held) } : {}),
      ...(plan.constraints.liquidity && market.volume ? { dollarVolume: dollarVolumes(market, row, chosen) } : {}),
    };
    const watched = memo ? watchHeld(asked, () => (free = false)) : asked;
    const { weights } = plan.optimize(watched);
    chosen.forEach((i, j) => {
      targets[i] = weights[j];
    });
  } catch (error) {
    throw located(error, plan.name, market.dates[row]);
  }
  if (free) memo?.set(index, targets);
  return targets;
}

/** Average daily traded notional of the chosen assets up to the row, currency. */
function dollarVolumes(market: Market, row: number, chosen: Int32Array): Float64Array {
  return Float64Array.from(chosen, (i) => liquidityAt(market, row, i, LIQUIDITY_WINDOW).adv);
}

/** The same input that reports when its held weights are read. */
function watchHeld(input: OptimizerInput, onRead: () => void): OptimizerInput {
  const { currentWeights, ...rest } = input;
  if (currentWeights === undefined) return input;
  return {
    ...rest,
    get currentWeights() {
      onRead();
      return currentWeights;
    },
  };
}

/**
 * Assets that left the universe are sold whatever the optimizer does: what that takes of the turnover limit is not there for the rest.
 * Errors: INFEASIBLE where nothing is left.
 */
function afterForcedSales(constraints: Constraints, held: Float64Array, chosen: Int32Array): Constraints {
  const limit = constraints.turnoverLimit;
  if (limit === undefined) return constraints;
  let leaving = held.reduce((sum, w) => sum + Math.abs(w), 0);
  for (const i of chosen) leaving -= Math.abs(held[i]);
  if (leaving <= ROUNDING) return constraints;
  if (leaving / 2 >= limit) {
    throw new AppError(
      'INFEASIBLE',
      `Expected a one-way turnover of at most ${percent(limit)}, found that selling what left the universe alone takes ` +
        `${percent(leaving / 2)}. Raise the turnover limit or widen the universe.`,
      { data: { constraints: ['turnoverLimit'], limit, forced: leaving / 2 } },
    );
  }
  return { ...constraints, turnoverLimit: limit - leaving / 2 };
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(4))} %`;
}

/** Adds strategy and date to an expected error; anything else is a bug and passes unchanged. */
function located(error: unknown, strategy: string, date: string): unknown {
  if (!(error instanceof AppError) || error.code === 'CANCELLED') return error;
  return new AppError(error.code, `${strategy} on ${date}: ${error.message}`, {
    data: { ...error.data, strategy, date },
    cause: error,
  });
}
