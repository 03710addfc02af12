import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  targetReturn: z.number().gt(-1).lt(10).default(0.1).meta({
    title: 'Target return',
    unit: 'fraction per year',
    description: 'Least forecast return; scaled to the days that the forecast spans.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
  whenUnreachable: z.enum(['nearest', 'refuse']).default('nearest').meta({
    title: 'When the target cannot be reached',
    description:
      'Take the portfolio with the highest forecast, or stop with an explanation. What was done is recorded.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'target-return',
  title: 'Target return',
  summary: 'The least risk with at least the forecast return you ask for.',
  params,
  references: ['Markowitz 1952, Portfolio selection'],
  needsForecast: true,
};
