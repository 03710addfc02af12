import { z } from 'zod';
import { covarianceChoice } from '#quant/covariance/choice';
import type { OptimizerSpec } from '../optimizer';

export const params = z.strictObject({
  covariance: covarianceChoice.default('ledoit-wolf'),
  sectorBudgets: z.record(z.string(), z.number().gt(0)).optional().meta({
    title: 'Risk budgets of sectors',
    unit: 'relative share of risk',
    description:
      'Share of portfolio variance per sector, split equally among its assets; only proportions matter. Name every sector held (assets without one: "unknown"). Empty: every asset carries the same risk.',
  }),
});

export const spec: OptimizerSpec<typeof params> = {
  id: 'risk-parity',
  title: 'Risk parity',
  summary:
    'Every asset (or sector) carries its share of the risk; under constraints, the closest portfolio that keeps them.',
  params,
  references: [
    'Maillard, Roncalli, Teïletche 2010, The properties of equally weighted risk contribution portfolios',
    'Spinu 2013, An algorithm for computing risk parity weights',
  ],
  needsForecast: false,
};
