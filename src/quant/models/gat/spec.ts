/** Graph attention network over the assets of a date: what it says about itself. */
import { z } from 'zod';
import type { ModelSpec } from '../model';
import { networkParams } from '../network-params';

export const params = z.strictObject({
  layers: z.int().gte(1).lte(4).default(2).meta({ title: 'Layers' }),
  heads: z.int().gte(1).lte(16).default(4).meta({ title: 'Heads', unit: 'per layer' }),
  channels: z.int().gte(1).lte(128).default(32).meta({ title: 'Channels', unit: 'per head' }),
  graphWindow: z.int().gte(20).lte(1260).default(126).meta({
    title: 'Graph window',
    unit: 'trading days',
    description: 'Trailing returns behind the edges; the graph is made anew at every date.',
  }),
  association: z.enum(['correlation', 'distance-correlation']).default('correlation').meta({
    title: 'Association',
    description: 'Distance correlation sees dependence of any shape; its cost grows with the square of the window.',
  }),
  filter: z.enum(['tmfg', 'knn']).default('tmfg').meta({
    title: 'Edges',
    description: 'Triangulated maximally filtered graph (3N − 6 edges), or the nearest neighbors.',
  }),
  neighbors: z.int().gte(1).lte(100).default(10).meta({ title: 'Neighbors', unit: 'nearest, and per sector' }),
  sectorEdges: z
    .boolean()
    .default(true)
    .meta({ title: 'Sector edges', description: 'Also to the nearest of the same sector.' }),
  stride: z.int().gte(1).lte(63).default(5).meta({ title: 'Stride', unit: 'trading days between two training dates' }),
  epochs: z.int().gte(1).lte(1000).default(60).meta({ title: 'Epochs', description: 'At most.' }),
  batch: z.int().gte(1).lte(500).default(8).meta({ title: 'Batch', unit: 'dates per update' }),
  ...networkParams,
  loss: networkParams.loss
    .removeDefault()
    .default('ic')
    .meta(networkParams.loss.meta() ?? {}),
  endToEnd: z.boolean().default(false).meta({
    title: 'End-to-end weights',
    description:
      'Forecasts are the scores themselves, for the optimizer "softmax", which is what the Sharpe loss trains.',
  }),
});

export const spec: ModelSpec<typeof params> = {
  id: 'gat',
  title: 'Graph attention',
  summary: 'A network in which every asset looks at the assets that it moves with; several seeds, averaged.',
  params,
  references: [
    'Veličković et al. 2018, Graph attention networks',
    'Massara, Di Matteo, Aste 2016, Network filtering for big data: triangulated maximally filtered graph',
    'Székely, Rizzo, Bakirov 2007, Measuring and testing dependence by correlation of distances',
  ],
  minRows: (features) => 100 * (features + 1),
  baselines: ['ridge', 'gradient-boosting'],
};
