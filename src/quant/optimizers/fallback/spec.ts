import { z } from 'zod';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  chain: z
    .array(z.string())
    .min(1)
    .default(['min-variance', 'inverse-volatility', 'equal-weight'])
    .meta({ title: 'Optimizers in order', description: 'Identifiers; each runs with its default parameters.' }),
  on: z
    .array(z.enum(['NOT_CONVERGED', 'SINGULAR', 'INVALID_DATA', 'NOT_ENOUGH_DATA']))
    .default(['NOT_CONVERGED', 'SINGULAR'])
    .meta({ title: 'Failures that move on', description: 'Any other failure ends the run.' }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'fallback',
  title: 'Chain of optimizers',
  summary: 'Asks one optimizer after another until one answers, and records which and why.',
  params,
  references: [],
  needsForecast: false,
};
