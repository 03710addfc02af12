/** Portfolio constraints as a person states them; every optimizer honors all of them or explains why it cannot. */
import { z } from 'zod';

export const constraintsSchema = z
  .strictObject({
    longOnly: z.boolean().default(true).meta({ title: 'Long only', description: 'No negative weights.' }),
    maxWeight: z.number().gt(0).lte(1).default(1).meta({ title: 'Largest weight', unit: 'fraction of NAV' }),
    sectorCap: z
      .number()
      .gt(0)
      .lte(1)
      .optional()
      .meta({ title: 'Largest sector weight', unit: 'fraction of NAV', description: 'Applied to every sector.' }),
    sectorCaps: z
      .record(z.string(), z.number().gte(0).lte(1))
      .optional()
      .meta({ title: 'Caps of single sectors', unit: 'fraction of NAV', description: 'Overrides the common cap.' }),
    turnoverLimit: z.number().gt(0).lte(1).optional().meta({
      title: 'Turnover limit',
      unit: 'one-way fraction of NAV per rebalance',
      description: '½ Σ|Δw|; not applied to the first purchase.',
    }),
    maxHoldings: z.int().gte(1).optional().meta({ title: 'Most holdings', unit: 'assets' }),
    cash: z.number().gte(0).lt(1).default(0).meta({ title: 'Cash kept', unit: 'fraction of NAV' }),
  })
  .meta({ id: 'Constraints', title: 'Constraints' });

export type Constraints = z.infer<typeof constraintsSchema>;
