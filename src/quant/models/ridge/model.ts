/** Ridge regression by normal equations of centered columns. */
import type { z } from 'zod';
import { leastNormSolve } from '#quant/learning/linear-system';
import { linearModel } from '../linear-model';
import { spec, type params } from './spec';

export const model = linearModel<z.infer<typeof params>>(spec, ({ A, b, features: K }, { alpha, relativeAlpha }) => {
  const penalized = A.slice();
  let trace = 0;
  for (let k = 0; k < K; k++) trace += A[k * K + k];
  const penalty = alpha ?? (relativeAlpha * trace) / K;
  for (let k = 0; k < K; k++) penalized[k * K + k] += penalty;
  return { coefficients: leastNormSolve(penalized, K, b), alpha: penalty };
});
