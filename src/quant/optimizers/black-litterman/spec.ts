import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  covariance: covarianceChoice.default('ledoit-wolf'),
  riskAversion: z
    .number()
    .gt(0)
    .default(5)
    .meta({ title: 'Risk aversion', description: 'δ of the prior and of the choice.' }),
  tau: z.number().gt(0).lte(1).default(0.05).meta({ title: 'Tau', description: 'Uncertainty of the prior mean.' }),
  confidence: z.number().gt(0).lt(1).default(0.5).meta({
    title: 'Confidence in the forecasts',
    description:
      'c in Ω = diag(τS)(1 − c)/c. The squared information coefficient is a cautious choice; ½ is He and Litterman’s.',
  }),
  prior: z.enum(['equal', 'benchmark']).default('equal').meta({
    title: 'Prior weights',
    description: 'Whose equilibrium returns hold where the forecasts say nothing.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'black-litterman',
  title: 'Black–Litterman',
  summary: 'Blends the forecasts with equilibrium returns by their confidence, then trades return against risk.',
  params,
  references: [
    'Black, Litterman 1992, Global portfolio optimization',
    'He, Litterman 1999, The intuition behind Black-Litterman model portfolios',
  ],
  needsForecast: true,
};
