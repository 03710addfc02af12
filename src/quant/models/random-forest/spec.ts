/** Random forest: what it says about itself. */
import { z } from 'zod';
import type { ModelSpec } from '../model';
import { treeMinRows } from '../tree-min-rows';

export const params = z.strictObject({
  trees: z.number().int().min(1).max(2000).default(100).meta({ title: 'Trees' }),
  maxLeaves: z.number().int().min(2).max(1024).default(64).meta({ title: 'Leaves per tree' }),
  maxDepth: z.number().int().min(1).max(64).nullable().default(null).meta({
    title: 'Depth',
    description: 'Splits between root and leaf; empty = no limit but the number of leaves.',
  }),
  minLeafRows: z.number().int().min(1).default(50).meta({ title: 'Rows per leaf' }),
  featureShare: z
    .number()
    .gt(0)
    .lte(1)
    .default(1 / 3)
    .meta({
      title: 'Share of features per split',
      description: 'Drawn anew at every split; fewer make the trees more different from each other.',
    }),
});

export const spec: ModelSpec<typeof params> = {
  id: 'random-forest',
  title: 'Random forest',
  summary: 'The mean of many trees, each grown on a bootstrap sample and a few features per split; hard to overfit.',
  params,
  references: ['Breiman 2001, Random forests', 'Oza, Russell 2001, Online bagging: bootstrap counts are Poisson(1)'],
  minRows: treeMinRows,
  acceptsMissing: true,
};
