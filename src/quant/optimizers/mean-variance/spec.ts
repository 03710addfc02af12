import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  riskAversion: z.number().gt(0).default(5).meta({
    title: 'Risk aversion',
    description: 'γ in μᵀw − (γ/2) wᵀΣw; larger is calmer. 2 is bold, 10 cautious.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
  costAversion: z.number().gte(0).default(0).meta({
    title: 'Cost of trading',
    unit: 'basis points of the amount traded',
    description:
      'κ in μᵀw − (γ/2) wᵀΣw − κ Σ|w − held|. A trade happens only where it pays for itself; 0 ignores costs.',
  }),
  noTradeZone: z.number().gte(0).lt(1).default(0).meta({
    title: 'No-trade zone',
    unit: 'fraction of NAV',
    description:
      'Positions that would change by less stay as they are, where the constraints allow it; the rest is optimized around them.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'mean-variance',
  title: 'Mean–variance',
  summary: 'Trades the forecast return against risk, under the constraints.',
  params,
  references: ['Markowitz 1952, Portfolio selection', 'Davis, Norman 1990, Portfolio selection with transaction costs'],
  needsForecast: true,
};
