/** Calculation kinds of the Black–Litterman model: posterior returns from views, and the risk aversion that a market implies. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { blackLitterman, marketRiskAversion, type Views } from '#quant/expected-returns/black-litterman';
import { calcKind, type CalcKind } from '../kind';
import { MARKET_INPUTS, MARKET_RECIPE, marketShape, readMarket } from '../portfolio-input';
import { PRICES_INPUT, readReturns, requireComplete, returnsParam } from '../price-input';
import { byName, nestedRows } from '../tables';

const view = z.strictObject({
  legs: z.record(z.string(), z.number()).meta({ description: 'Weight of each ticker in the view.' }),
  q: z.number().meta({ description: 'Annual return of that combination.' }),
});
const posteriorParams = z.strictObject({
  ...marketShape,
  market_weights: z.record(z.string(), z.number()),
  risk_aversion: z.number().gt(0),
  tau: z.number().gt(0).default(0.05),
  views: z.array(view).default([]),
  omega: z.literal("diag(tau P S P')").default("diag(tau P S P')"),
});
const aversionParams = z.strictObject({
  returns: returnsParam,
  risk_free_annual: z.number().default(0),
  periods_per_year: z.number().gt(0).default(252),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'optimize.black_litterman',
    summary: 'Black–Litterman posterior returns, covariance and weights.',
    recipe:
      MARKET_RECIPE +
      'π = δ S w_mkt; posterior mean π + τSPᵀ(τPSPᵀ + Ω)⁻¹(q − Pπ), Ω = diag(τPSPᵀ); posterior covariance S + τS − τSPᵀ(τPSPᵀ + Ω)⁻¹τPS; weights_raw (δ Σ_post)⁻¹ μ_post, not normalized.',
    inputs: MARKET_INPUTS,
    params: posteriorParams,
    run: (inputs, chosen) => {
      const { assets, n, S } = readMarket(inputs, chosen);
      const market = vectorByName(assets, chosen.market_weights, 'market_weights');
      const posterior = blackLitterman(S, n, market, chosen.risk_aversion, chosen.tau, readViews(assets, chosen.views));
      return {
        prior: byName(assets, posterior.prior),
        posterior_mean: byName(assets, posterior.mean),
        posterior_cov: nestedRows(posterior.covariance, n, n),
        weights_raw: byName(assets, posterior.weights),
      };
    },
  }),
  calcKind({
    id: 'black_litterman.market_risk_aversion',
    summary: 'Risk aversion implied by the returns of a market index.',
    recipe: 'delta = (periods_per_year · mean(r) − rf)/(periods_per_year · var(r)), divisor T−1, on simple returns.',
    inputs: { benchmark: PRICES_INPUT },
    params: aversionParams,
    run: (inputs, { returns, risk_free_annual, periods_per_year }) => {
      const table = requireComplete(readReturns(inputs, { input: 'benchmark', returns }));
      if (table.N !== 1) throw new AppError('INVALID_DATA', `Expected one benchmark column, found ${table.N}.`);
      return { delta: marketRiskAversion(table.X, periods_per_year, risk_free_annual) };
    },
  }),
];

function readViews(assets: readonly string[], views: readonly z.infer<typeof view>[]): Views {
  const n = assets.length;
  const P = new Float64Array(views.length * n);
  views.forEach(({ legs }, k) => P.set(vectorByName(assets, legs, `views[${k}].legs`), k * n));
  return { P, q: Float64Array.from(views, ({ q }) => q) };
}

function vectorByName(assets: readonly string[], values: Readonly<Record<string, number>>, what: string): Float64Array {
  const unknown = Object.keys(values).find((ticker) => !assets.includes(ticker));
  if (unknown !== undefined)
    throw new AppError('BAD_REQUEST', `Expected tickers of the prices in ${what}, found "${unknown}".`);
  return Float64Array.from(assets, (asset) => (Object.hasOwn(values, asset) ? values[asset] : 0));
}
