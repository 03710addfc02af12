/** What walk-forward forecasts are made from and what comes out, whichever kind of model makes them. */
import type { Market } from '../backtest/market';
import { spearmanRho } from '../inference/mean-difference';
import type { MomentLedger, TrainingTable } from '../learning/training-rows';
import type { FittedNetwork, TrainingReport } from '../models/panel-model';
import type { Fit } from './schedule';
import type { ForecastPlan } from './strategies';

export interface ForecastInput {
  readonly plan: ForecastPlan;
  readonly table: TrainingTable;
  /** Of the same table; shared by all models that train on it. */
  readonly ledger: MomentLedger;
  readonly market: Market;
  readonly sectors: readonly string[];
  readonly dates: readonly string[];
  readonly fits: readonly Fit[];
  /** Rows to forecast, ascending: the decisions and the final row. */
  readonly rows: readonly number[];
  readonly seed: number;
}

export interface ForecastRun {
  /** [rows, N]; NaN where an asset has no complete features. */
  readonly values: Float64Array;
  /** Pooled training rows of each fit. */
  readonly trainRows: readonly number[];
  /** Spearman correlation of forecast and outcome per row; NaN where the outcome is not known. */
  readonly rankIc: Float64Array;
  /** Grid values chosen at each fit; empty objects where nothing is tuned. */
  readonly tuned: readonly Readonly<Record<string, unknown>>[];
  /** Of networks: what every fit learned, and the last one. */
  readonly training?: { readonly reports: readonly TrainingReport[]; readonly fitted: FittedNetwork | null };
}

/** Spearman correlation of the forecasts of a date and their outcomes; NaN for fewer than 3 pairs. */
export function rankCorrelation(forecasts: Float64Array, labels: Float64Array, offset: number): number {
  const both = [...forecasts.keys()].filter(
    (i) => Number.isFinite(forecasts[i]) && Number.isFinite(labels[offset + i]),
  );
  if (both.length < 3) return NaN;
  return spearmanRho(
    Float64Array.from(both, (i) => forecasts[i]),
    Float64Array.from(both, (i) => labels[offset + i]),
  );
}
