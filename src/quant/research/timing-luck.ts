/**
 * Rebalance-timing luck: the same strategy at every offset of the rebalance day within its period, all from the same first day.
 * What differs between the offsets is luck, not skill (Hoffstein, Faber, Braun 2019); tranches average it away.
 * Features, fits and forecasts are computed once for all offsets.
 */
import { mean, quantile, standardDeviation } from '../array/stats';
import { equityReturns, type Simulation } from '../backtest/simulation';
import type { Panel } from '../panel';
import type { ResearchConfig } from './config';
import type { ResearchContext } from './context';
import { productPieces, type ResearchPieces } from './pieces';
import { forecastWith, prepareResearch, strategyInput } from './prepare-research';
import { runStrategy } from './run-strategy';
import { PERIOD_ROWS } from './schedule';
import { PERIODS_PER_YEAR } from './statistics';

export interface OffsetOutcome {
  /** Trading days after the period end on which this one rebalances. */
  readonly offset: number;
  /** Annual; null where the returns do not vary. */
  readonly sharpe: number | null;
  readonly cagr: number;
  readonly volatility: number;
  /** Negative. */
  readonly maxDrawdown: number;
  /** Final value of 1 invested. */
  readonly growth: number;
}

export interface Dispersion {
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** Divisor n − 1. */
  readonly standardDeviation: number;
}

export interface TimingLuckReport {
  readonly strategy: string;
  readonly offsets: readonly OffsetOutcome[];
  /** Null where no offset has a Sharpe ratio. */
  readonly sharpe: Dispersion | null;
  readonly cagr: Dispersion;
  readonly maxDrawdown: Dispersion;
  /** All offsets as equal tranches of one account. */
  readonly tranched: OffsetOutcome;
  /** Returns of every offset, [offsets][days − 1]. */
  readonly returns: readonly Float64Array[];
  readonly firstDate: string;
  readonly days: number;
  readonly verdict: string;
}

/**
 * `config.backtest.tranches` is ignored: every offset is one tranche. Models are refitted at the first decision of each refit period
 * among all offsets and shared, so that offsets differ by the day of trading only. Errors: as `runResearch`.
 */
export async function timingLuck(
  config: ResearchConfig,
  panel: Panel,
  context: ResearchContext,
  pieces: ResearchPieces = productPieces,
): Promise<TimingLuckReport> {
  const count = PERIOD_ROWS[config.backtest.rebalance];
  const staggered: ResearchConfig = {
    ...config,
    backtest: { ...config.backtest, tranches: count },
    experiment: { ...config.experiment, compare: [], baselines: false },
  };
  const stage = await prepareResearch(staggered, panel, context, pieces);
  const [plan] = stage.plans;
  const prepared = plan.forecast && stage.prepared.get(plan.forecast.key);
  const forecasts = prepared ? (await forecastWith(prepared, stage, context)).values : undefined;
  const { simulation, tranches } = await runStrategy(strategyInput(stage, plan, forecasts), context);
  return luckOf(plan.name, simulation, tranches, panel.dates);
}

/** The report on simulations that started on the same day, one per offset, and their sum. */
export function luckOf(
  strategy: string,
  whole: Simulation,
  parts: readonly Simulation[],
  dates: readonly string[],
): TimingLuckReport {
  const offsets = parts.map((part, offset) => outcomeOf(part, offset));
  const sharpes = offsets.map((outcome) => outcome.sharpe).filter((value) => value !== null);
  const sharpe = sharpes.length > 0 ? dispersion(sharpes) : null;
  const cagr = dispersion(offsets.map((outcome) => outcome.cagr));
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  return {
    strategy,
    offsets,
    sharpe,
    cagr,
    maxDrawdown: dispersion(offsets.map((outcome) => outcome.maxDrawdown)),
    tranched: outcomeOf(whole, -1),
    returns: parts.map(({ equity }) => equityReturns(equity)),
    firstDate: dates[whole.firstRow],
    days: whole.equity.length,
    verdict:
      `Choosing another rebalance day moves the annual return of ${strategy} between ${percent(cagr.low)} and ${percent(cagr.high)}` +
      (sharpe ? ` and its Sharpe ratio between ${sharpe.low.toFixed(2)} and ${sharpe.high.toFixed(2)}` : '') +
      ` over ${parts.length} offsets: differences of that size are timing luck.`,
  };
}

function outcomeOf({ equity }: Simulation, offset: number): OffsetOutcome {
  const returns = equityReturns(equity);
  const deviation = standardDeviation(returns);
  const growth = equity[equity.length - 1] / equity[0];
  let peak = equity[0];
  let maxDrawdown = 0;
  for (const value of equity) {
    peak = Math.max(peak, value);
    maxDrawdown = Math.min(maxDrawdown, value / peak - 1);
  }
  return {
    offset,
    sharpe: deviation > 0 ? (mean(returns) / deviation) * Math.sqrt(PERIODS_PER_YEAR) : null,
    cagr: growth ** (PERIODS_PER_YEAR / returns.length) - 1,
    volatility: deviation * Math.sqrt(PERIODS_PER_YEAR),
    maxDrawdown,
    growth,
  };
}

function dispersion(values: readonly number[]): Dispersion {
  return {
    low: Math.min(...values),
    median: quantile(values, 0.5),
    high: Math.max(...values),
    standardDeviation: values.length > 1 ? standardDeviation(values) : 0,
  };
}
