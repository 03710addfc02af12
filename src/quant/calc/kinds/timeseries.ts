/** `timeseries.*`: unit roots, autocorrelation, conditional variance and pairs. */
import { z } from 'zod';
import { mean } from '#quant/array/stats';
import { returnsOf } from '#quant/returns/returns';
import {
  archTest,
  autocorrelations,
  ljungBox,
  partialAutocorrelations,
  varianceRatio,
  type TestResult,
} from '#quant/timeseries/autocorrelation';
import { fitGarch, garchPath } from '#quant/timeseries/garch';
import { analyzePair } from '#quant/timeseries/pair';
import { dickeyFuller, unitRootPValue } from '#quant/timeseries/unit-root';
import { calcKind } from '../kind';
import { readSeries } from '../series';
import { requireInput } from '../tables';

const PRICES = 'CSV: date and one column of closes per series';
const series = z.string().meta({ title: 'Series' });
const lag = z.int().gte(0).meta({ title: 'Lags' });
const SHOWN_LAGS = 10;

const q = ({ statistic, p }: TestResult) => ({ q: statistic, p });

function unitRoot(x: Float64Array, lags: number, trend: 'c' | 'ct'): { stat: number; p: number } {
  const { statistic } = dickeyFuller(x, lags, trend);
  return { stat: statistic, p: unitRootPValue(statistic, trend, 1) };
}

const diagnostics = calcKind({
  id: 'timeseries.diagnostics',
  summary: 'Unit-root, autocorrelation, ARCH and variance-ratio tests of one price series.',
  recipe:
    'lp=log close, r=diff(lp). ADF with exactly `lag` lagged differences, constant (c) / constant+trend (ct): t-ratio; p = MacKinnon ' +
    'response surface. Ljung-Box Q and p (chi2) on r at 5,10,20 and on r^2 at 10. ARCH-LM (Engle) with `lag` lags on r-mean: LM=T*R^2. ' +
    'acf with divisor n; pacf Yule-Walker. Lo-MacKinlay overlapping variance ratio with homoskedastic and robust z.',
  inputs: { prices: PRICES },
  params: z.strictObject({
    series,
    lag,
    vr_q: z.array(z.int().gte(2)).default([2, 5, 10]).meta({ title: 'Variance-ratio periods' }),
  }),
  run: (inputs, params) => {
    const prices = readSeries(requireInput(inputs, 'prices'), [params.series]).columns[0];
    const levels = prices.map(Math.log);
    const r = returnsOf(prices, 1, 'log');
    const ratio = (periods: number) => {
      const result = varianceRatio(r, periods);
      return { vr: result.ratio, z_homoskedastic: result.z, z_robust: result.robustZ };
    };
    const arch = archTest(r, params.lag);
    return {
      adf_c: { ...unitRoot(levels, params.lag, 'c'), nobs: levels.length - 1 - params.lag },
      adf_ct: unitRoot(levels, params.lag, 'ct'),
      adf_returns_c: unitRoot(r, params.lag, 'c'),
      ljung_box: Object.fromEntries([5, 10, 20].map((lags) => [String(lags), q(ljungBox(r, lags))])),
      ljung_box_sq_10: q(
        ljungBox(
          r.map((value) => value ** 2),
          10,
        ),
      ),
      arch_lm: { lm: arch.statistic, p: arch.p },
      acf: Array.from(autocorrelations(r, SHOWN_LAGS)),
      pacf: Array.from(partialAutocorrelations(r, SHOWN_LAGS)),
      variance_ratio: Object.fromEntries(params.vr_q.map((periods) => [String(periods), ratio(periods)])),
    };
  },
});

const garch = calcKind({
  id: 'timeseries.garch11',
  summary: 'GARCH(1,1): likelihood at given parameters and its maximum.',
  recipe:
    'e=100*(r-mean(r)), r log returns. sigma2_1=mean(e^2); sigma2_t=omega+alpha e_{t-1}^2+beta sigma2_{t-1}; ' +
    'loglik=-0.5 sum(ln 2pi+ln sigma2+e^2/sigma2). Evaluations at "omega,alpha,beta" (sigma2_10 = 10th value); mle = global maximum under ' +
    'omega>0, alpha,beta>=0, alpha+beta<1 (best of several starts).',
  inputs: { prices: PRICES },
  params: z.strictObject({
    series,
    evaluations: z
      .array(z.tuple([z.number().gt(0), z.number().gte(0), z.number().gte(0)]))
      .default([
        [0.05, 0.08, 0.88],
        [0.2, 0.1, 0.7],
      ])
      .meta({ title: 'Evaluated at', description: 'Triples omega, alpha, beta.' }),
  }),
  run: (inputs, params) => {
    const prices = readSeries(requireInput(inputs, 'prices'), [params.series]).columns[0];
    const r = returnsOf(prices, 1, 'log');
    const center = mean(r);
    const e = r.map((value) => 100 * (value - center));
    const evaluate = ([omega, alpha, beta]: readonly [number, number, number]) => {
      const { logLikelihood, variances } = garchPath(e, { omega, alpha, beta });
      return {
        loglik: logLikelihood,
        sigma2_last: variances[variances.length - 1],
        sigma2_10: variances[9],
      };
    };
    const { omega, alpha, beta, logLikelihood } = fitGarch(e);
    return {
      evaluations: Object.fromEntries(params.evaluations.map((point) => [point.join(','), evaluate(point)])),
      mle: { omega, alpha, beta, loglik: logLikelihood },
    };
  },
});

const pair = calcKind({
  id: 'timeseries.pair',
  summary: 'Cointegration of two prices and the state of their spread.',
  recipe:
    'OLS of ln y on const + ln x (hedge ratio); spread = residual; Engle-Granger: ADF without constant on the residual with exactly `lag` ' +
    'lagged differences (t-ratio; p MacKinnon for 2 variables, constant); half_life=-ln(2)/kappa from OLS of d spread on const + lagged ' +
    'spread; zscore_last=(spread_T-mean)/std(ddof=1).',
  inputs: { prices: PRICES },
  params: z.strictObject({ y: series, x: series, lag }),
  run: (inputs, params) => {
    const { columns } = readSeries(requireInput(inputs, 'prices'), [params.y, params.x]);
    const result = analyzePair(columns[0], columns[1], params.lag);
    return {
      intercept: result.intercept,
      hedge_ratio: result.hedgeRatio,
      eg_stat: result.statistic,
      eg_p: result.p,
      kappa: result.kappa,
      half_life: result.halfLife,
      zscore_last: result.lastZScore,
    };
  },
});

export const kinds = [diagnostics, garch, pair];
