/** Log volume less its recent mean. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { requireField, sizeOf } from '../price-changes';
import { rollingMean } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(20).meta({ title: 'Window', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'volume-surprise',
    title: 'Volume surprise',
    summary: 'Natural logarithm of today’s volume less its mean over the window; days without volume count as missing.',
    params,
    references: ['Gervais, Kaniel, Mingelgrin 2001, The high-volume return premium'],
    fields: ['volume'],
    lookback: ({ window }) => window - 1,
  },
  compute: (panel, { window }) => {
    const logs = requireField(panel, 'volume').map((volume) => (volume > 0 ? Math.log(volume) : NaN));
    const average = rollingMean(logs, sizeOf(panel), window);
    for (let i = 0; i < average.length; i++) average[i] = logs[i] - average[i];
    return average;
  },
};
