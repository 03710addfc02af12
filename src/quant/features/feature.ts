/** The feature interface: a pure function of a panel whose value at row t uses rows t−lookback … t only. */
import type { z } from 'zod';
import type { Panel, PriceField } from '../panel';
import type { Spec } from '../spec';

export interface FeatureSpec<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** Panel fields that must be there. */
  readonly fields: readonly PriceField[];
  /** True where the panel must name sectors. */
  readonly needsSectors?: boolean;
  /** True where rows older than the look-back still count, with a weight below 1e-12, instead of not at all. */
  readonly recursive?: boolean;
  /** Rows before t that the value at t may depend on (recursive smoothers declare the rows after which the seed's weight is < 1e-12). */
  lookback(params: z.infer<Params>): number;
  /** Rows from the start of a series without a value; absent = the look-back. */
  warmUp?(params: z.infer<Params>): number;
}

export interface Feature<Params extends z.ZodType = z.ZodType> {
  readonly spec: FeatureSpec<Params>;
  /** → [T, N] row-major; NaN where undefined. */
  compute(panel: Panel, params: z.infer<Params>): Float64Array;
}
