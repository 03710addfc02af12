/** Reports about one series: stationarity, dependence, volatility, value at risk; and about a signal. */
import { chiSquareTail } from '../array/distributions';
import { mean } from '../array/stats';
import { archTest, ljungBox } from '../timeseries/autocorrelation';
import { fitGarch, garchPath } from '../timeseries/garch';
import { kpss } from '../timeseries/kpss';
import { dickeyFuller, unitRootPValue } from '../timeseries/unit-root';
import { type SignalOptions, signalQuality } from './information-coefficient';
import { percentText, requireVarying, sampleCheck, type TestReport, testReport } from './report';
import { coverageTest } from './var-backtest';

export interface SeriesOptions {
  readonly name: string;
  readonly level: number;
}

export function dickeyFullerReport(
  x: Float64Array,
  options: SeriesOptions & { readonly lags: number; readonly trend: 'c' | 'ct' },
): TestReport {
  requireVarying(options.name, x, options.lags + 12);
  const { statistic, rows } = dickeyFuller(x, options.lags, options.trend);
  const p = unitRootPValue(statistic, options.trend, 1);
  return testReport('augmented-dickey-fuller', {
    statistic,
    pValue: p,
    sampleSize: rows,
    assumptions: [sampleCheck(rows, 50)],
    verdict:
      p < options.level
        ? `${options.name} has no unit root at ${percentText(options.level)}: it returns to its ${options.trend === 'c' ? 'level' : 'trend'}.`
        : `A unit root in ${options.name} cannot be ruled out at ${percentText(options.level)}.`,
  });
}

export function kpssReport(
  x: Float64Array,
  options: SeriesOptions & { readonly lags?: number; readonly trend: 'c' | 'ct' },
): TestReport {
  requireVarying(options.name, x, 12);
  const { statistic, p, lags } = kpss(x, options.trend, options.lags);
  return testReport('kpss', {
    statistic,
    pValue: p,
    sampleSize: x.length,
    assumptions: [sampleCheck(x.length, 50)],
    verdict: `${options.name} is ${p < options.level ? 'not ' : 'not distinguishable from '}stationary at ${percentText(options.level)}.`,
    details: { lags },
  });
}

export function ljungBoxReport(x: Float64Array, options: SeriesOptions & { readonly lags: number }): TestReport {
  requireVarying(options.name, x, options.lags + 12);
  const { statistic, p } = ljungBox(x, options.lags);
  return testReport('ljung-box', {
    statistic,
    pValue: p,
    sampleSize: x.length,
    assumptions: [sampleCheck(x.length, 5 * options.lags)],
    verdict:
      p < options.level
        ? `${options.name} is autocorrelated at ${percentText(options.level)} (${options.lags} lags).`
        : `${options.name} is not distinguishable from uncorrelated over time at ${percentText(options.level)}.`,
  });
}

export function archReport(x: Float64Array, options: SeriesOptions & { readonly lags: number }): TestReport {
  requireVarying(options.name, x, 2 * options.lags + 12);
  const { statistic, p } = archTest(x, options.lags);
  return testReport('arch-lm', {
    statistic,
    pValue: p,
    sampleSize: x.length - options.lags,
    assumptions: [sampleCheck(x.length, 100)],
    verdict:
      p < options.level
        ? `The volatility of ${options.name} clusters at ${percentText(options.level)}.`
        : `The volatility of ${options.name} is not distinguishable from constant at ${percentText(options.level)}.`,
  });
}

