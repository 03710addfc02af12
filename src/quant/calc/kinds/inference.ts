/** `inference.*` about one or two return series: Sharpe ratios, means, forecasts and value at risk. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { variance } from '#quant/array/stats';
import { meanOfRows, percentileInterval, sharpeOfRows } from '#quant/inference/bootstrap';
import { dieboldMariano } from '#quant/inference/diebold-mariano';
import { kendallTauB, meanDifference, spearmanRho } from '#quant/inference/mean-difference';
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  mertensStandardError,
  minimumTrackRecord,
  normalStandardError,
  probabilisticSharpe,
  sharpeSample,
} from '#quant/inference/sharpe';
import { jobsonKorkieMemmel, ledoitWolfBartlett } from '#quant/inference/sharpe-difference';
import { coverageTest, historicalVarForecasts } from '#quant/inference/var-backtest';
import { calcKind } from '../kind';
import { readSeries } from '../series';
import { readBootstrapIndices } from '../resamples';
import { readWidePrices, requireInput } from '../tables';

const Z_975 = 1.959_963_984_540_054;
const RETURNS = 'CSV: first column ISO date, one column of simple returns per series';
const periodsPerYear = z.number().gt(0).default(252).meta({ title: 'Periods per year' });
const series = z.string().meta({ title: 'Series' });
const pair = {
  a: z.string().meta({ title: 'First series' }),
  b: z.string().meta({ title: 'Second series' }),
  hac_lags: z.int().gte(0).default(0).meta({ title: 'HAC lags' }),
};

const psr = calcKind({
  id: 'inference.psr',
  summary: 'Probabilistic Sharpe ratio, minimum track record length and standard errors.',
  recipe:
    'Per-period excess returns x=r-rf/ppy; sr=mean/std(ddof=1); skew, kurtosis = population moments (normal kurtosis = 3). ' +
    'PSR=Phi((sr-sr*) sqrt(T-1)/sqrt(1-skew*sr+(kurt-1)/4*sr^2)), sr*=sr_star_annual/sqrt(ppy). MinTRL=1+(1-skew sr+(kurt-1)/4 sr^2)' +
    '(z_conf/(sr-sr*))^2 observations (null if sr<=sr*). se_iid_normal=sqrt((1+sr^2/2)/T); se_mertens=sqrt((1-skew sr+(kurt-1)/4 sr^2)/T).',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    series,
    risk_free_annual: z.number().default(0).meta({ title: 'Risk-free rate', unit: 'fraction a year' }),
    sr_star_annual: z.number().default(0).meta({ title: 'Sharpe ratio to beat, annual' }),
    confidence: z.number().gt(0).lt(1).default(0.95).meta({ title: 'Confidence' }),
    periods_per_year: periodsPerYear,
  }),
  run: (inputs, params) => {
    const perPeriod = params.risk_free_annual / params.periods_per_year;
    const returns = readSeries(requireInput(inputs, 'returns'), [params.series]).columns[0];
    const sample = sharpeSample(returns.map((r) => r - perPeriod));
    const threshold = params.sr_star_annual / Math.sqrt(params.periods_per_year);
    const error = mertensStandardError(sample);
    return {
      sr_per_period: sample.sharpe,
      skew: sample.skewness,
      kurtosis_nonexcess: sample.kurtosis,
      psr: probabilisticSharpe(sample, threshold),
      min_track_record_length: minimumTrackRecord(sample, threshold, params.confidence),
      se_iid_normal: normalStandardError(sample),
      se_mertens: error,
      ci95_mertens: [sample.sharpe - Z_975 * error, sample.sharpe + Z_975 * error],
    };
  },
});

const dsr = calcKind({
  id: 'inference.dsr',
  summary: 'Deflated Sharpe ratio of the best of several strategies.',
  recipe:
    'Trials = columns. sr per period (ddof=1). V=var(sr, ddof=1). SR0=sqrt(V)*((1-g)*Phi^-1(1-1/N)+g*Phi^-1(1-1/(N e))), ' +
    "g=Euler-Mascheroni. DSR=PSR(best sr; sr*=SR0) with the best strategy's T, population skew and kurtosis.",
  inputs: { strategy_returns: 'CSV: date and one column of returns per strategy' },
  params: z.strictObject({
    n_trials: z.int().gte(1).optional().meta({ title: 'Trials', description: 'Default: columns.' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'strategy_returns');
    const names = readWidePrices(input).assets;
    const samples = names.map((name) => sharpeSample(readSeries(input, [name]).columns[0]));
    const sharpes = samples.map((sample) => sample.sharpe);
    const best = sharpes.indexOf(Math.max(...sharpes));
    const trials = params.n_trials ?? names.length;
    const spread = variance(sharpes);
    return {
      best: names[best],
      sr_best: sharpes[best],
      sr_variance: spread,
      expected_max_sr: expectedMaximumSharpe(spread, trials),
      dsr: deflatedSharpe(samples[best], spread, trials),
      psr_zero: probabilisticSharpe(samples[best], 0),
    };
  },
});

const dsrFormula = calcKind({
  id: 'inference.dsr_formula',
  summary: 'Deflated Sharpe ratio from summary numbers.',
  recipe: 'SR per period = sr_annual/sqrt(ppy); V per period = var_sr_annual/ppy; SR0 and DSR as in inference.dsr.',
  inputs: {},
  params: z.strictObject({
    sr_annual: z.number().meta({ title: 'Sharpe ratio, annual' }),
    periods_per_year: periodsPerYear,
    T: z.number().gt(1).meta({ title: 'Observations' }),
    skew: z.number().default(0).meta({ title: 'Skewness' }),
    kurtosis_nonexcess: z.number().default(3).meta({ title: 'Kurtosis (normal = 3)' }),
    var_sr_annual: z.number().gte(0).meta({ title: 'Variance of the trials’ annual Sharpe ratios' }),
    n_trials: z.number().gte(1).meta({ title: 'Trials' }),
  }),
  run: (_, params) => {
    const sample = {
      sharpe: params.sr_annual / Math.sqrt(params.periods_per_year),
      skewness: params.skew,
      kurtosis: params.kurtosis_nonexcess,
      n: params.T,
    };
    const spread = params.var_sr_annual / params.periods_per_year;
    return {
      expected_max_sr: expectedMaximumSharpe(spread, params.n_trials),
      dsr: deflatedSharpe(sample, spread, params.n_trials),
      psr_zero: probabilisticSharpe(sample, 0),
    };
  },
});

const sharpeDifference = calcKind({
  id: 'inference.sharpe_difference',
  summary: 'Tests of equal Sharpe ratios: Jobson-Korkie-Memmel and Ledoit-Wolf HAC.',
  recipe:
    'Jobson-Korkie with Memmel (2003) correction: sr=mean/std(ddof=1), V=[2-2rho+0.5(sra^2+srb^2-2 sra srb rho^2)]/T, two-sided normal p. ' +
    'hac: Ledoit-Wolf (2008) delta method on (mu_a,mu_b,E[a^2],E[b^2]), divisor T, Bartlett HAC with weights 1-l/(L+1), no prewhitening, ' +
    'no small-sample factor; delta uses population std.',
  inputs: { returns: RETURNS },
  params: z.strictObject(pair),
  run: (inputs, params) => {
    const [a, b] = readSeries(requireInput(inputs, 'returns'), [params.a, params.b]).columns;
    const jkm = jobsonKorkieMemmel(a, b);
    const hac = ledoitWolfBartlett(a, b, params.hac_lags);
    return {
      jkm: {
        sr_a: jkm.sharpeA,
        sr_b: jkm.sharpeB,
        rho: jkm.correlation,
        variance: jkm.standardError ** 2,
        z: jkm.z,
        p_two_sided: jkm.p,
      },
      hac: { delta: hac.difference, se: hac.standardError, z: hac.z, p_two_sided: hac.p },
    };
  },
});

const meanDifferences = calcKind({
  id: 'inference.mean_difference',
  summary: 'Paired, Welch and Newey-West tests of equal means, and rank correlations.',
  recipe:
    'paired t on a-b (t dist, T-1 df); Welch t; Newey-West (Bartlett, lags L) standard error of mean(a-b) without and with the ' +
    'small-sample factor T/(T-1); Spearman rho; Kendall tau-b.',
  inputs: { returns: RETURNS },
  params: z.strictObject(pair),
  run: (inputs, params) => {
    const [a, b] = readSeries(requireInput(inputs, 'returns'), [params.a, params.b]).columns;
    const test = meanDifference(a, b, params.hac_lags);
    return {
      mean_diff: test.difference,
      paired_t: test.pairedT,
      paired_p: test.pairedP,
      welch_t: test.welchT,
      welch_p: test.welchP,
      nw_se: test.neweyWestError,
      nw_t: test.neweyWestT,
      nw_se_corrected: test.neweyWestErrorCorrected,
      spearman: spearmanRho(a, b),
      kendall_tau_b: kendallTauB(a, b),
    };
  },
});

const forecasts = calcKind({
  id: 'inference.diebold_mariano',
  summary: 'Diebold-Mariano test of equal forecast accuracy with the Harvey-Leybourne-Newbold correction.',
  recipe:
    'd=|e1|^p-|e2|^p; long-run variance gamma0+2*sum_{k=1}^{h-1} gamma_k (divisor T, rectangular); dm=mean(d)/sqrt(lrv/T); HLN factor ' +
    'sqrt((T+1-2h+h(h-1)/T)/T), t(T-1); two-sided p.',
  inputs: { errors: 'CSV: date, two columns of forecast errors' },
  params: z.strictObject({
    h: z.int().gte(1).default(1).meta({ title: 'Forecast horizon', unit: 'periods' }),
    power: z.number().gt(0).default(2).meta({ title: 'Power of the loss' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'errors');
    const names = readWidePrices(input).assets;
    if (names.length < 2) {
      throw new AppError('INVALID_DATA', `Expected two columns of errors in ${input.name}, found ${names.length}.`);
    }
    const [e1, e2] = readSeries(input, names.slice(0, 2)).columns;
    const test = dieboldMariano(e1, e2, params.h, params.power);
    return {
      mean_loss_diff: test.meanLossDifference,
      dm: test.statistic,
      p_normal: test.pNormal,
      dm_hln: test.corrected,
      p_hln_t: test.pCorrected,
    };
  },
});

const bootstrapInterval = calcKind({
  id: 'inference.bootstrap_ci',
  summary: 'Percentile intervals of mean and Sharpe ratio under supplied bootstrap indices.',
  recipe:
    'Bootstrap distribution of the mean and of the per-period Sharpe (mean/std ddof=1) of the series under the supplied indices: ' +
    'percentile interval (type-7 quantiles) and bootstrap standard error (std over b, ddof=1).',
  inputs: {
    differentials: 'CSV: date and one column of returns per series',
    bootstrap_indices: 'CSV: header, then one resample of 0-based row positions per line',
  },
  params: z.strictObject({
    series: series.optional(),
    level: z.number().gt(0).lt(1).default(0.95).meta({ title: 'Confidence' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'differentials');
    const name = params.series ?? readWidePrices(input).assets[0];
    const x = readSeries(input, [name]).columns[0];
    const resamples = readBootstrapIndices(requireInput(inputs, 'bootstrap_indices'), x.length);
    const draws = (statistic: (x: Float64Array, rows: Uint32Array) => number) =>
      percentileInterval(
        Float64Array.from(resamples, (rows) => statistic(x, rows)),
        params.level,
      );
    const mean = draws(meanOfRows);
    const sharpe = draws(sharpeOfRows);
    return {
      mean: meanOfRows(x, Uint32Array.from(x.keys())),
      mean_ci: [mean.low, mean.high],
      mean_se: mean.standardError,
      sharpe_ci: [sharpe.low, sharpe.high],
    };
  },
});

const varBacktest = calcKind({
  id: 'inference.var_backtest',
  summary: 'Kupiec and Christoffersen tests of historical value at risk.',
  recipe:
    'Historical VaR: q_t = type-7 quantile(1-alpha) of the previous `window` returns (t-window..t-1); hit_t = r_t < q_t. Kupiec LR_uc ' +
    '(chi2 1), Christoffersen LR_ind from first-order transition counts over the n-1 pairs (chi2 1), LR_cc=LR_uc+LR_ind (chi2 2). 0*ln0=0.',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    series,
    window: z.int().gte(2).default(250).meta({ title: 'Window', unit: 'returns' }),
    alpha: z.number().gt(0.5).lt(1).default(0.99).meta({ title: 'Confidence' }),
  }),
  run: (inputs, params) => {
    const returns = readSeries(requireInput(inputs, 'returns'), [params.series]).columns[0];
    const quantiles = historicalVarForecasts(returns, params.window, params.alpha);
    const test = coverageTest(returns.subarray(params.window), quantiles, params.alpha);
    const [n00, n01, n10, n11] = test.transitions;
    return {
      n: test.n,
      exceptions: test.exceptions,
      lr_uc: test.lrUnconditional,
      p_uc: test.pUnconditional,
      n00,
      n01,
      n10,
      n11,
      lr_ind: test.lrIndependence,
      p_ind: test.pIndependence,
      lr_cc: test.lrConditional,
      p_cc: test.pConditional,
    };
  },
});

export const kinds = [
  psr,
  dsr,
  dsrFormula,
  sharpeDifference,
  meanDifferences,
  forecasts,
  bootstrapInterval,
  varBacktest,
];
