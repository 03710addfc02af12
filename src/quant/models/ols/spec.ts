/** Ordinary least squares: what it says about itself. */
import { z } from 'zod';
import { linearMinRows } from '../linear-model';
import type { ModelSpec } from '../model';

export const params = z.strictObject({});

export const spec: ModelSpec<typeof params> = {
  id: 'ols',
  title: 'Ordinary least squares',
  summary: 'Linear regression without a penalty; the reference that shrinkage has to beat.',
  params,
  references: ['Legendre 1805; min ‖y − Xw − b‖², the solution of least norm where features are collinear'],
  minRows: linearMinRows,
};
