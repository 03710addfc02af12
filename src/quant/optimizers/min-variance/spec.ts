import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({ covariance: covarianceChoice.default('ledoit-wolf') });

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-variance',
  title: 'Minimum variance',
  summary: 'The least volatile portfolio that the constraints allow; needs no forecast.',
  params,
  references: ['Markowitz 1952, Portfolio selection', 'Clarke, de Silva, Thorley 2006, Minimum-variance portfolios'],
  needsForecast: false,
};
