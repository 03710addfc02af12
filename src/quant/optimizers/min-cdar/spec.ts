import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  confidence: z.number().gt(0).lt(1).default(0.95).meta({
    title: 'Confidence',
    unit: 'share of days outside the tail',
    description: 'At 0.95 the mean of the deepest 5 % of daily drawdowns is made as small as possible.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-cdar',
  title: 'Minimum CDaR',
  summary: 'The smallest mean of the deepest drawdowns of the look-back.',
  params,
  references: ['Chekhlov, Uryasev, Zabarankin 2005, Drawdown measure in portfolio optimization'],
  needsForecast: false,
};
