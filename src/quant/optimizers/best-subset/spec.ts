import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  covariance: covarianceChoice.default('ledoit-wolf'),
  nodeLimit: z.int().gte(1).lte(100_000).default(200).meta({
    title: 'Search limit',
    unit: 'nodes',
    description: 'Quadratic programs solved per date at most; the diagnostics say whether the answer is proved.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'best-subset',
  title: 'Minimum variance of few assets',
  summary: 'The least volatile portfolio of at most so many holdings, searched by branch and bound up to 30 assets.',
  params,
  references: ['Bienstock 1996, Computational study of a family of mixed-integer quadratic programming problems'],
  needsForecast: false,
};
