/** Return less the equal-weight mean return of the date's members in the same sector. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { lessSectorMean } from '../group-means';
import { changeOver, sizeOf } from '../price-changes';

const params = z.strictObject({
  rows: z.int().gte(1).lte(2000).default(126).meta({ title: 'Length', unit: 'trading days' }),
  skip: z.int().gte(0).lte(1000).default(0).meta({ title: 'Ending', unit: 'trading days ago' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'sector-relative-return',
    title: 'Sector-relative return',
    summary:
      'Return over the window less the mean return of the sector’s members; assets of unknown sector form one group.',
    params,
    references: ['Moskowitz, Grinblatt 1999, Do industries explain momentum?'],
    fields: ['close'],
    needsSectors: true,
    lookback: ({ rows, skip }) => rows + skip,
  },
  compute: (panel, { rows, skip }) => lessSectorMean(changeOver(panel.fields.close, sizeOf(panel), rows, skip), panel),
};
