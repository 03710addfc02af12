/** Every tail-risk model under one interface, and what else this folder and its neighbors measure, for documents and screens. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { Spec } from '../spec';
import { filteredTail } from './filtered-tail';
import { RISK_MODEL_IDS, type RiskModelId } from './model-ids';
import { cornishFisherTail, gaussianTail } from './moment-tail';
import type { PortfolioScenarios } from './portfolio-scenarios';
import { historicalTail, type TailRisk } from './tail-risk';

export const riskLevel = z
  .number()
  .gte(0.5)
  .lt(1)
  .default(0.95)
  .meta({ title: 'Confidence', description: 'Share of periods whose loss stays below the value at risk.' });

const params = z.strictObject({ level: riskLevel });

export interface RiskModel extends Spec<typeof params> {
  readonly id: RiskModelId;
  /** Returns that the model needs at least. */
  readonly needs: number;
  /** Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA. */
  evaluate(scenarios: PortfolioScenarios, level: number): TailRisk;
}

export const riskModels: readonly RiskModel[] = [
  {
    id: 'historical',
    title: 'Historical',
    summary: 'The past as it was, every day equally likely; no assumption, but it knows nothing worse than its window.',
    params,
    references: ['Hyndman, Fan 1996, Sample quantiles (type 7)', 'Rockafellar, Uryasev 2000, Optimization of CVaR'],
    needs: 2,
    evaluate: (scenarios, level) => historicalTail(scenarios, level),
  },
  {
    id: 'gaussian',
    title: 'Gaussian',
    summary: 'Mean and volatility of a normal distribution; understates the tails of most strategies.',
    params,
    references: ['McNeil, Frey, Embrechts 2015, Quantitative Risk Management, §2.3.4'],
    needs: 4,
    evaluate: gaussianTail,
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
    evaluate: cornishFisherTail,
  },
  {
    id: 'filtered-historical',
    title: 'Filtered historical',
    summary: 'The past rescaled to the volatility that a GARCH(1,1) expects tomorrow; reacts to storms within days.',
    params,
    references: ['Barone-Adesi, Giannopoulos, Vosper 1999, VaR without correlations', 'Hull, White 1998'],
    needs: 100,
    evaluate: filteredTail,
  },
];

/** Errors: BAD_REQUEST naming the known models. */
export function riskModel(id: RiskModelId): RiskModel {
  const found = riskModels.find((model) => model.id === id);
  if (found !== undefined) return found;
  throw new AppError('BAD_REQUEST', `Expected a risk model (${RISK_MODEL_IDS.join(', ')}), found "${String(id)}".`);
}
