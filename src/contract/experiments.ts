/** Experiments: runs that carry the same name in their configuration. They are not stored apart, so none is ever empty or out of date. */
import { z } from 'zod';
import { instantField, pageInput } from './fields';
import { operation } from './operation';

export const experimentSummarySchema = z
  .object({
    name: z.string(),
    runs: z.number().int(),
    finished: z.number().int(),
    /** Highest annual Sharpe ratio of a primary strategy, net of costs; of many runs it is partly luck. */
    bestSharpe: z.number().nullable(),
    createdAt: instantField,
    latestAt: instantField,
  })
  .meta({ id: 'ExperimentSummary' });
export type ExperimentSummary = z.infer<typeof experimentSummarySchema>;

export const experiments = {
  list: operation({
    method: 'GET',
    path: '/experiments',
    summary: 'Experiments, those with the newest run first',
    input: z.strictObject({ ...pageInput, search: z.string().max(200).optional() }),
    output: z.object({ experiments: z.array(experimentSummarySchema), total: z.number().int() }),
  }),
};
