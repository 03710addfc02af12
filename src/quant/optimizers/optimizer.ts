/**
 * The optimizer interface: one decision date in, one weight vector out. Pure and synchronous.
 * Weights sum to the budget (1 − cash) and keep every bound to 1e-9, or the optimizer throws INFEASIBLE naming the constraints that conflict.
 */
import type { z } from 'zod';
import type { Spec } from '../spec';
import type { Constraints } from './constraints';

export interface OptimizerSpec<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** True where `expectedReturns` must be given. */
  readonly needsForecast: boolean;
}

export interface OptimizerInput {
  /** Length N. */
  readonly assets: readonly string[];
  /** [T, N] row-major simple daily returns up to and including the decision date; finite. */
  readonly returns: Float64Array;
  /** Length N: model forecast of the simple return over `horizon` days. */
  readonly expectedReturns?: Float64Array;
  /** Trading days that `expectedReturns` spans. */
  readonly horizon?: number;
  /** Sector per asset, '' where unknown; length N. */
  readonly sectors: readonly string[];
  /** Weights held just before the trade, length N; absent on the first date. */
  readonly currentWeights?: Float64Array;
  /** Weights of the benchmark, length N; for bounds relative to it. */
  readonly benchmarkWeights?: Float64Array;
  /** Average daily dollar volume, length N, currency; for the liquidity constraint. */
  readonly dollarVolume?: Float64Array;
  readonly constraints: Constraints;
}

export interface OptimizerResult {
  /** Length N, fractions of net asset value. */
  readonly weights: Float64Array;
  /** Facts worth showing (objective, iterations, active bounds); plain JSON. */
  readonly diagnostics: Readonly<Record<string, number | string | boolean>>;
}

export interface Optimizer<Params = unknown> {
  optimize(input: OptimizerInput, params: Params): OptimizerResult;
}
