/** Close over its highest close of the window, minus one. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { sizeOf } from '../price-changes';
import { rollingMaximum } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(252).meta({ title: 'Window', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'distance-from-high',
    title: 'Distance from high',
    summary: 'How far the close is below its highest close of the window; 0 at a new high.',
    params,
    references: ['George, Hwang 2004, The 52-week high and momentum investing'],
    fields: ['close'],
    lookback: ({ window }) => window - 1,
  },
  compute: (panel, { window }) => {
    const { close } = panel.fields;
    const highest = rollingMaximum(close, sizeOf(panel), window);
    for (let i = 0; i < highest.length; i++) highest[i] = close[i] / highest[i] - 1;
    return highest;
  },
};
