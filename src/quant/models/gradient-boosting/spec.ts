/** Histogram gradient boosting: what it says about itself. */
import { z } from 'zod';
import type { ModelSpec } from '../model';
import { treeMinRows } from '../tree-min-rows';

export const params = z.strictObject({
  rounds: z.number().int().min(1).max(2000).default(200).meta({
    title: 'Rounds',
    description: 'Trees at most; early stopping may keep fewer.',
  }),
  learningRate: z.number().gt(0).lte(1).default(0.05).meta({ title: 'Learning rate' }),
  maxLeaves: z.number().int().min(2).max(1024).default(31).meta({ title: 'Leaves per tree' }),
  maxDepth: z.number().int().min(1).max(64).nullable().default(null).meta({
    title: 'Depth',
    description: 'Splits between root and leaf; empty = no limit but the number of leaves.',
  }),
  minLeafRows: z.number().int().min(1).default(100).meta({
    title: 'Rows per leaf',
    description: 'Fewest rows in a leaf; for squared loss also the least sum of second derivatives.',
  }),
  l2: z.number().gte(0).default(1).meta({ title: 'L2 penalty', description: 'Rows of value 0 added to every leaf.' }),
  rowShare: z.number().gt(0).lte(1).default(1).meta({ title: 'Share of rows per tree' }),
  featureShare: z.number().gt(0).lte(1).default(1).meta({ title: 'Share of features per tree' }),
  monotone: z
    .record(z.string(), z.enum(['rising', 'falling']))
    .default({})
    .meta({
      title: 'Monotone features',
      description: 'Feature name → rising or falling: the forecast never moves the other way with that feature.',
    }),
  validationShare: z.number().gte(0).lte(0.5).default(0.15).meta({
    title: 'Share of days to stop on',
    description: 'The last training days, purged of overlapping labels, decide when to stop; 0 = every round is kept.',
  }),
  patience: z.number().int().min(1).default(20).meta({
    title: 'Patience',
    description: 'Rounds without a smaller validation error before stopping.',
  }),
});

export const spec: ModelSpec<typeof params> = {
  id: 'gradient-boosting',
  title: 'Gradient boosting',
  summary: 'Many small trees, each correcting the ones before; finds interactions and bends that a line cannot.',
  params,
  references: [
    'Friedman 2001, Greedy function approximation: a gradient boosting machine',
    'Ke et al. 2017, LightGBM: histograms of 255 bins, leaf-wise growth',
  ],
  minRows: treeMinRows,
  acceptsMissing: true,
};
