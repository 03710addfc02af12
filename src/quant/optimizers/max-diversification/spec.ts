import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({ covariance: covarianceChoice.default('ledoit-wolf') });

export const spec: OptimizerSpec<typeof params> = {
  id: 'max-diversification',
  title: 'Maximum diversification',
  summary: 'The largest ratio of average volatility to portfolio volatility; needs no forecast.',
  params,
  references: ['Choueifaty, Coignard 2008, Toward maximum diversification'],
  needsForecast: false,
};
