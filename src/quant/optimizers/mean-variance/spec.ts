import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  riskAversion: z.number().gt(0).default(5).meta({
    title: 'Risk aversion',
    description: 'γ in μᵀw − (γ/2) wᵀΣw; larger is calmer. 2 is bold, 10 cautious.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'mean-variance',
  title: 'Mean–variance',
  summary: 'Trades the forecast return against risk, under the constraints.',
  params,
  references: ['Markowitz 1952, Portfolio selection'],
  needsForecast: true,
};
