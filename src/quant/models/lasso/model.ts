/** Lasso: the elastic net with absolute-value penalty only. */
import type { z } from 'zod';
import { elasticNet, largestAlpha } from '../coordinate-descent';
import { linearModel } from '../linear-model';
import { spec, type params } from './spec';

export const model = linearModel<z.infer<typeof params>>(spec, (equations, { alpha, relativeAlpha }, signal) => {
  const penalty = alpha ?? relativeAlpha * largestAlpha(equations, 1);
  return { coefficients: elasticNet(equations, { alpha: penalty, l1Ratio: 1 }, signal), alpha: penalty };
});
