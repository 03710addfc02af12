import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  benchmark: z.enum(['equal-weight', 'inverse-volatility']).default('equal-weight').meta({
    title: 'Benchmark',
    description: 'What is tracked where neither these parameters nor the data give benchmark weights.',
  }),
  benchmarkWeights: z.record(z.string(), z.number().gte(0)).optional().meta({
    title: 'Benchmark weights',
    unit: 'relative weight per asset',
    description: 'Scaled to the assets that may be held on the date; assets not named have weight 0.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'tracking-error',
  title: 'Minimum tracking error',
  summary: 'Follows a benchmark with the least active risk that the constraints allow.',
  params,
  references: ['Roll 1992, A mean/variance analysis of tracking error'],
  needsForecast: false,
};
