/** Average true range after Wilder, over the close. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { divideBy, sizeOf, trueRange } from '../price-changes';
import { rowsToForget, wilderAverage } from '../smoothing';

const params = z.strictObject({
  period: z.int().gte(1).lte(500).default(14).meta({ title: 'Period', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'average-true-range',
    title: 'Average true range',
    summary: 'Smoothed daily range including gaps, as a fraction of the price.',
    params,
    references: ['Wilder 1978, New Concepts in Technical Trading Systems'],
    fields: ['high', 'low', 'close'],
    recursive: true,
    lookback: ({ period }) => period + rowsToForget(1 / period),
    warmUp: ({ period }) => period,
  },
  compute: (panel, { period }) => divideBy(wilderAverage(trueRange(panel), sizeOf(panel), period), panel.fields.close),
};
