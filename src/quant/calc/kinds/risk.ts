/** Calculation kind `risk.decomposition`: where a portfolio's volatility comes from. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { decomposeRisk } from '#quant/risk/decomposition';
import { calcKind, type CalcKind } from '../kind';
import { MARKET_INPUTS, MARKET_RECIPE, marketShape, readMarket } from '../portfolio-input';
import { byName } from '../tables';

const params = z.strictObject({
  ...marketShape,
  weights: z
    .union([z.literal('equal'), z.record(z.string(), z.number())])
    .default('equal')
    .meta({ description: 'By ticker; a ticker left out weighs 0.' }),
});

export const kinds: readonly CalcKind[] = [
  calcKind({
    id: 'risk.decomposition',
    summary: 'Marginal and total contribution of every asset to volatility.',
    recipe:
      MARKET_RECIPE +
      'Marginal contribution (Sw)_i/σ_p, contribution w_i · marginal_i, percent_contribution = contribution/σ_p, diversification_ratio = wᵀσ/σ_p.',
    inputs: MARKET_INPUTS,
    params,
    run: (inputs, chosen) => {
      const market = readMarket(inputs, chosen);
      const w = readWeights(market.assets, chosen.weights);
      const { volatility, marginal, contribution, share, diversificationRatio } = decomposeRisk(market.S, w, market.n);
      return {
        volatility,
        marginal: byName(market.assets, marginal),
        contribution: byName(market.assets, contribution),
        percent_contribution: byName(market.assets, share),
        diversification_ratio: diversificationRatio,
      };
    },
  }),
];

function readWeights(assets: readonly string[], weights: 'equal' | Readonly<Record<string, number>>): Float64Array {
  if (weights === 'equal') return new Float64Array(assets.length).fill(1 / assets.length);
  const unknown = Object.keys(weights).find((ticker) => !assets.includes(ticker));
  if (unknown !== undefined)
    throw new AppError('BAD_REQUEST', `Expected weights of known tickers, found "${unknown}".`);
  return Float64Array.from(assets, (asset) => (Object.hasOwn(weights, asset) ? weights[asset] : 0));
}
