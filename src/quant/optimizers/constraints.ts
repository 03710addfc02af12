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
    sectorFloors: z
      .record(z.string(), z.number().gte(0).lte(1))
      .optional()
      .meta({ title: 'Floors of single sectors', unit: 'fraction of NAV' }),
    assetCaps: z.record(z.string(), z.number().gte(0).lte(1)).optional().meta({
      title: 'Caps of single assets',
      unit: 'fraction of NAV',
      description: 'The tighter of this and the largest weight holds.',
    }),
    assetFloors: z.record(z.string(), z.number().gte(-1).lte(1)).optional().meta({
      title: 'Floors of single assets',
      unit: 'fraction of NAV',
    }),
    activeBound: z.number().gt(0).lte(1).optional().meta({
      title: 'Largest active weight',
      unit: 'fraction of NAV',
      description: 'Distance of every weight from its benchmark weight; needs benchmark weights.',
    }),
    sectorActiveBound: z.number().gt(0).lte(1).optional().meta({
      title: 'Largest active sector weight',
      unit: 'fraction of NAV',
      description: 'Distance of every sector from its benchmark weight; needs benchmark weights.',
    }),
    minPosition: z.number().gt(0).lte(1).optional().meta({
      title: 'Smallest position',
      unit: 'fraction of NAV',
      description: 'Every asset is held with at least this weight or not at all; long only.',
    }),
    liquidity: z
      .strictObject({
        volumeShare: z.number().gt(0).lte(1).meta({ title: 'Share of daily volume', unit: 'fraction of ADV' }),
        days: z.number().gt(0).meta({ title: 'Days to trade a position', unit: 'trading days' }),
        portfolioValue: z.number().gt(0).meta({ title: 'Portfolio value', unit: 'currency' }),
      })
      .optional()
      .meta({
        title: 'Liquidity',
        description:
          'No position larger than can be sold in these days at this share of the average daily dollar volume.',
      }),
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
