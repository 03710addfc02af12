/** The risk report of one strategy of a run: what goes in, and the plain data that comes out. */
import type { Measured } from '../metrics/measured';
import type { RiskModelId } from './registry';

export interface RiskReportInput {
  /** ISO days of the prices, length T; the run may use only the last of them. */
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** Length N, '' = unknown. */
  readonly sectors: readonly string[];
  /** [T, N] row-major, NaN = missing. */
  readonly close: Float64Array;
  /** Levels on `dates`, NaN = missing. */
  readonly benchmark: { readonly name: string; readonly levels: Float64Array } | null;
  readonly strategy: {
    readonly name: string;
    /** ISO days of `equity`, a part of `dates`. */
    readonly dates: readonly string[];
    /** Net asset value, length of `dates`. */
    readonly equity: Float64Array;
    /** Days on which the targets were filled, ascending. */
    readonly fills: readonly string[];
    /** [fills, N] row-major target weights. */
    readonly weights: Float64Array;
  };
}

export interface TailRow {
  readonly model: RiskModelId;
  readonly title: string;
  readonly level: number;
  /** Of the strategy's realized daily returns. */
  readonly strategyVar: number | null;
  readonly strategyShortfall: number | null;
  /** Of the weights held on the last day, through the days of the window. */
  readonly portfolioVar: number | null;
  readonly portfolioShortfall: number | null;
  /** Why a number is null; null where there are all four. */
  readonly reason: string | null;
}

export interface CoverageRow {
  readonly model: RiskModelId;
  readonly level: number;
  readonly days: number;
  readonly exceptions: number;
  readonly expected: number;
  readonly coverageP: number;
  readonly independenceP: number;
  readonly shortfallStatistic: number | null;
  readonly verdict: string;
}

/** Daily, fractions of net asset value; the rows of a list add up to the total of each measure. */
export interface ContributionRow {
  readonly name: string;
  readonly weight: number;
  readonly volatility: number;
  readonly valueAtRisk: number;
  readonly shortfall: number;
}

export interface PortfolioRisk {
  /** Day of the weights. */
  readonly date: string;
  /** Days with a return of everything held. */
  readonly days: number;
  readonly level: number;
  readonly total: Omit<ContributionRow, 'name'>;
  readonly assets: readonly (ContributionRow & { readonly sector: string })[];
  readonly sectors: readonly ContributionRow[];
  /** The benchmark and what it does not explain; empty without a benchmark. */
  readonly factors: readonly ContributionRow[];
  readonly effectiveBets: Measured;
}

export interface ExposureHistory {
  readonly dates: readonly string[];
  readonly gross: readonly number[];
  readonly net: readonly number[];
  readonly holdings: readonly number[];
  readonly effectiveHoldings: readonly number[];
  readonly herfindahl: readonly number[];
  readonly topTen: readonly number[];
  /** Beta to the benchmark over the window before; null where it cannot be known. */
  readonly beta: readonly (number | null)[];
  readonly effectiveBets: readonly (number | null)[];
  readonly sectors: readonly { readonly name: string; readonly weights: readonly number[] }[];
}

export interface NamedPart {
  readonly name: string;
  readonly contribution: number;
}

export interface StressRow {
  readonly id: string;
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly return: number;
  readonly worst: number;
  readonly covered: number;
  readonly benchmark: number | null;
  /** The largest, losses first; with `others` they add up to the return. */
  readonly assets: readonly NamedPart[];
  readonly others: number;
}

export interface DrawdownRow {
  readonly peak: string;
  readonly trough: string;
  readonly recovery: string | null;
  readonly depth: number;
  /** The largest, losses first; with `others` and `residual` they add up to the depth. */
  readonly assets: readonly NamedPart[];
  readonly others: number;
  /** All sectors; with `residual` they add up to the depth. */
  readonly sectors: readonly NamedPart[];
  /** Costs, cash and what holdings do not explain. */
  readonly residual: number;
}

export interface RiskReport {
  readonly strategy: string;
  readonly benchmark: string | null;
  readonly from: string;
  readonly to: string;
  /** Days behind the numbers of the present portfolio. */
  readonly window: number;
  readonly tails: readonly TailRow[];
  readonly coverage: readonly CoverageRow[];
  readonly portfolio: PortfolioRisk | null;
  /** Why there is no portfolio. */
  readonly portfolioReason: string | null;
  readonly exposures: ExposureHistory;
  readonly stress: readonly StressRow[];
  readonly skipped: readonly { readonly id: string; readonly title: string; readonly reason: string }[];
  readonly drawdowns: readonly DrawdownRow[];
}
