/** `risk.*`: tails of a portfolio by model, their contributions, their back-tests, and what a portfolio is exposed to. */
import { z } from 'zod';
import { backtestRisk } from '#quant/risk/backtest-risk';
import {
  shortfallContributions,
  sumByGroup,
  varContributions,
  volatilityContributions,
  type Contributions,
} from '#quant/risk/contributions';
import { exposureOf } from '#quant/risk/exposures';
import { effectiveBets } from '#quant/risk/minimum-torsion';
import { portfolioReturns, type PortfolioScenarios } from '#quant/risk/portfolio-scenarios';
import { riskModel, riskModels } from '#quant/risk/models';
import { RISK_MODEL_IDS, riskLevel } from '#quant/risk/registry';
import { calcKind, type CalcKind } from '../kind';
import { PRICES_INPUT } from '../price-input';
import { covarianceByName, covarianceName } from '../risk-input';
import { groupsOf, groupsShape, portfolioShape, readPortfolio } from '../scenario-input';
import { byName } from '../tables';

const model = z.enum(RISK_MODEL_IDS).default('historical').meta({ title: 'Risk model' });

const measures = calcKind({
  id: 'risk.measures',
  summary: 'Value at risk and expected shortfall of a portfolio by every model.',
  recipe:
    'Losses per period, positive = loss, of r = Σ w_i r_i (weights fixed every period). historical: VaR = −type-7 quantile(1 − level), CVaR = mean of ' +
    'the worst T(1 − level) returns, the last in part. gaussian: −μ − zσ, −μ + σφ(z)/(1−level), σ with ddof 1. cornish-fisher: z replaced by its ' +
    'expansion in population skewness and excess kurtosis, CVaR = mean of that quantile over the tail. filtered-historical: historical on ' +
    'μ + (r_t − μ)σ_{T+1}/σ_t, σ by GARCH(1,1) (Gaussian likelihood, σ²_1 = mean(e²)). Models that need more returns than there are: null.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({ ...portfolioShape, level: riskLevel }),
  run: (inputs, params) => {
    const { scenarios } = readPortfolio(inputs, params);
    return Object.fromEntries(
      riskModels.map(({ id, needs, evaluate }) => {
        if (scenarios.T < needs) return [id, null];
        const { valueAtRisk, shortfall, facts } = evaluate(scenarios, params.level);
        return [id, { var: valueAtRisk, cvar: shortfall, facts }];
      }),
    );
  },
});

const contributions = calcKind({
  id: 'risk.contributions',
  summary: 'Contributions of every asset and group to volatility, value at risk or expected shortfall.',
  recipe:
    'Euler: contribution_i = w_i ∂R/∂w_i, Σ = R. volatility: sample covariance (ddof 1), per period. var/cvar: derivatives of the model ' +
    '(historical: the scenarios of the tail; gaussian, cornish-fisher: analytic; filtered-historical: given the filter).',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    ...portfolioShape,
    ...groupsShape,
    measure: z.enum(['volatility', 'var', 'cvar']).default('cvar').meta({ title: 'Measure' }),
    model,
    level: riskLevel,
  }),
  run: (inputs, params) => {
    const { assets, scenarios } = readPortfolio(inputs, params);
    const parts = partsOf(scenarios, params);
    return {
      total: parts.total,
      marginal: byName(assets, parts.marginal),
      contribution: byName(assets, parts.contribution),
      percent_contribution: byName(assets, parts.share),
      ...(params.groups && {
        groups: Object.fromEntries(sumByGroup(parts.contribution, groupsOf(assets, params.groups))),
      }),
    };
  },
});

function partsOf(
  scenarios: PortfolioScenarios,
  chosen: { measure: 'volatility' | 'var' | 'cvar'; model: (typeof RISK_MODEL_IDS)[number]; level: number },
): Contributions {
  if (chosen.measure === 'volatility') return volatilityContributions(scenarios);
  const tail = riskModel(chosen.model).evaluate(scenarios, chosen.level);
  return chosen.measure === 'var' ? varContributions(scenarios, tail) : shortfallContributions(scenarios, tail);
}

const backtest = calcKind({
  id: 'risk.backtest',
  summary:
    'One-period forecasts of a risk model over a rolling window, tested by coverage and by the size of the losses beyond.',
  recipe:
    'Forecast for row t from the previous `window` returns. Kupiec and Christoffersen on exceptions r_t < −VaR_t. ' +
    'z2 = Σ_{exceptions} r_t/(n(1−level)CVaR_t) + 1 (Acerbi, Székely 2014). filtered-historical refits every `refit_every` rows and filters every row.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    ...portfolioShape,
    model,
    level: riskLevel,
    window: z.int().gte(2).default(500).meta({ title: 'Window', unit: 'rows' }),
    refit_every: z.int().gte(1).default(21).meta({ title: 'Rows between fits', unit: 'rows' }),
  }),
  run: (inputs, params) => {
    const { scenarios } = readPortfolio(inputs, params);
    const { coverage, shortfallStatistic, valueAtRisk, shortfall } = backtestRisk(portfolioReturns(scenarios), {
      model: params.model,
      window: params.window,
      level: params.level,
      refitEvery: params.refit_every,
    });
    return {
      n: coverage.n,
      exceptions: coverage.exceptions,
      kupiec_lr: coverage.lrUnconditional,
      kupiec_p: coverage.pUnconditional,
      christoffersen_lr: coverage.lrIndependence,
      christoffersen_p: coverage.pIndependence,
      conditional_lr: coverage.lrConditional,
      conditional_p: coverage.pConditional,
      z2: shortfallStatistic,
      var_last: valueAtRisk[valueAtRisk.length - 1],
      cvar_last: shortfall[shortfall.length - 1],
    };
  },
});

const exposures = calcKind({
  id: 'risk.exposures',
  summary: 'Gross, net, concentration, groups and the effective number of bets of a portfolio.',
  recipe:
    'herfindahl = Σ(|w|/gross)²; top_ten = share of gross in the ten largest; effective_bets = exp(−Σ p ln p), p = variance shares of the ' +
    'minimum-torsion bets (Meucci, Santangelo, Deguest 2015; fixed point to 1e-10) of the covariance of the assets held.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({ ...portfolioShape, ...groupsShape, covariance: covarianceName.default('sample') }),
  run: (inputs, params) => {
    const { assets, table, scenarios } = readPortfolio(inputs, params);
    const { sectors, effectiveHoldings, topTen, ...exposure } = exposureOf(
      scenarios.weights,
      groupsOf(assets, params.groups ?? {}),
    );
    const { effective, shares } = effectiveBets(covarianceByName(params.covariance, table), scenarios.weights, table.N);
    return {
      ...exposure,
      effective_holdings: effectiveHoldings,
      top_ten: topTen,
      groups: Object.fromEntries(sectors),
      effective_bets: effective,
      bets: byName(assets, shares),
    };
  },
});

export const kinds: readonly CalcKind[] = [measures, contributions, backtest, exposures];
