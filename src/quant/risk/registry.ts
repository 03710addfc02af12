/**
 * What the science of risk offers, as data: tail models and the tools around them, for documents, forms and screens.
 * Light on purpose (no computation is loaded); the models' code is in `models.ts` under the same identifiers.
 */
import { z } from 'zod';
import type { Spec } from '../spec';

export const RISK_MODEL_IDS = ['historical', 'gaussian', 'cornish-fisher', 'filtered-historical'] as const;
export type RiskModelId = (typeof RISK_MODEL_IDS)[number];

export const riskLevel = z
  .number()
  .gte(0.5)
  .lt(1)
  .default(0.95)
  .meta({ title: 'Confidence', description: 'Share of periods whose loss stays below the value at risk.' });

const params = z.strictObject({ level: riskLevel });

export interface RiskModelSpec extends Spec<typeof params> {
  readonly id: RiskModelId;
  /** Returns that the model needs at least. */
  readonly needs: number;
}

export const riskModelSpecs: readonly RiskModelSpec[] = [
  {
    id: 'historical',
    title: 'Historical',
    summary: 'The past as it was, every day equally likely; no assumption, but it knows nothing worse than its window.',
    params,
    references: ['Hyndman, Fan 1996, Sample quantiles (type 7)', 'Rockafellar, Uryasev 2000, Optimization of CVaR'],
    needs: 2,
  },
  {
    id: 'gaussian',
    title: 'Gaussian',
    summary: 'Mean and volatility of a normal distribution; understates the tails of most strategies.',
    params,
    references: ['McNeil, Frey, Embrechts 2015, Quantitative Risk Management, §2.3.4'],
    needs: 4,
  },
  {
    id: 'cornish-fisher',
    title: 'Cornish-Fisher',
    summary: 'Gaussian corrected for skewness and fat tails; unreliable where they are extreme.',
    params,
    references: [
      'Cornish, Fisher 1938, Moments and cumulants in the specification of distributions',
      'Maillard 2012, A user’s guide to the Cornish Fisher expansion',
      'Boudt, Peterson, Croux 2008, Estimation and decomposition of downside risk',
    ],
    needs: 4,
  },
  {
    id: 'filtered-historical',
    title: 'Filtered historical',
    summary: 'The past rescaled to the volatility that a GARCH(1,1) expects tomorrow; reacts to storms within days.',
    params,
    references: [
      'Barone-Adesi, Giannopoulos, Vosper 1999, VaR without correlations',
      'Hull, White 1998, Incorporating volatility updating into historical simulation',
    ],
    needs: 100,
  },
];
