/** `factors.*` and linked attribution: exposure to known factors, statistical factors, and active return over many periods. */
import { z } from 'zod';
import { automaticLags, factorRegression } from '#quant/factors/factor-regression';
import { pcaFactors } from '#quant/factors/pca-factors';
import { calcKind, type CalcKind } from '../kind';
import { PRICES_INPUT } from '../price-input';
import { readScenarios, tableShape } from '../scenario-input';
import { readSeries } from '../series';
import { byName, columnsTable, requireInput } from '../tables';

const regression = calcKind({
  id: 'factors.regression',
  summary: 'A return series on factor returns, with Newey-West errors.',
  recipe:
    'OLS with constant; Newey-West Bartlett errors with n/(n−k); lags null: floor(4 (n/100)^(2/9)); p two-sided Student t(n−k). ' +
    'alpha_annual = alpha × periods_per_year; residual_volatility = sqrt(RSS/(n−k) × periods_per_year).',
  inputs: { returns: 'CSV: first column date, one column of simple returns per series' },
  params: z.strictObject({
    y: z.string().meta({ title: 'Explained series' }),
    factors: z.array(z.string()).min(1).meta({ title: 'Factors' }),
    lags: z.int().gte(0).nullable().default(null).meta({ title: 'HAC lags' }),
    periods_per_year: z.number().gt(0).default(252),
  }),
  run: (inputs, params) => {
    const { columns } = readSeries(requireInput(inputs, 'returns'), [params.y, ...params.factors]);
    const [y, ...x] = columns;
    const fit = factorRegression(
      { name: params.y, returns: y },
      x.map((returns, k) => ({ name: params.factors[k], returns })),
      params.lags ?? automaticLags(y.length),
    );
    const named = (values: Float64Array) => byName(['alpha', ...params.factors], values);
    return {
      coef: named(fit.coefficients),
      se: named(fit.standardErrors),
      t: named(fit.tStatistics),
      p: named(fit.pValues),
      alpha_annual: fit.coefficients[0] * params.periods_per_year,
      r2: fit.r2,
      adj_r2: fit.adjustedR2,
      residual_volatility: fit.residualDeviation * Math.sqrt(params.periods_per_year),
      lags: fit.lags,
      n: fit.rows,
    };
  },
});

const pca = calcKind({
  id: 'factors.pca',
  summary: 'Statistical factors: loadings, factor returns, specific risk and explained variance.',
  recipe:
    'Principal components of centered (standardize: unit-variance) returns, divisor T − 1; loadings [asset][factor] of unit eigenvectors ' +
    '(× the asset’s deviation where standardized), largest loading positive; factor return = projection; specific_variance = variance not explained. ' +
    'factors "bai-ng": IC_p2; "eigenvalue-ratio": Ahn-Horenstein ER; up to `most`.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    ...tableShape,
    factors: z
      .union([z.int().gte(1), z.enum(['bai-ng', 'eigenvalue-ratio'])])
      .default('bai-ng')
      .meta({ title: 'Factors' }),
    most: z.int().gte(1).default(10).meta({ title: 'Factors at most' }),
    standardize: z.boolean().default(false).meta({ title: 'Correlation instead of covariance' }),
  }),
  run: (inputs, params) => {
    const { assets, dates, X, T, N } = readScenarios(inputs, params);
    const model = pcaFactors(X, T, N, params);
    const names = Array.from({ length: model.K }, (_, k) => `factor_${k + 1}`);
    return {
      factors: model.K,
      eigenvalues: model.eigenvalues.slice(0, model.K),
      explained: model.explained,
      loadings: Object.fromEntries(
        assets.map((asset, i) => [asset, model.loadings.slice(i * model.K, (i + 1) * model.K)]),
      ),
      specific_variance: byName(assets, model.specificVariance),
      r2: byName(assets, model.r2),
      factor_returns: columnsTable({
        date: dates,
        ...Object.fromEntries(
          names.map((name, k) => [
            name,
            Float64Array.from({ length: T }, (_, t) => model.factorReturns[t * model.K + k]),
          ]),
        ),
      }),
    };
  },
});

export const kinds: readonly CalcKind[] = [regression, pca];
