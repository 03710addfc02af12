import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';
import { DISTANCES, LEAF_ORDERINGS, LINKAGE_METHODS, RISKS } from './choices';

export const params = z.strictObject({
  covariance: covarianceChoice.default('sample'),
  linkage: z.enum(LINKAGE_METHODS).default('single').meta({ title: 'Linkage' }),
  distance: z.enum(DISTANCES).default('correlation').meta({
    title: 'Distance',
    description:
      'Cluster on √((1 − ρ)/2) itself, or on Euclidean distances between its columns as in the original paper.',
  }),
  leafOrdering: z.enum(LEAF_ORDERINGS).default('none').meta({
    title: 'Leaf ordering',
    description: 'Optimal keeps similar neighbors closest; bottom-up orders as scipy and libraries on top of it do.',
  }),
  risk: z.enum(RISKS).default('variance').meta({ title: 'Cluster risk' }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'hrp',
  title: 'Hierarchical risk parity',
  summary: 'Clusters similar assets and splits risk down the tree; robust where covariance is noisy.',
  params,
  references: ['López de Prado 2016, Building diversified portfolios that outperform out of sample'],
  needsForecast: false,
};
