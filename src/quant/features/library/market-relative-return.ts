/** Return less the equal-weight mean return of the date's members. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { lessMarketMean } from '../group-means';
import { changeOver, sizeOf } from '../price-changes';

const params = z.strictObject({
  rows: z.int().gte(1).lte(2000).default(63).meta({ title: 'Length', unit: 'trading days' }),
  skip: z.int().gte(0).lte(1000).default(0).meta({ title: 'Ending', unit: 'trading days ago' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'market-relative-return',
    title: 'Market-relative return',
    summary:
      'Return over the window less the mean return of all members; ranks like the plain return, unlike it in level.',
    params,
    references: [
      'Grundy, Martin 2001, Understanding the nature of the risks and the source of the rewards to momentum',
    ],
    fields: ['close'],
    lookback: ({ rows, skip }) => rows + skip,
  },
  compute: (panel, { rows, skip }) => lessMarketMean(changeOver(panel.fields.close, sizeOf(panel), rows, skip), panel),
};
