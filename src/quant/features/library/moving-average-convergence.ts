/** MACD histogram in units of price: (fast − slow average) less its own average, over the close. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { divideBy, sizeOf } from '../price-changes';
import { exponentialAverage, rowsToForget, spanAlpha } from '../smoothing';

const params = z
  .strictObject({
    fast: z.int().gte(1).lte(500).default(12).meta({ title: 'Fast span', unit: 'trading days' }),
    slow: z.int().gte(2).lte(1000).default(26).meta({ title: 'Slow span', unit: 'trading days' }),
    signal: z.int().gte(1).lte(500).default(9).meta({ title: 'Signal span', unit: 'trading days' }),
  })
  .refine(({ fast, slow }) => fast < slow, { error: 'Expected fast to be smaller than slow.', path: ['fast'] });

export const feature: Feature<typeof params> = {
  spec: {
    id: 'moving-average-convergence',
    title: 'Moving average convergence',
    summary: 'MACD histogram over the price: whether the trend gains or loses speed.',
    params,
    references: ['Appel 2005, Technical Analysis: Power Tools for Active Investors'],
    fields: ['close'],
    recursive: true,
    lookback: ({ slow, signal }) => slow + signal + rowsToForget(spanAlpha(slow)) + rowsToForget(spanAlpha(signal)),
    warmUp: ({ slow, signal }) => slow + signal - 2,
  },
  compute: (panel, { fast, slow, signal }) => {
    const size = sizeOf(panel);
    const { close } = panel.fields;
    const line = exponentialAverage(close, size, spanAlpha(fast), fast);
    const slower = exponentialAverage(close, size, spanAlpha(slow), slow);
    for (let i = 0; i < line.length; i++) line[i] -= slower[i];
    const average = exponentialAverage(line, size, spanAlpha(signal), signal);
    for (let i = 0; i < line.length; i++) line[i] -= average[i];
    return divideBy(line, close);
  },
};
