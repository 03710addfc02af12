import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  temperature: z.number().gt(0).lte(1000).default(1).meta({
    title: 'Temperature',
    description:
      'Scores are divided by it: small values concentrate, large ones spread. 1 is what the Sharpe loss trains.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'softmax',
  title: 'Softmax of scores',
  summary:
    'Weights in proportion to the exponential of each score: the portfolio that networks with the Sharpe loss are trained on.',
  params,
  references: ['Zhang, Zohren, Roberts 2020, Deep learning for portfolio optimization'],
  needsForecast: true,
};
