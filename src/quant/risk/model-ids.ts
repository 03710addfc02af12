/** The names of the tail-risk models, apart from their code, so that contract and screens need not load it. */
export const RISK_MODEL_IDS = ['historical', 'gaussian', 'cornish-fisher', 'filtered-historical'] as const;
export type RiskModelId = (typeof RISK_MODEL_IDS)[number];
