/** Long short-term memory network on windows of features: what it says about itself. */
import { z } from 'zod';
import type { ModelSpec } from '../model';
import { networkParams } from '../network-params';

export const params = z.strictObject({
  lookback: z.int().gte(2).lte(504).default(60).meta({ title: 'Look-back', unit: 'trading days' }),
  hidden: z.int().gte(1).lte(128).default(64).meta({ title: 'Hidden units', description: '32, 64 and 128 are fast.' }),
  layers: z.int().gte(1).lte(4).default(2).meta({ title: 'Layers' }),
  layerNorm: z
    .boolean()
    .default(false)
    .meta({ title: 'Layer normalization', description: 'Of the last hidden state.' }),
  mode: z.enum(['windows', 'sequences']).default('windows').meta({
    title: 'Training mode',
    description: 'Overlapping windows, or each asset once in chunks: up to 30 times fewer operations per epoch.',
  }),
  stride: z.int().gte(1).lte(63).default(5).meta({
    title: 'Stride',
    unit: 'trading days',
    description: 'Days between two training dates of windows; neighbours say nearly the same.',
  }),
  epochs: z.int().gte(1).lte(1000).default(30).meta({ title: 'Epochs', description: 'At most.' }),
  batch: z
    .int()
    .gte(2)
    .lte(65_536)
    .default(1024)
    .meta({ title: 'Batch', unit: 'windows (sequences: chunks) per update' }),
  ...networkParams,
});

export const spec: ModelSpec<typeof params> = {
  id: 'lstm',
  title: 'LSTM',
  summary: 'A recurrent network that reads the last days of every asset; several seeds, averaged.',
  params,
  references: [
    'Hochreiter, Schmidhuber 1997, Long short-term memory',
    'Fischer, Krauss 2018, Deep learning with long short-term memory networks for financial market predictions',
  ],
  minRows: (features) => 100 * (features + 1),
  baselines: ['ridge', 'gradient-boosting'],
};
