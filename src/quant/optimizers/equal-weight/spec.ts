import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'equal-weight',
  title: 'Equal weight',
  summary: 'The same weight for every asset; needs no estimates and is hard to beat.',
  params,
  references: ['DeMiguel, Garlappi, Uppal 2009, Optimal versus naive diversification'],
  needsForecast: false,
};
