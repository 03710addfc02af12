/** What a research run gives back: plain data with typed arrays, the same bits for the same identity. */
import type { Measured } from '../metrics/measured';
import type { TrainingReport } from '../models/panel-model';
import type { RunCapacity } from './run-capacity';

/** A measure with the bounds of its confidence interval, where it has one. */
export type IntervalMeasure = Measured & { readonly low?: number; readonly high?: number };

export type StrategyRole = 'primary' | 'compare' | 'baseline' | 'benchmark';

export interface RebalanceRecord {
  /** Date whose close the decision knows. */
  readonly decided: string;
  readonly filled: string;
  /** One-way, ½ Σ|Δw|. */
  readonly turnover: number;
  /** Fraction of net asset value. */
  readonly cost: number;
  readonly holdings: number;
}

export interface StrategyOutcome {
  readonly name: string;
  readonly role: StrategyRole;
  /** One sentence: model, optimizer. */
  readonly summary: string;
  /** Length T of `dates`; starts at 1. */
  readonly equity: Float64Array;
  /** Before costs, length T; starts at 1. */
  readonly gross: Float64Array;
  /** Invested share of net asset value, length T. */
  readonly exposure: Float64Array;
  readonly rebalances: readonly RebalanceRecord[];
  /** [rebalances, N] row-major target weights over `assets`; empty for the benchmark. */
  readonly weights: Float64Array;
  /** cagr, volatility, sharpe, psr, max_drawdown, sortino, calmar, turnover, cost, … */
  readonly metrics: Readonly<Record<string, IntervalMeasure>>;
  readonly drawdowns: readonly {
    readonly depth: number;
    readonly peak: string | null;
    readonly trough: string;
    readonly recovery: string | null;
    readonly days: number;
  }[];
  readonly monthly: readonly { readonly month: string; readonly return: number }[];
  /** Length T; null where the window is not full. */
  readonly rollingSharpe: Float64Array;
}

export interface Comparison {
  readonly strategy: string;
  readonly against: string;
  readonly sharpeDifference: IntervalMeasure;
  readonly pValue: number | null;
  readonly method: string;
  readonly verdict: string;
  readonly distinguishable: boolean | null;
}

export interface FoldOutcome {
  readonly trainFrom: string;
  readonly trainTo: string;
  readonly testFrom: string;
  readonly testTo: string;
  /** Training dates dropped because their label reaches the test window. */
  readonly purged: number;
  readonly trainRows: number;
  /** Of the primary strategy: return, sharpe, rank_ic; null where not computable. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

export interface ConstraintCheck {
  readonly constraint: string;
  readonly limit: number | null;
  readonly value: number;
  readonly slack: number | null;
  readonly satisfied: boolean;
  readonly note: string;
}

export interface NextPortfolio {
  readonly decidedOn: string;
  readonly fillOn: string;
  readonly cash: number;
  readonly weights: readonly {
    readonly asset: string;
    readonly sector: string;
    readonly weight: number;
    readonly forecast: number | null;
    readonly price: number;
    readonly lower: number;
    readonly upper: number;
  }[];
  readonly checks: readonly ConstraintCheck[];
}

export interface ResearchResult {
  /** Out-of-sample trading days, common to all strategies; length T. */
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  readonly sectors: readonly string[];
  readonly strategies: readonly StrategyOutcome[];
  readonly comparisons: readonly Comparison[];
  readonly folds: readonly FoldOutcome[];
  /** Distinct strategies tried in this run, by canonical text of what decides their weights. */
  readonly trials: readonly { readonly key: string; readonly sharpe: number | null }[];
  readonly audit: {
    readonly overlaps: number;
    readonly checkedPairs: number;
    readonly sameBarFills: number;
    readonly passed: boolean;
  };
  /** Of the primary strategy. */
  readonly capacity: RunCapacity;
  /** The verdict sentence about the primary strategy. */
  readonly verdict: string;
  readonly distinguishable: boolean | null;
  readonly next: NextPortfolio;
  /** Of networks: what every fit learned, epoch by epoch. */
  readonly training: readonly {
    readonly model: string;
    /** Names of the strategies that forecast with it. */
    readonly strategies: readonly string[];
    readonly fits: readonly ({ readonly fittedOn: string } & TrainingReport)[];
  }[];
  readonly warnings: readonly string[];
}
