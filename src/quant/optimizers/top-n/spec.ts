import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  count: z.int().gte(1).default(20).meta({ title: 'Assets held', unit: 'assets' }),
  weighting: z.enum(['equal', 'score']).default('equal').meta({
    title: 'Weighting',
    description: 'Equal, or in proportion to how far the forecast lies above the median of all assets.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'top-n',
  title: 'Top N',
  summary: 'Holds the assets with the highest forecasts.',
  params,
  references: ['Jegadeesh, Titman 1993, Returns to buying winners and selling losers'],
  needsForecast: true,
};
