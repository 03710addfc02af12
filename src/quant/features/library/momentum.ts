/** Momentum: the return from `from` rows ago to `skip` rows ago; 252 and 21 are the 12-1 of the literature. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { changeOver, sizeOf } from '../price-changes';

const params = z
  .strictObject({
    from: z.int().gte(2).lte(2000).default(252).meta({ title: 'From', unit: 'trading days ago' }),
    skip: z.int().gte(0).lte(1000).default(21).meta({
      title: 'To',
      unit: 'trading days ago',
      description: 'The last month is left out because short-term returns tend to reverse.',
    }),
  })
  .refine(({ from, skip }) => skip < from, { error: 'Expected skip to be smaller than from.', path: ['skip'] });

export const feature: Feature<typeof params> = {
  spec: {
    id: 'momentum',
    title: 'Momentum',
    summary: 'Return of the past year without its last month.',
    params,
    references: ['Jegadeesh, Titman 1993, Returns to buying winners and selling losers'],
    fields: ['close'],
    lookback: ({ from }) => from,
  },
  compute: (panel, { from, skip }) => changeOver(panel.fields.close, sizeOf(panel), from - skip, skip),
};
