/** Annualized standard deviation of daily simple returns. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { changeOver, sizeOf } from '../price-changes';
import { rollingDeviation } from '../rolling';

const params = z.strictObject({
  window: z.int().gte(2).lte(2000).default(20).meta({ title: 'Window', unit: 'trading days' }),
});

export const feature: Feature<typeof params> = {
  spec: {
    id: 'volatility',
    title: 'Volatility',
    summary: 'Standard deviation (divisor n − 1) of daily returns, times √252.',
    params,
    references: ['Ang, Hodrick, Xing, Zhang 2006, The cross-section of volatility and expected returns'],
    fields: ['close'],
    lookback: ({ window }) => window,
  },
  compute: (panel, { window }) => {
    const size = sizeOf(panel);
    const deviation = rollingDeviation(changeOver(panel.fields.close, size, 1), size, window, 1);
    const year = Math.sqrt(252);
    for (let i = 0; i < deviation.length; i++) deviation[i] *= year;
    return deviation;
  },
};
