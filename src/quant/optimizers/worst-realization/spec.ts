import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'worst-realization',
  title: 'Smallest worst day',
  summary: 'Makes the worst day of the look-back as mild as possible.',
  params,
  references: ['Young 1998, A minimax portfolio selection rule with linear programming solution'],
  needsForecast: false,
};
