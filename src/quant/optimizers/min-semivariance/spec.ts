import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  target: z.enum(['mean', 'zero']).default('mean').meta({
    title: 'Falls below',
    description: 'Days below the average return of the portfolio, or days with a loss.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-semivariance',
  title: 'Minimum semivariance',
  summary: 'Only falls below a target count as risk; needs no forecast.',
  params,
  references: ['Markowitz 1959, Portfolio selection, chapter 9'],
  needsForecast: false,
};
