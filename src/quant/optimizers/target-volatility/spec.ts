import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  targetVolatility: z.number().gt(0).lt(5).default(0.15).meta({
    title: 'Target volatility',
    unit: 'fraction per year',
    description: 'Largest estimated volatility; daily volatility × √252.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
  whenUnreachable: z.enum(['nearest', 'refuse']).default('nearest').meta({
    title: 'When the target cannot be reached',
    description: 'Take the least volatile portfolio, or stop with an explanation. What was done is recorded.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'target-volatility',
  title: 'Target volatility',
  summary: 'The highest forecast return within the volatility you allow.',
  params,
  references: ['Markowitz 1952, Portfolio selection'],
  needsForecast: true,
};
