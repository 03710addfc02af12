/** The tail-risk models under one interface: the specs of the registry with their code. */
import { AppError } from '#base/errors';
import { filteredTail } from './filtered-tail';
import { cornishFisherTail, gaussianTail } from './moment-tail';
import type { PortfolioScenarios } from './portfolio-scenarios';
import { RISK_MODEL_IDS, riskModelSpecs, type RiskModelId, type RiskModelSpec } from './registry';
import { historicalTail, type TailRisk } from './tail-risk';

export interface RiskModel extends RiskModelSpec {
  /** Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA. */
  evaluate(scenarios: PortfolioScenarios, level: number): TailRisk;
}

const EVALUATE: Readonly<Record<RiskModelId, RiskModel['evaluate']>> = {
  historical: (scenarios, level) => historicalTail(scenarios, level),
  gaussian: gaussianTail,
  'cornish-fisher': cornishFisherTail,
  'filtered-historical': filteredTail,
};

export const riskModels: readonly RiskModel[] = riskModelSpecs.map((spec) => ({
  ...spec,
  evaluate: EVALUATE[spec.id],
}));

/** Errors: BAD_REQUEST naming the known models. */
export function riskModel(id: RiskModelId): RiskModel {
  const found = riskModels.find((model) => model.id === id);
  if (found !== undefined) return found;
  throw new AppError('BAD_REQUEST', `Expected a risk model (${RISK_MODEL_IDS.join(', ')}), found "${String(id)}".`);
}
