import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import { DISTANCES, LINKAGE_METHODS } from '../hrp/choices';
import type { OptimizerSpec } from '../optimizer';
import { NCO_OBJECTIVES } from './choices';

export const params = z.strictObject({
  covariance: covarianceChoice.default('ledoit-wolf'),
  linkage: z.enum(LINKAGE_METHODS).default('ward').meta({ title: 'Linkage' }),
  distance: z.enum(DISTANCES).default('correlation').meta({ title: 'Distance' }),
  clusters: z.int().gte(0).default(0).meta({
    title: 'Clusters',
    description: 'How many; 0 = chosen by the gap statistic on every date.',
  }),
  inside: z.enum(NCO_OBJECTIVES).default('min-variance').meta({ title: 'Inside a cluster' }),
  across: z.enum(NCO_OBJECTIVES).default('min-variance').meta({ title: 'Across clusters' }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'nco',
  title: 'Nested clustered optimization',
  summary: 'Optimizes inside clusters, then across them; the noise of one does not reach the others.',
  params,
  references: ['López de Prado 2019, A robust estimator of the efficient frontier'],
  needsForecast: false,
};
