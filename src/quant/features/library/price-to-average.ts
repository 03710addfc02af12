/** Price over its moving average, minus one. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { sizeOf } from '../price-changes';
import { rollingMean } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(50).meta({ title: 'Window', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'price-to-average',
    title: 'Price to moving average',
    summary: 'How far the close is above or below its simple moving average.',
    params,
    references: ['Brock, Lakonishok, LeBaron 1992, Simple technical trading rules'],
    fields: ['close'],
    lookback: ({ window }) => window - 1,
  },
  compute: (panel, { window }) => {
    const { close } = panel.fields;
    const average = rollingMean(close, sizeOf(panel), window);
    for (let i = 0; i < average.length; i++) average[i] = close[i] / average[i] - 1;
    return average;
  },
};
