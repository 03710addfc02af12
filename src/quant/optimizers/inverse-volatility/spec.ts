import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({});

export const spec: OptimizerSpec<typeof params> = {
  id: 'inverse-volatility',
  title: 'Inverse volatility',
  summary: 'Weights in inverse proportion to volatility over the look-back; ignores correlation.',
  params,
  references: ['Leote de Carvalho, Lu, Moulin 2012, Demystifying equity risk-based strategies'],
  needsForecast: false,
};
