/** Rebalance-timing luck of a run, as `runs luck` answers it: the same strategy on every rebalance day that it could have had. */
import { z } from 'zod';

const fraction = z.number().meta({ unit: 'fraction' });

const offsetSchema = z.object({
  offset: z.number().int().meta({ unit: 'trading days', description: 'Days after the end of the period.' }),
  sharpe: z.number().nullable().meta({ description: 'Annual; null where the returns do not vary.' }),
  cagr: fraction,
  volatility: fraction,
  maxDrawdown: fraction.meta({ description: 'Negative.' }),
  growth: z.number().meta({ description: 'Final value of 1 invested.' }),
});

const spread = { low: z.number(), median: z.number(), high: z.number() };
const dispersionSchema = z
  .object({ ...spread, standardDeviation: z.number().meta({ description: 'Divisor n − 1.' }) })
  .meta({ id: 'TimingDispersion' });

export const timingLuckSchema = z
  .object({
    strategy: z.string(),
    rebalance: z.enum(['week', 'month', 'quarter']),
    from: z.string(),
    to: z.string(),
    days: z.number().int(),
    verdict: z.string(),
    sharpe: dispersionSchema.nullable().meta({ description: 'Null where no offset has a Sharpe ratio.' }),
    cagr: dispersionSchema,
    maxDrawdown: dispersionSchema,
    tranched: offsetSchema.omit({ offset: true }).meta({ description: 'All offsets as equal parts of one account.' }),
    offsets: z.array(offsetSchema),
  })
  .meta({ id: 'TimingLuck' });
export type TimingLuck = z.infer<typeof timingLuckSchema>;
