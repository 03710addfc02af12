/** Calculation kinds `expected_returns.*`: expected annual returns from price history. */
import { z } from 'zod';
import { arithmeticMeanReturns, capmReturns, geometricMeanReturns } from '#quant/expected-returns/historical';
import { calcKind, type CalcKind } from '../kind';
import { PRICES_INPUT, readReturns, returnsParam } from '../price-input';
import { byName } from '../tables';

const RETURNS = 'r = P_t/P_{t−1} − 1 where both prices exist; days without any return are dropped. ';

const historicalParams = z.strictObject({
  returns: returnsParam,
  periods_per_year: z.number().gt(0).default(252),
  compounding: z.boolean().default(true).meta({ description: 'Geometric; false = periods × arithmetic mean.' }),
});
const capmParams = z.strictObject({
  returns: returnsParam,
  periods_per_year: z.number().gt(0).default(252),
  risk_free_annual: z.number().default(0),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'expected_returns.mean_historical',
    summary: 'Historical mean return per year.',
    recipe: `${RETURNS}mu_i = (Π(1+r_i))^(periods_per_year/n_i) − 1 over the available returns.`,
    inputs: { prices: PRICES_INPUT },
    params: historicalParams,
    run: (inputs, { returns, periods_per_year, compounding }) => {
      const { assets, X, T, N } = readReturns(inputs, { returns });
      const mean = compounding ? geometricMeanReturns : arithmeticMeanReturns;
      return { mu: byName(assets, mean(X, T, N, periods_per_year)) };
    },
  }),
  calcKind({
    id: 'expected_returns.capm',
    summary: 'Expected returns of the capital asset pricing model.',
    recipe:
      RETURNS +
      'Market m = row mean of the available returns; β_i = pairwise cov(r_i, m)/var(m); mu_i = rf + β_i (m_ann − rf), m_ann = (Π(1+m))^(periods_per_year/n) − 1.',
    inputs: { prices: PRICES_INPUT },
    params: capmParams,
    run: (inputs, { returns, periods_per_year, risk_free_annual }) => {
      const { assets, X, T, N } = readReturns(inputs, { returns });
      const { mu, beta, market } = capmReturns(X, T, N, periods_per_year, risk_free_annual);
      return { mu: byName(assets, mu), beta: byName(assets, beta), market_return: market };
    },
  }),
];
