/** The feature interface: a pure function of a panel whose value at row t uses rows t−lookback … t only. */
import type { z } from 'zod';
import type { Panel } from '../panel';
import type { Spec } from '../spec';

export interface FeatureSpec<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** Rows before t that the value at t may depend on (recursive smoothers declare the rows after which the seed's weight is < 1e-12). */
  lookback(params: z.infer<Params>): number;
}

export interface Feature<Params extends z.ZodType = z.ZodType> {
  readonly spec: FeatureSpec<Params>;
  /** → [T, N] row-major; NaN where undefined. */
  compute(panel: Panel, params: z.infer<Params>): Float64Array;
}
