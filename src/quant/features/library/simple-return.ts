/** Simple return over some rows, optionally ending some rows ago. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { changeOver, sizeOf } from '../price-changes';

const params = z.strictObject({
  rows: z.int().gte(1).lte(2000).default(1).meta({ title: 'Length', unit: 'trading days' }),
  lag: z.int().gte(0).lte(2000).default(0).meta({ title: 'Lag', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'simple-return',
    title: 'Return',
    summary: 'Simple return of the last rows; with a lag, of the rows before them.',
    params,
    references: ['Jegadeesh 1990, Evidence of predictable behavior of security returns'],
    fields: ['close'],
    lookback: ({ rows, lag }) => rows + lag,
  },
  compute: (panel, { rows, lag }) => changeOver(panel.fields.close, sizeOf(panel), rows, lag),
};
