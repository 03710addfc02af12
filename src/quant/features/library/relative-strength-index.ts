/** Relative strength index after Wilder, as a fraction of one. */
import { z } from 'zod';
import type { Feature } from '../feature';
import { gainsAndLosses, sizeOf } from '../price-changes';
import { rowsToForget, wilderAverage } from '../smoothing';

const params = z.strictObject({
  period: z.int().gte(2).lte(500).default(14).meta({ title: 'Period', unit: 'trading days' }),
});

/** Periods without any price change after which the index would only repeat what happened long ago. */
const STALE_PERIODS = 3;

export const feature: Feature<typeof params> = {
  spec: {
    id: 'relative-strength-index',
    title: 'Relative strength index',
    summary: 'Average gain over average gain plus average loss, 0 … 1; undefined while the price stands still.',
    params,
    references: ['Wilder 1978, New Concepts in Technical Trading Systems'],
    fields: ['close'],
    recursive: true,
    lookback: ({ period }) => period + rowsToForget(1 / period) + STALE_PERIODS * period,
    warmUp: ({ period }) => period,
  },
  compute: (panel, { period }) => {
    const size = sizeOf(panel);
    const { gains, losses } = gainsAndLosses(panel.fields.close, size);
    const up = wilderAverage(gains, size, period);
    const down = wilderAverage(losses, size, period);
    const still = new Int32Array(size.columns);
    for (let row = 0; row < up.length; row += size.columns) {
      for (let j = 0; j < size.columns; j++) {
        const i = row + j;
        still[j] = gains[i] === 0 && losses[i] === 0 ? still[j] + 1 : 0;
        up[i] = still[j] >= STALE_PERIODS * period ? NaN : up[i] / (up[i] + down[i]);
      }
    }
    return up;
  },
};
