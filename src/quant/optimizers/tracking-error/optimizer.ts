/** min (w − b)ᵀΣ(w − b) over the feasible set, exactly; b is the benchmark, scaled to the budget. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { multiplyVector, quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk } from '../decision';
import type { Optimizer } from '../optimizer';
import { solveOverSet } from '../quadratic/portfolio-program';
import type { params } from './spec';

const TRADING_DAYS = 252;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { benchmark, benchmarkWeights, covariance: estimator }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const stated =
      benchmarkWeights === undefined ? input.benchmarkWeights : givenWeights(input.assets, benchmarkWeights);
    const relative =
      stated ?? diagonal(covariance, n).map((variance) => (benchmark === 'equal-weight' ? 1 : 1 / Math.sqrt(variance)));
    const total = relative.reduce((sum, value) => sum + value, 0);
    return decide(input, (set) => {
      const b = relative.map((value) => (value / total) * set.budget);
      const c = multiplyVector(covariance, b, n, n).map((value) => -value);
      const { x, iterations, residual, active } = solveOverSet(
        set,
        covariance,
        c,
        b.map((value) => -value),
      );
      const difference = x.map((value, i) => value - b[i]);
      return {
        weights: x,
        diagnostics: {
          annualTrackingError: Math.sqrt(TRADING_DAYS * quadraticForm(covariance, difference, n)),
          activeShare: difference.reduce((sum, value) => sum + Math.abs(value), 0) / 2,
          iterations,
          residual,
          binding: active.join(', '),
        },
      };
    });
  },
};

/** Errors: INVALID_CONFIG where no asset of the date has a weight. */
function givenWeights(assets: readonly string[], stated: Readonly<Record<string, number>>): Float64Array {
  const weights = Float64Array.from(assets, (asset) => (Object.hasOwn(stated, asset) ? stated[asset] : 0));
  if (weights.some((weight) => weight > 0)) return weights;
  throw new AppError(
    'INVALID_CONFIG',
    `Expected a benchmark weight of at least one of ${assets.length} assets, found none. Name assets as the data does.`,
  );
}
