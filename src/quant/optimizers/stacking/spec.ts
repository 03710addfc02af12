import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  members: z
    .array(z.string())
    .min(1)
    .default(['equal-weight', 'inverse-volatility', 'min-variance'])
    .meta({ title: 'Optimizers', description: 'Identifiers; each runs with its default parameters.' }),
  weighting: z.enum(['equal', 'utility']).default('equal').meta({
    title: 'Weighting',
    description: 'Equal, or by the utility of each over the last part of the look-back, which it did not see.',
  }),
  holdout: z.number().gt(0).lte(0.5).default(0.3).meta({
    title: 'Unseen part',
    unit: 'fraction of the look-back',
  }),
  riskAversion: z.number().gt(0).default(5).meta({ title: 'Risk aversion', description: 'γ of the utility.' }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'stacking',
  title: 'Stack of optimizers',
  summary: 'Mixes the portfolios of several optimizers; the mistakes of one weigh less.',
  params,
  references: ['Wolpert 1992, Stacked generalization', 'Tu, Zhou 2011, Markowitz meets Talmud'],
  needsForecast: false,
};
