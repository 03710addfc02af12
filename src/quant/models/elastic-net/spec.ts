/** Elastic net: what it says about itself. */
import { z } from 'zod';
import { linearMinRows } from '../linear-model';
import type { ModelSpec } from '../model';
import { alphaParam, relativeAlphaParam } from '../penalty-params';

export const params = z.strictObject({
  alpha: alphaParam,
  relativeAlpha: relativeAlphaParam(0.1, 'α as a share of the smallest α that removes every feature.'),
  l1Ratio: z.number().gt(0).lte(1).default(0.5).meta({
    title: 'Share of the absolute-value penalty',
    description: '1 is the lasso; smaller keeps groups of similar features together.',
  }),
});

export const spec: ModelSpec<typeof params> = {
  id: 'elastic-net',
  title: 'Elastic net',
  summary: 'Linear regression between ridge and lasso: removes weak features, keeps groups together.',
  params,
  references: [
    'Zou, Hastie 2005, Regularization and variable selection via the elastic net; ' +
      'min (1/2n)‖y − Xw − b‖² + α ρ ‖w‖₁ + ½ α (1 − ρ) ‖w‖₂²',
  ],
  minRows: linearMinRows,
};
