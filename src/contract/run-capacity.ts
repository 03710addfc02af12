/** How much money the primary strategy of a run could carry, as `runs show` answers it. */
import { z } from 'zod';
import { measureSchema } from './fields';

const fraction = z.number().meta({ unit: 'fraction' });
const days = z.number().meta({ unit: 'trading days' });
const currency = z.number().meta({ unit: 'currency of the prices' });

export const runCapacitySchema = z
  .object({
    netAssetValue: measureSchema.meta({
      unit: 'currency of the prices',
      description: 'Where impact takes the whole excess return; null with the reason.',
    }),
    verdict: z.string(),
    estimate: z
      .object({
        against: z.string(),
        excessReturn: fraction.meta({ description: 'A year, before impact.' }),
        capital: currency.meta({ description: 'What the figures below are stated for.' }),
        impactDrag: fraction.meta({ description: 'A year.' }),
        participation: z
          .object({ median: fraction, p95: fraction, largest: fraction })
          .meta({ description: 'Orders as shares of average daily notional.' }),
        daysToTrade: z.object({ median: days, worst: days }),
        dailyShare: fraction.meta({ description: 'Share of a day that days to trade assume.' }),
        orders: z.number().int(),
        impact: z.object({
          coefficient: z.number(),
          exponent: z.number(),
          window: z.number().int(),
          assumed: z.boolean().meta({ description: 'The run charged no impact; the square-root law stands in.' }),
        }),
      })
      .nullable(),
  })
  .meta({ id: 'RunCapacity' });
