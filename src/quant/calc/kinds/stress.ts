/** `stress.*` and `risk.entropy_pooling`: what would happen to a portfolio, by history, by factor shocks and by views. */
import { z } from 'zod';
import { assetFactorModel } from '#quant/factors/factor-regression';
import { sumByGroup } from '#quant/risk/contributions';
import { portfolioReturns } from '#quant/risk/portfolio-scenarios';
import { riskLevel } from '#quant/risk/registry';
import { historicalTail } from '#quant/risk/tail-risk';
import { CRISIS_WINDOWS } from '#quant/stress/crisis-windows';
import { poolEntropy } from '#quant/stress/entropy-pooling';
import { shockFactors } from '#quant/stress/factor-shocks';
import { historicalStress, type WindowOutcome } from '#quant/stress/historical-stress';
import type { View } from '#quant/stress/views';
import { calcKind, type CalcKind } from '../kind';
import { PRICES_INPUT } from '../price-input';
import { groupsOf, groupsShape, portfolioShape, positionOf, readPortfolio, weightsParam } from '../scenario-input';
import { byName, readWidePrices, requireInput } from '../tables';

const historical = calcKind({
  id: 'stress.historical',
  summary: 'The portfolio held through named past declines, split by asset.',
  recipe:
    'Weights at the close on or before `from`, held to the close on or before `to`: contribution_i = w_i (P_to/P_from − 1), last known price where ' +
    'missing; assets without a price at `from` count 0 and lower `covered`. worst = lowest value on the way. Windows outside the data are skipped.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    weights: weightsParam,
    ...groupsShape,
    windows: z
      .array(z.strictObject({ id: z.string(), title: z.string().default(''), from: z.iso.date(), to: z.iso.date() }))
      .optional()
      .meta({ title: 'Windows', description: 'The built-in list of crises where left out.' }),
  }),
  run: (inputs, params) => {
    const { dates, assets, values } = readWidePrices(requireInput(inputs, 'prices'));
    const N = assets.length;
    const equal = new Float64Array(N).fill(1 / N);
    const given = params.weights;
    const weights =
      given === 'equal'
        ? equal
        : Object.entries(given).reduce((w, [ticker, value]) => {
            w[positionOf(assets, ticker)] = value;
            return w;
          }, new Float64Array(N));
    const { outcomes, skipped } = historicalStress(
      { dates, close: values, N },
      weights,
      params.windows ?? CRISIS_WINDOWS,
    );
    const describe = ({ window, fromRow, toRow, contribution, covered, worst, ...rest }: WindowOutcome) => ({
      id: window.id,
      from: dates[fromRow],
      to: dates[toRow],
      return: rest.return,
      worst,
      covered,
      contribution: byName(assets, contribution),
      ...(params.groups && { groups: Object.fromEntries(sumByGroup(contribution, groupsOf(assets, params.groups))) }),
    });
    return {
      windows: outcomes.map(describe),
      skipped: skipped.map(({ window, reason }) => ({ id: window.id, reason })),
    };
  },
});

const factorShock = calcKind({
  id: 'stress.factor_shock',
  summary: 'Shocks to factors, passed to every asset by its regression betas.',
  recipe:
    'betas: OLS with constant of each asset on all `factors` (columns of the same table). spread: factors without a shock move by F_us F_ss⁻¹ s ' +
    '(F sample covariance), else 0. Return = Σ_i w_i Σ_k β_ik move_k.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    ...portfolioShape,
    factors: z.array(z.string()).min(1).meta({ title: 'Factor columns', description: 'They may be held, too.' }),
    shocks: z.record(z.string(), z.number()).meta({ title: 'Return of each shocked factor' }),
    spread: z.boolean().default(true).meta({ title: 'Move the other factors along' }),
  }),
  run: (inputs, params) => {
    const { assets, table, scenarios } = readPortfolio(inputs, params);
    const { X, T, N } = table;
    const factors = params.factors.map((name) => {
      const column = positionOf(assets, name);
      return { name, returns: Float64Array.from({ length: T }, (_, t) => X[t * N + column]) };
    });
    const model = assetFactorModel(X, T, N, factors);
    const shocks = Object.entries(params.shocks).map(([name, value]) => ({
      factor: positionOf(params.factors, name),
      value,
    }));
    const outcome = shockFactors({ ...model, weights: scenarios.weights }, shocks, params.spread);
    return {
      return: outcome.return,
      factor_moves: byName(params.factors, outcome.factorMoves),
      asset_moves: byName(assets, outcome.assetMoves),
      by_asset: byName(assets, outcome.byAsset),
      by_factor: byName(params.factors, outcome.byFactor),
    };
  },
});

const viewParam = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('mean'),
    asset: z.string(),
    relation: z.enum(['equal', 'at-least', 'at-most']).default('equal'),
    value: z.number(),
  }),
  z.strictObject({ kind: z.literal('volatility'), asset: z.string(), value: z.number() }),
  z.strictObject({ kind: z.literal('correlation'), assets: z.tuple([z.string(), z.string()]), value: z.number() }),
  z.strictObject({ kind: z.literal('ranking'), assets: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('tail'), asset: z.string(), threshold: z.number(), probability: z.number() }),
]);

function toView(view: z.infer<typeof viewParam>, assets: readonly string[]): View {
  const at = (ticker: string) => positionOf(assets, ticker);
  if (view.kind === 'ranking') return { kind: 'ranking', assets: view.assets.map(at) };
  if (view.kind === 'correlation') return { ...view, assets: [at(view.assets[0]), at(view.assets[1])] };
  return { ...view, asset: at(view.asset) };
}

const pooling = calcKind({
  id: 'risk.entropy_pooling',
  summary:
    'Views on means, volatilities, correlations, rankings and tails as scenario probabilities, and the risk under them.',
  recipe:
    'min Σ p ln(p/q), q = 1/T, subject to the views (Meucci 2008), by Newton on the dual. Sequential: means, rankings and tails; then volatilities ' +
    '(mean fixed at what it then is); then correlations (means and volatilities fixed). Moments per period, population. VaR: lowest return whose ' +
    'cumulated probability reaches 1 − level; CVaR: mean of the worst share 1 − level.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    ...portfolioShape,
    views: z.array(viewParam).meta({ title: 'Views', description: 'Numbers per period of the returns.' }),
    level: riskLevel,
    probabilities: z.boolean().default(false).meta({ title: 'Return the probabilities' }),
  }),
  run: (inputs, params) => {
    const { assets, table, scenarios } = readPortfolio(inputs, params);
    const views = params.views.map((view) => toView(view, assets));
    const pooled = poolEntropy(table.X, table.T, table.N, views);
    const p = portfolioReturns(scenarios);
    const tailOf = (probabilities: Float64Array) => {
      const mean = p.reduce((sum, value, t) => sum + probabilities[t] * value, 0);
      const variance = p.reduce((sum, value, t) => sum + probabilities[t] * (value - mean) ** 2, 0);
      const { valueAtRisk, shortfall } = historicalTail(scenarios, params.level, probabilities);
      return { mean, volatility: Math.sqrt(variance), var: valueAtRisk, cvar: shortfall };
    };
    return {
      relative_entropy: pooled.relativeEntropy,
      effective_scenarios: pooled.effectiveScenarios,
      mean: byName(assets, pooled.means),
      volatility: byName(assets, pooled.deviations),
      prior: tailOf(new Float64Array(table.T).fill(1 / table.T)),
      posterior: tailOf(pooled.probabilities),
      ...(params.probabilities && { probabilities: pooled.probabilities }),
    };
  },
});

export const kinds: readonly CalcKind[] = [historical, factorShock, pooling];
