/** Bollinger's bandwidth: distance between the bands over the middle one. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { sizeOf } from '../price-changes';
import { rollingDeviation, rollingMean } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(20).meta({ title: 'Window', unit: 'trading days' }),
  width: z.number().gt(0).lte(10).default(2).meta({ title: 'Band width', unit: 'standard deviations' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'bollinger-bandwidth',
    title: 'Bollinger bandwidth',
    summary: 'Width of the bands relative to the moving average: a price-based measure of spread.',
    params,
    references: ['Bollinger 2001, Bollinger on Bollinger Bands'],
    fields: ['close'],
    lookback: ({ window }) => window - 1,
  },
  compute: (panel, { window, width }) => {
    const size = sizeOf(panel);
    const { close } = panel.fields;
    const middle = rollingMean(close, size, window);
    const deviation = rollingDeviation(close, size, window, 0);
    for (let i = 0; i < middle.length; i++) middle[i] = (2 * width * deviation[i]) / middle[i];
    return middle;
  },
};
