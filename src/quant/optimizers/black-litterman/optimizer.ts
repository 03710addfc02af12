/** max μᵀw − (δ/2) wᵀΣw over the feasible set with the Black–Litterman posterior μ, Σ; each forecast is one absolute view. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, estimateRisk, requireForecast } from '../decision';
import type { Optimizer, OptimizerInput } from '../optimizer';
import { solveOverSet } from '../quadratic/portfolio-program';
import { absolutePosterior } from './posterior';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, riskAversion, tau, confidence, prior }) {
    const q = requireForecast(input);
    const { n, covariance: daily } = estimateRisk(input, estimator);
    const S = daily.map((value) => value * (input.horizon ?? 1));
    const market = prior === 'equal' ? new Float64Array(n).fill(1 / n) : requireBenchmark(input);
    const { mean, covariance } = absolutePosterior(S, n, { market, riskAversion, tau, q, confidence });
    const H = covariance.map((value) => value * riskAversion);
    const c = mean.map((value) => -value);
    return decide(input, (set) => {
      const { x, iterations, residual, proximalSteps, active } = solveOverSet(set, H, c, c);
      return {
        weights: x,
        diagnostics: {
          posteriorReturn: dot(mean, 0, x, 0, n),
          dailyVolatility: Math.sqrt(quadraticForm(daily, x, n)),
          iterations,
          residual,
          proximalSteps,
          binding: active.join(', '),
        },
      };
    });
  },
};

function requireBenchmark({ assets, benchmarkWeights }: OptimizerInput): Float64Array {
  if (benchmarkWeights?.length === assets.length) return benchmarkWeights;
  throw new AppError(
    'BAD_REQUEST',
    'Expected benchmark weights for the prior, found none. Choose equal prior weights or give benchmark weights.',
  );
}
