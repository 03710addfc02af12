/** Ordinary least squares by normal equations of centered columns. */
import type { z } from 'zod';
import { leastNormSolve } from '#quant/learning/linear-system';
import { linearModel } from '../linear-model';
import { spec, type params } from './spec';

export const model = linearModel<z.infer<typeof params>>(spec, ({ A, b, features }) => ({
  coefficients: leastNormSolve(A, features, b),
}));
