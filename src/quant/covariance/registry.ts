/** Every covariance estimator under one interface, with what a person needs to choose between them. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { Spec } from '../spec';
import type { CovarianceId } from './choice';
import { marchenkoPasturCovariance } from './denoise';
import { gerberCovariance } from './gerber';
import { pairwiseCovariance, sampleCovariance } from './moments';
import { nonlinearShrinkage } from './nonlinear-shrinkage';
import { ledoitWolf, ledoitWolfConstantCorrelation, oracleApproximatingShrinkage } from './shrinkage';
import { factorCovariance } from './statistical-factors';
import { ewmaCovariance, semicovariance } from './weighted';

export interface CovarianceEstimate {
  /** [N, N] row-major, per period of the returns. */
  readonly matrix: Float64Array;
  /** What the estimator chose, e.g. `shrinkage`. */
  readonly facts: Readonly<Record<string, number>>;
}

export interface CovarianceEstimator<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** True where NaN in the returns means missing. */
  readonly allowsMissing: boolean;
  /** X [T, N] row-major returns. Errors: NOT_ENOUGH_DATA, INVALID_DATA. */
  estimate(X: Float64Array, T: number, N: number, params: z.infer<Params>): CovarianceEstimate;
}

const none = z.strictObject({});

const sample: CovarianceEstimator<typeof none> = {
  id: 'sample',
  title: 'Sample',
  summary: 'Unbiased sample covariance, divisor T − 1; noisy when assets are many against days.',
  params: none,
  references: [],
  allowsMissing: false,
  estimate: (X, T, N) => ({ matrix: sampleCovariance(X, T, N), facts: {} }),
};

const pairwise: CovarianceEstimator<typeof none> = {
  id: 'sample-pairwise',
  title: 'Sample, pairwise complete',
  summary: 'Each entry from the days on which both assets have a return; may lose positive definiteness.',
  params: none,
  references: [],
  allowsMissing: true,
  estimate: (X, T, N) => {
    const { matrix, counts } = pairwiseCovariance(X, T, N);
    return { matrix, facts: { pairCountsMin: counts.reduce((least, count) => Math.min(least, count), T) } };
  },
};

const ledoitWolfIdentity: CovarianceEstimator<typeof none> = {
  id: 'ledoit-wolf',
  title: 'Ledoit–Wolf',
  summary: 'Shrinks toward equal variances without correlation; always invertible.',
  params: none,
  references: ['Ledoit, Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices'],
  allowsMissing: false,
  estimate: (X, T, N) => {
    const { matrix, shrinkage } = ledoitWolf(X, T, N);
    return { matrix, facts: { shrinkage } };
  },
};

const constantCorrelation: CovarianceEstimator<typeof none> = {
  id: 'ledoit-wolf-constant-correlation',
  title: 'Ledoit–Wolf, constant correlation',
  summary: 'Shrinks toward the average correlation and keeps the sample variances.',
  params: none,
  references: ['Ledoit, Wolf 2004, Honey, I shrunk the sample covariance matrix'],
  allowsMissing: false,
  estimate: (X, T, N) => {
    const { matrix, shrinkage, averageCorrelation } = ledoitWolfConstantCorrelation(X, T, N);
    return { matrix, facts: { shrinkage, averageCorrelation } };
  },
};

const oas: CovarianceEstimator<typeof none> = {
  id: 'oas',
  title: 'Oracle approximating shrinkage',
  summary: 'Shrinks toward equal variances; smaller error than Ledoit–Wolf when returns are Gaussian.',
  params: none,
  references: ['Chen, Wiesel, Eldar, Hero 2010, Shrinkage algorithms for MMSE covariance estimation'],
  allowsMissing: false,
  estimate: (X, T, N) => {
    const { matrix, shrinkage } = oracleApproximatingShrinkage(X, T, N);
    return { matrix, facts: { shrinkage } };
  },
};

const ewmaParams = z.strictObject({
  decay: z.number().gt(0).lte(1).default(0.94).meta({
    title: 'Decay',
    description: 'Weight of a day relative to the next one; 0.94 halves it in about 11 days.',
  }),
});
const ewma: CovarianceEstimator<typeof ewmaParams> = {
  id: 'ewma',
  title: 'Exponentially weighted',
  summary: 'Recent days count more; zero mean.',
  params: ewmaParams,
  references: ['J. P. Morgan 1996, RiskMetrics technical document'],
  allowsMissing: false,
  estimate: (X, T, N, { decay }) => ({ matrix: ewmaCovariance(X, T, N, decay), facts: {} }),
};