/** Likelihood ratio of GARCH(1,1) against constant variance, χ²(2): conservative at the boundary (Andrews 2001). */
export function garchReport(returns: Float64Array, options: SeriesOptions): TestReport {
  requireVarying(options.name, returns, 100);
  const center = mean(returns);
  const e = returns.map((r) => r - center);
  const fit = fitGarch(e);
  const square = mean(e.map((x) => x * x));
  const constant = garchPath(e, { omega: square, alpha: 0, beta: 0 });
  const statistic = Math.max(0, 2 * (fit.logLikelihood - constant.logLikelihood));
  const p = chiSquareTail(statistic, 2);
  const persistence = fit.alpha + fit.beta;
  const halfLife = persistence > 0 && persistence < 1 ? Math.log(0.5) / Math.log(persistence) : Infinity;
  const { variances } = garchPath(e, fit);
  const standardized = e.map((x, t) => x / Math.sqrt(variances[t]));
  const left = archTest(standardized, 5);
  return testReport('garch', {
    statistic,
    pValue: p,
    sampleSize: e.length,
    assumptions: [
      sampleCheck(e.length, 500),
      {
        name: 'no clustering left in the residuals',
        holds: left.p > 0.05,
        detail: `ARCH-LM with 5 lags, p = ${left.p.toFixed(3)}`,
      },
    ],
    verdict:
      p < options.level
        ? `The volatility of ${options.name} is persistent (α + β = ${persistence.toFixed(3)}, half-life ${halfLife.toFixed(0)} periods).`
        : `GARCH explains the volatility of ${options.name} no better than a constant at ${percentText(options.level)}.`,
    details: { omega: fit.omega, alpha: fit.alpha, beta: fit.beta, logLikelihood: fit.logLikelihood },
  });
}

/** `forecasts` are return quantiles (negative numbers), one per return; `confidence` e.g. 0.99. */
export function coverageReports(
  returns: Float64Array,
  forecasts: Float64Array,
  options: SeriesOptions & { readonly confidence: number },
): { readonly kupiec: TestReport; readonly christoffersen: TestReport } {
  requireVarying(options.name, returns, 50);
  const { name, level, confidence } = options;
  const test = coverageTest(returns, forecasts, confidence);
  const expected = test.n * (1 - confidence);
  const assumptions = [
    { name: 'expected exceptions of at least 5', holds: expected >= 5, detail: `${expected.toFixed(1)} expected` },
  ];
  const counted = `${test.exceptions} exceptions in ${test.n} days, ${expected.toFixed(1)} expected`;
  const coverage = (p: number, what: string) =>
    `The value at risk of ${name} ${p < level ? 'fails' : 'is not distinguishable from correct in'} ${what} at ${percentText(level)} (${counted}).`;
  return {
    kupiec: testReport('kupiec', {
      statistic: test.lrUnconditional,
      pValue: test.pUnconditional,
      sampleSize: test.n,
      assumptions,
      verdict: coverage(test.pUnconditional, 'its exception rate'),
    }),
    christoffersen: testReport('christoffersen', {
      statistic: Number.isNaN(test.lrConditional) ? test.lrUnconditional : test.lrConditional,
      pValue: Number.isNaN(test.pConditional) ? test.pUnconditional : test.pConditional,
      sampleSize: test.n,
      assumptions,
      verdict: coverage(test.pConditional, 'rate and independence of its exceptions'),
    }),
  };
}

/** Rank IC and top-minus-bottom spread of a signal. `signal` and `outcome` are [T, N]. */
export function signalReports(
  signal: Float64Array,
  outcome: Float64Array,
  options: SeriesOptions & SignalOptions,
): { readonly rankIc: TestReport; readonly spread: TestReport } {
  const quality = signalQuality(signal, outcome, options);
  const { name, level, lags } = options;
  const assumptions = [
    sampleCheck(quality.dates, 36),
    { name: 'outcomes overlap by no more than the lags', holds: null, detail: `${lags} Newey-West lags` },
  ];
  const verdict = (p: number, value: number, what: string) =>
    p < level
      ? `${name} has a ${value > 0 ? 'positive' : 'negative'} ${what} at ${percentText(level)}.`
      : `The ${what} of ${name} is not distinguishable from zero at ${percentText(level)}.`;
  const { rankIc, spread } = quality;
  return {
    rankIc: testReport('rank-ic', {
      statistic: rankIc.t,
      pValue: rankIc.p,
      sampleSize: quality.dates,
      assumptions,
      verdict: verdict(rankIc.p, rankIc.mean, 'rank information coefficient'),
      details: {
        mean: rankIc.mean,
        ratio: quality.rankIcRatio,
        positiveShare: quality.positiveShare,
        turnover: quality.turnover,
        rankAutocorrelation: quality.rankAutocorrelation,
      },
    }),
    spread: testReport('quantile-spread', {
      statistic: spread.t,
      pValue: spread.p,
      sampleSize: quality.dates,
      assumptions,
      verdict: verdict(spread.p, spread.mean, `spread of ${options.quantiles} buckets`),
      details: { mean: spread.mean },
    }),
  };
}
