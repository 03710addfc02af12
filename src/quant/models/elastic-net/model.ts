/** Elastic net by coordinate descent on the Gram matrix. */
import type { z } from 'zod';
import { elasticNet, largestAlpha } from '../coordinate-descent';
import { linearModel } from '../linear-model';
import { spec, type params } from './spec';

export const model = linearModel<z.infer<typeof params>>(spec, (equations, params, signal) => {
  const { l1Ratio } = params;
  const alpha = params.alpha ?? params.relativeAlpha * largestAlpha(equations, l1Ratio);
  return { coefficients: elasticNet(equations, { alpha, l1Ratio }, signal), alpha };
});