const semiParams = z.strictObject({
  benchmark: z.number().default(0).meta({
    title: 'Benchmark return',
    unit: 'fraction per day',
    description: 'Only returns below it count.',
  }),
});
const semi: CovarianceEstimator<typeof semiParams> = {
  id: 'semicovariance',
  title: 'Semicovariance',
  summary: 'Joint moves below a benchmark return only.',
  params: semiParams,
  references: ['Estrada 2008, Mean-semivariance optimization: a heuristic approach'],
  allowsMissing: false,
  estimate: (X, T, N, { benchmark }) => ({ matrix: semicovariance(X, T, N, benchmark), facts: {} }),
};

const denoised: CovarianceEstimator<typeof none> = {
  id: 'marchenko-pastur',
  title: 'Marchenko–Pastur denoised',
  summary: 'Averages the eigenvalues that pure noise would explain.',
  params: none,
  references: ['López de Prado 2020, Machine Learning for Asset Managers, §2.5'],
  allowsMissing: false,
  estimate: (X, T, N) => {
    const { matrix, edge, signals } = marchenkoPasturCovariance(X, T, N);
    return { matrix, facts: { edge, signals } };
  },
};

const nonlinear: CovarianceEstimator<typeof none> = {
  id: 'ledoit-wolf-nonlinear',
  title: 'Ledoit–Wolf, nonlinear',
  summary: 'Shrinks every eigenvalue by its own amount; needs 13 days, best from 100 assets on.',
  params: none,
  references: ['Ledoit, Wolf 2020, Analytical nonlinear shrinkage of large-dimensional covariance matrices'],
  allowsMissing: false,
  estimate: (X, T, N) => ({ matrix: nonlinearShrinkage(X, T, N), facts: {} }),
};

const gerberParams = z.strictObject({
  threshold: z.number().gt(0).lte(1).default(0.5).meta({
    title: 'Threshold',
    unit: 'standard deviations',
    description: 'Smaller moves count as none.',
  }),
});
const gerber: CovarianceEstimator<typeof gerberParams> = {
  id: 'gerber',
  title: 'Gerber',
  summary: 'Counts joint moves beyond a threshold; neither noise nor single extreme days sway it.',
  params: gerberParams,
  references: ['Gerber, Markowitz, Ernst, Miao, Javid, Sargen 2022, The Gerber statistic'],
  allowsMissing: false,
  estimate: (X, T, N, { threshold }) => {
    const { matrix, leastEigenvalue } = gerberCovariance(X, T, N, threshold);
    return { matrix, facts: { leastEigenvalue } };
  },
};

const detoned: CovarianceEstimator<typeof none> = {
  id: 'detoned',
  title: 'Denoised and detoned',
  summary: 'Denoised, without the market component: what assets share beyond the market. Singular by construction.',
  params: none,
  references: ['López de Prado 2020, Machine Learning for Asset Managers, §2.6'],
  allowsMissing: false,
  estimate: (X, T, N) => {
    const { matrix, edge, signals } = marchenkoPasturCovariance(X, T, N, true);
    return { matrix, facts: { edge, signals } };
  },
};

const factorParams = z.strictObject({
  components: z.int().gte(1).optional().meta({
    title: 'Components',
    description: 'Leave empty for those that exceed the noise edge of the correlation spectrum, at least one.',
  }),
});
const statisticalFactors: CovarianceEstimator<typeof factorParams> = {
  id: 'statistical-factors',
  title: 'Statistical factors',
  summary: 'Leading principal components plus the own risk of every asset; keeps the sample variances.',
  params: factorParams,
  references: ['Connor, Korajczyk 1988, Risk and return in an equilibrium APT'],
  allowsMissing: false,
  estimate: (X, T, N, { components }) => {
    const { matrix, ...facts } = factorCovariance(X, T, N, components);
    return { matrix, facts };
  },
};

export const covarianceEstimators: readonly CovarianceEstimator[] = [
  sample,
  ledoitWolfIdentity,
  constantCorrelation,
  nonlinear,
  oas,
  ewma,
  semi,
  gerber,
  denoised,
  detoned,
  statisticalFactors,
  pairwise,
];

/** The estimate under the estimator's own defaults unless `params` say otherwise. X [T, N] row-major. */
export function estimateCovariance(
  id: CovarianceId,
  X: Float64Array,
  T: number,
  N: number,
  params: Readonly<Record<string, unknown>> = {},
): CovarianceEstimate {
  const estimator = covarianceEstimators.find((candidate) => candidate.id === id);
  if (estimator === undefined) {
    const known = covarianceEstimators.map((candidate) => candidate.id).join(', ');
    throw new AppError('BAD_REQUEST', `Expected a covariance estimator (${known}), found "${id}".`);
  }
  return estimator.estimate(X, T, N, estimator.params.parse(params));
}
