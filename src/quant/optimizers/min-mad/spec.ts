import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-mad',
  title: 'Minimum absolute deviation',
  summary: 'The smallest mean absolute deviation from the average; less swayed by single days than variance.',
  params,
  references: ['Konno, Yamazaki 1991, Mean-absolute deviation portfolio optimization model'],
  needsForecast: false,
};
