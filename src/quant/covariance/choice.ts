/** The names of the covariance estimators, for parameters of optimizers; the estimators themselves are in registry.ts. */
import { z } from 'zod';

export const covarianceChoice = z
  .enum([
    'sample',
    'ledoit-wolf',
    'ledoit-wolf-constant-correlation',
    'ledoit-wolf-nonlinear',
    'oas',
    'ewma',
    'semicovariance',
    'gerber',
    'marchenko-pastur',
    'detoned',
    'statistical-factors',
    'sample-pairwise',
  ])
  .meta({ title: 'Covariance', description: 'How risk is estimated from the look-back window.' });

export type CovarianceId = z.infer<typeof covarianceChoice>;
