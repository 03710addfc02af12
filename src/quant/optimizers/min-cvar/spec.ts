import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  confidence: z.number().gt(0).lt(1).default(0.95).meta({
    title: 'Confidence',
    unit: 'share of days outside the tail',
    description: 'At 0.95 the mean loss of the worst 5 % of days is made as small as possible.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-cvar',
  title: 'Minimum CVaR',
  summary: 'The smallest mean loss of the worst days of the look-back; needs no forecast.',
  params,
  references: ['Rockafellar, Uryasev 2000, Optimization of conditional value-at-risk'],
  needsForecast: false,
};
