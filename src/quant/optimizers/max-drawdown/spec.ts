import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'max-drawdown',
  title: 'Smallest maximum drawdown',
  summary: 'Makes the deepest fall from a peak within the look-back as small as possible.',
  params,
  references: ['Chekhlov, Uryasev, Zabarankin 2005, Drawdown measure in portfolio optimization'],
  needsForecast: false,
};
