/** Mean daily range over the close. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { requireField, sizeOf } from '../price-changes';
import { rollingMean } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(1).lte(2000).default(10).meta({ title: 'Window', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'high-low-range',
    title: 'High-low range',
    summary: 'Mean over the window of (high − low) / close.',
    params,
    references: ['Parkinson 1980, The extreme value method for estimating the variance of the rate of return'],
    fields: ['high', 'low', 'close'],
    lookback: ({ window }) => window - 1,
  },
  compute: (panel, { window }) => {
    const high = requireField(panel, 'high');
    const low = requireField(panel, 'low');
    const { close } = panel.fields;
    const range = new Float64Array(close.length);
    for (let i = 0; i < range.length; i++) range[i] = (high[i] - low[i]) / close[i];
    return rollingMean(range, sizeOf(panel), window);
  },
};
