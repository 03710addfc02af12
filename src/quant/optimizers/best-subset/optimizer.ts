/**
 * Minimum variance under a holdings limit: exact by branch and bound for up to 30 assets within the node limit; beyond, or where the
 * search ends without a portfolio, the largest weights without the limit are kept (heuristic). The diagnostics say which.
 */
import type { z } from 'zod';
import { quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk } from '../decision';
import type { FeasibleSet } from '../feasible-set';
import type { Optimizer } from '../optimizer';
import { solveOverSet } from '../quadratic/portfolio-program';
import { bestSubset } from './best-subset';
import type { params } from './spec';

const LARGEST_EXACT = 30;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, nodeLimit }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const { maxHoldings, minPosition } = input.constraints;
    return decide(input, (set) => {
      const searched = set.kept === undefined && n <= LARGEST_EXACT && minPosition === undefined;
      const found = searched ? bestSubset(set, covariance, maxHoldings ?? n, nodeLimit) : undefined;
      const weights = found?.weights ?? heuristic(set, covariance, n);
      return {
        weights,
        diagnostics: {
          dailyVolatility: Math.sqrt(quadraticForm(covariance, weights, n)),
          method: found === undefined ? 'heuristic' : 'branch and bound',
          proved: found?.proved ?? false,
          nodes: found?.nodes ?? 0,
          nodeLimit,
        },
      };
    });
  },
};

function heuristic(set: FeasibleSet, covariance: Float64Array, n: number): Float64Array {
  return solveOverSet(set, covariance, undefined, diagonal(covariance, n)).x;
}
