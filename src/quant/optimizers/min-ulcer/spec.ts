import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'min-ulcer',
  title: 'Minimum ulcer index',
  summary: 'Makes drawdowns shallow and short: the root mean square of all drawdowns.',
  params,
  references: ['Martin, McCann 1989, The investor’s guide to Fidelity funds'],
  needsForecast: false,
};
