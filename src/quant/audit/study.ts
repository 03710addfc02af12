/**
 * One experiment as the guards see it: prices in, everything that was decided out, with the row on which it was decided.
 * The product's pipeline is one (`research-study.ts`); tests plant leaks by making others.
 */
import type { FeatureTable } from '../features/feature-table';
import type { ResearchConfig } from '../research/config';
import type { ResearchContext } from '../research/context';
import type { StrategyRole } from '../research/result';
import type { PriceData } from '../research/select-data';
import type { Range } from '../validation/splits';

/** Something computed, as a digest of its bits. */
export interface TracedStep {
  /** Row at whose close it is known; −1 where the experiment ended too early to tell. */
  readonly row: number;
  /** `fit ridge`, `weights hrp`, … */
  readonly what: string;
  readonly digest: string;
}

/** One fit and what it is tested on, in rows of the panel. */
export interface TracedFold {
  /** Row at whose close the model was fitted; null in cross-validation, where training may follow the test. */
  readonly fitRow: number | null;
  /** Ascending. */
  readonly train: readonly Range[];
  readonly test: readonly Range[];
  /** Pooled training rows that the report states, and that the model was really handed; null where no model was fitted. */
  readonly statedRows: number;
  readonly fittedRows: number | null;
  /** Mean rank IC of the fold's decisions as the pipeline reports it; null where there is no forecast. */
  readonly rankIc: number | null;
  readonly decisions: number;
}

export interface TracedStrategy {
  readonly name: string;
  readonly role: StrategyRole;
  /** Daily returns after and before costs. */
  readonly net: Float64Array;
  readonly gross: Float64Array;
  readonly cagr: number | null;
  readonly fills: readonly { readonly decisionRow: number; readonly fillRow: number }[];
  /** [fills, N] target weights. */
  readonly weights: Float64Array;
}

export interface Trace {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** As the pipeline computed them; null where it uses none. */
  readonly features: FeatureTable | null;
  /** In the order in which they were computed. */
  readonly steps: readonly TracedStep[];
  readonly folds: readonly TracedFold[];
  /** Primary first. */
  readonly strategies: readonly TracedStrategy[];
  /** What optimizers were allowed to hold, by decision. */
  readonly offered: readonly { readonly row: number; readonly assets: readonly string[] }[];
  /** Assets forecast at each decision of the primary strategy. */
  readonly forecastCounts: readonly number[];
  /** The error that ended the experiment early; what was computed before it is in `steps`. */
  readonly stopped: string | null;
}

export interface TraceOptions {
  /** Leave the comparisons out. */
  readonly primaryOnly?: boolean;
  /** Permute every cross-section of forecasts among its assets with this seed. */
  readonly shuffleForecasts?: number;
}

export interface Study {
  /** Rows from a decision to the last price that its label reads; 0 where nothing is forecast. */
  readonly labelReach: number;
  /** Null where the strategies need none. */
  features(data: PriceData): Promise<FeatureTable | null>;
  /** Assets that may be held on each of these rows, ascending. */
  universe(data: PriceData, rows: readonly number[]): Int32Array[];
  /** The whole experiment. Errors: CANCELLED; with `stopped` set instead where the experiment itself fails. */
  trace(data: PriceData, options?: TraceOptions): Promise<Trace>;
}

/** What an audit is about. */
export interface AuditSubject {
  readonly config: ResearchConfig;
  /** The prices that the run was given, holdout left out. */
  readonly data: PriceData;
  /** The experiment under a configuration: the run's own, or one that a guard varies. */
  study(config: ResearchConfig): Study;
}

export type AuditContext = ResearchContext;
