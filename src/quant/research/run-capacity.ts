/**
 * How much money the primary strategy of a run could carry: the net asset value at which market impact would take what it earned over
 * its reference. An estimate from the run's own trades; where the data have no volume it says so instead.
 */
import { AppError } from '#base/errors';
import { mean } from '../array/stats';
import { type Capacity, capacityOf } from '../backtest/capacity';
import type { ImpactModel } from '../backtest/costs';
import { equityReturns, type Simulation } from '../backtest/simulation';
import type { Curve } from './comparisons';
import { type Measured, measured, unavailable } from '../metrics/measured';
import type { ResearchWork } from './run-research';
import { PERIODS_PER_YEAR } from './statistics';

/** Share of a day's volume that one may trade, for days to trade. */
const PARTICIPATION = 0.1;
/** The square-root law, where the run itself charges no impact (Grinold, Kahn 2000, ch. 16). */
const SQUARE_ROOT_LAW = { coefficient: 1, exponent: 0.5 };

export interface CapacityEstimate extends Omit<Capacity, 'capacity' | 'verdict'> {
  /** The index, or equal weight where there is none. */
  readonly against: string;
  /** Annual arithmetic return over `against`, before impact, fraction. */
  readonly excessReturn: number;
  /** Net asset value that the other figures are stated for, currency. */
  readonly capital: number;
  readonly dailyShare: number;
  /** `assumed`: the run charged none, so that the square-root law stands in. */
  readonly impact: ImpactModel & { readonly assumed: boolean };
}

export interface RunCapacity {
  /** Currency of the prices; null with the reason. */
  readonly netAssetValue: Measured;
  readonly verdict: string;
  readonly estimate: CapacityEstimate | null;
}

/** `curve` is the primary strategy's; `reference` is over the same days. */
export function runCapacity(work: ResearchWork, curve: Curve, reference: Curve): RunCapacity {
  const { market, runs, config } = work;
  const { simulation } = runs[0];
  if (market.volume === undefined) {
    return unknown('The dataset has no traded volume. Import volume to estimate capacity.');
  }
  const charged = config.backtest.costs.impact;
  const assumed = !(charged.coefficient > 0);
  const impact = { ...charged, ...(assumed ? SQUARE_ROOT_LAW : {}) };
  const capital = config.backtest.initialCapital;
  const excessReturn = (mean(curve.returns) - mean(reference.returns)) * PERIODS_PER_YEAR + impactPaid(simulation);
  try {
    const { capacity, verdict, ...figures } = capacityOf(market, simulation, {
      impact,
      capital,
      excessReturn,
      participation: PARTICIPATION,
    });
    return {
      netAssetValue: measured(capacity, 'Nothing was traded after the first purchase, so that impact takes nothing.'),
      verdict,
      estimate: {
        ...figures,
        against: reference.name,
        excessReturn,
        capital,
        dailyShare: PARTICIPATION,
        impact: { ...impact, assumed },
      },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return unknown(reasonOf(error));
  }
}

/** Impact that the account was charged, as an annual fraction of its average value. */
function impactPaid({ carry, equity }: Simulation): number {
  const years = equityReturns(equity).length / PERIODS_PER_YEAR;
  return years > 0 ? carry.impact / mean(equity) / years : 0;
}

function reasonOf({ code, data, message }: AppError): string {
  const asset = data?.['asset'];
  if (code !== 'INVALID_DATA' || typeof asset !== 'string') return message;
  return `${asset} was traded by the strategy but has no volume in the ${String(data?.['window'])} days to ${String(data?.['date'])}. Correct the volume or leave the asset out.`;
}

function unknown(reason: string): RunCapacity {
  return { netAssetValue: unavailable(reason), verdict: reason, estimate: null };
}
