/** Mean daily return in excess of the market's members over its standard deviation: market-relative momentum per unit of risk. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { lessMarketMean } from '../group-means';
import { changeOver, sizeOf } from '../price-changes';
import { rollingDeviation, rollingMean } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(63).meta({ title: 'Window', unit: 'trading days' }),
});

/** Deviations below this are rounding, not risk. */
const NOISE = 1e-12;

export const feature: Feature<typeof params> = {
  spec: {
    id: 'market-information-ratio',
    title: 'Market-relative momentum',
    summary: 'Mean over standard deviation of daily returns in excess of the members’ mean.',
    params,
    references: ['Blitz, Huij, Martens 2011, Residual momentum'],
    fields: ['close'],
    lookback: ({ window }) => window,
  },
  compute: (panel, { window }) => {
    const size = sizeOf(panel);
    const excess = lessMarketMean(changeOver(panel.fields.close, size, 1), panel);
    const ratio = rollingMean(excess, size, window);
    const deviation = rollingDeviation(excess, size, window, 1);
    for (let i = 0; i < ratio.length; i++) ratio[i] = deviation[i] > NOISE ? ratio[i] / deviation[i] : NaN;
    return ratio;
  },
};
