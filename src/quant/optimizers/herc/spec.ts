import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import { DISTANCES, LINKAGE_METHODS } from '../hrp/choices';
import type { OptimizerSpec } from '../optimizer';
import { HERC_RISKS } from './choices';

export const params = z.strictObject({
  covariance: covarianceChoice.default('sample'),
  linkage: z.enum(LINKAGE_METHODS).default('ward').meta({ title: 'Linkage' }),
  distance: z.enum(DISTANCES).default('correlation').meta({ title: 'Distance' }),
  clusters: z.int().gte(0).default(0).meta({
    title: 'Clusters',
    description: 'How many; 0 = chosen by the gap statistic on every date.',
  }),
  risk: z.enum(HERC_RISKS).default('variance').meta({
    title: 'Risk measure',
    description: 'What clusters, and assets inside them, contribute equally.',
  }),
  level: z.number().gte(0.5).lt(1).default(0.95).meta({
    title: 'Tail level',
    description: 'Confidence of CVaR and CDaR; not used by the others.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'herc',
  title: 'Hierarchical equal risk contribution',
  summary: 'Cuts the asset tree into clusters and lets each contribute the same risk.',
  params,
  references: [
    'Raffinot 2018, The hierarchical equal risk contribution portfolio',
    'Yue, Wang, Wei 2008, Two-difference gap statistic',
  ],
  needsForecast: false,
};
