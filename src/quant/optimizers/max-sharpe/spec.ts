import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  riskFree: z.number().gte(0).lt(1).default(0).meta({
    title: 'Risk-free rate',
    unit: 'fraction per year',
    description: 'Simple rate; scaled to the days that the forecast spans.',
  }),
  covariance: covarianceChoice.default('ledoit-wolf'),
  whenNothingBeatsCash: z.enum(['min-variance', 'refuse']).default('min-variance').meta({
    title: 'When nothing beats cash',
    description:
      'Without a positive excess return, a higher ratio means more risk, not less: hold the least volatile portfolio, or stop with an explanation. What was done is recorded.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'max-sharpe',
  title: 'Maximum Sharpe ratio',
  summary: 'The most forecast excess return per unit of risk, under the constraints.',
  params,
  references: ['Sharpe 1966, Mutual fund performance', 'Tobin 1958, Liquidity preference as behavior towards risk'],
  needsForecast: true,
};
