/** `regression.*`: factor regressions with their errors, and rolling betas. */
import { z } from 'zod';
import { rollingBeta } from '#quant/metrics/rolling';
import { designMatrix } from '#quant/regression/least-squares';
import { neweyWestErrors, regress, robustErrors, varianceInflation } from '#quant/regression/regression-inference';
import { calcKind } from '../kind';
import { readSeries } from '../series';
import { byName, columnsTable, requireInput } from '../tables';

const RETURNS = 'CSV: first column date, one column of simple returns per series';

const ols = calcKind({
  id: 'regression.ols',
  summary: 'Regression of one return series on others, with classical, robust and HAC standard errors.',
  recipe:
    'OLS with constant. se classical (sigma^2=RSS/(n-k)); HC0, HC1 (n/(n-k)), HC3; Newey-West HAC Bartlett lags L, without / with factor ' +
    'n/(n-k). vif per regressor (with constant in the auxiliary regressions). durbin_watson on residuals. ' +
    'loglik at RSS/n, aic=-2ll+2k, bic=-2ll+k ln n. residual_std_annual=sqrt(RSS/(n-k)*252).',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    y: z.string().meta({ title: 'Explained series' }),
    x: z.array(z.string()).min(1).meta({ title: 'Regressors' }),
    hac_lags: z.int().gte(0).default(5).meta({ title: 'HAC lags' }),
  }),
  run: (inputs, params) => {
    const { columns } = readSeries(requireInput(inputs, 'returns'), [params.y, ...params.x]);
    const [y, ...regressors] = columns;
    const fit = regress(y, regressors);
    const X = designMatrix(regressors, true);
    const names = ['const', ...params.x];
    const named = (values: Float64Array) => byName(names, values);
    return {
      coef: named(fit.coefficients),
      se: named(fit.standardErrors),
      t: named(fit.tStatistics),
      p: named(fit.pValues),
      r2: fit.r2,
      adj_r2: fit.adjustedR2,
      f: fit.fStatistic,
      se_hc0: named(robustErrors(X, fit, 'hc0')),
      se_hc1: named(robustErrors(X, fit, 'hc1')),
      se_hc3: named(robustErrors(X, fit, 'hc3')),
      se_nw: named(neweyWestErrors(X, fit, params.hac_lags, false)),
      se_nw_corrected: named(neweyWestErrors(X, fit, params.hac_lags, true)),
      vif: byName(params.x, varianceInflation(regressors)),
      durbin_watson: fit.durbinWatson,
      loglik: fit.logLikelihood,
      aic: -2 * fit.logLikelihood + 2 * fit.count,
      bic: -2 * fit.logLikelihood + fit.count * Math.log(fit.rows),
      residual_std_annual: Math.sqrt((fit.rss / (fit.rows - fit.count)) * 252),
    };
  },
});

const rolling = calcKind({
  id: 'regression.rolling_beta',
  summary: 'Trailing-window betas of several assets to a benchmark.',
  recipe: 'Trailing-window OLS slope on the benchmark (needs `window` rows).',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    benchmark: z.string().meta({ title: 'Benchmark' }),
    window: z.int().gte(2).meta({ title: 'Window', unit: 'rows' }),
    tickers: z.array(z.string()).min(1).meta({ title: 'Assets' }),
  }),
  run: (inputs, { benchmark, window, tickers }) => {
    const { dates, columns } = readSeries(requireInput(inputs, 'returns'), [benchmark, ...tickers]);
    const betas = tickers.map((ticker, i): [string, Float64Array] => [
      ticker,
      rollingBeta(columns[i + 1], columns[0], window),
    ]);
    return { table: columnsTable({ date: dates, ...Object.fromEntries(betas) }) };
  },
});

export const kinds = [ols, rolling];
