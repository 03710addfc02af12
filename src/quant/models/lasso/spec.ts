/** Lasso: what it says about itself. */
import { z } from 'zod';
import { linearMinRows } from '../linear-model';
import type { ModelSpec } from '../model';
import { alphaParam, relativeAlphaParam } from '../penalty-params';

export const params = z.strictObject({
  alpha: alphaParam,
  relativeAlpha: relativeAlphaParam(0.1, 'α as a share of the smallest α that removes every feature.'),
});

export const spec: ModelSpec<typeof params> = {
  id: 'lasso',
  title: 'Lasso',
  summary: 'Linear regression that removes weak features and keeps a few.',
  params,
  references: ['Tibshirani 1996, Regression shrinkage and selection via the lasso; min (1/2n)‖y − Xw − b‖² + α ‖w‖₁'],
  minRows: linearMinRows,
};
