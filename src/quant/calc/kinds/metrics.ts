/** `metrics.*`: performance measures, drawdown tables and rolling statistics of return series. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { kurtosis, mean, skewness, standardDeviation, variance } from '#quant/array/stats';
import { BENCHMARK_MEASURES } from '#quant/metrics/benchmark-measures';
import { deepestDrawdowns, drawdownEpisodes, drawdownsOf, wealthOf } from '#quant/metrics/drawdown';
import type { Measured } from '#quant/metrics/measured';
import {
  evaluateMeasures,
  giniMeanDifference,
  logStability,
  meanAbsoluteDeviation,
  OWN_MEASURES,
  semiDeviation,
} from '#quant/metrics/measures';
import { rollingBeta, rollingSharpe, rollingVolatility } from '#quant/metrics/rolling';
import { returnSample } from '#quant/metrics/sample';
import { returnsOf } from '#quant/returns/returns';
import { type CalcInput, calcKind } from '../kind';
import { columnsTable, requireInput } from '../tables';
import { readSeries } from '../series';

const RETURNS = 'CSV: first column ISO date, one column of simple returns per series';
const series = z.string().meta({ title: 'Series', description: 'Column name.' });
const benchmark = z.string().nullable().default(null).meta({ title: 'Benchmark column' });
const periodsPerYear = z.number().gt(0).default(252).meta({ title: 'Periods per year' });
const riskFree = z.number().default(0).meta({ title: 'Risk-free rate', unit: 'fraction a year' });
const alpha = z.number().gt(0).lt(1).default(0.95).meta({ title: 'Confidence of VaR and expected shortfall' });

function plain(measures: Readonly<Record<string, Measured>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(measures).map(([id, { value }]) => [id, value]));
}

const performance = calcKind({
  id: 'metrics.performance',
  summary: 'About 45 performance measures of a return series, with a benchmark where given.',
  recipe:
    'r = simple returns; rf per period = risk_free_annual/periods_per_year; ex=r-rf. Standard deviations have divisor n-1, downside ' +
    'deviation and higher moments divisor n. Drawdown on wealth starting at 1.0 before the first return (the start counts as a peak; ' +
    'peak date null = start). Type-7 quantiles. Dates on which the series or its benchmark is missing are left out.',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    series,
    benchmark,
    risk_free_annual: riskFree,
    periods_per_year: periodsPerYear,
    alpha,
  }),
  run: (inputs, params) => {
    const names = params.benchmark === null ? [params.series] : [params.series, params.benchmark];
    const { dates, columns } = readSeries(requireInput(inputs, 'returns'), names);
    const sample = returnSample(
      columns[0],
      { periodsPerYear: params.periods_per_year, riskFree: params.risk_free_annual, alpha: params.alpha },
      columns[1],
    );
    const { peakRow, troughRow, recoveryRow } = sample.drawdown;
    return {
      n: sample.n,
      ...plain(evaluateMeasures(OWN_MEASURES, sample)),
      max_drawdown_peak_date: dates[peakRow] ?? null,
      max_drawdown_trough_date: dates[troughRow] ?? null,
      max_drawdown_recovery_date: dates[recoveryRow] ?? null,
      ...(params.benchmark === null ? {} : plain(evaluateMeasures(BENCHMARK_MEASURES, sample))),
    };
  },
});

const drawdownTable = calcKind({
  id: 'metrics.drawdown_table',
  summary: 'The deepest drawdown episodes.',
  recipe:
    'Non-overlapping drawdown episodes (maximal runs with dd<0): depth, peak date (row before the run, null = before the first return), ' +
    'trough date, recovery date (first row with dd=0 again, null = not recovered), periods under water; the `top` deepest, deepest first.',
  inputs: { returns: RETURNS },
  params: z.strictObject({ series, top: z.int().gte(1).default(5).meta({ title: 'Episodes listed' }) }),
  run: (inputs, params) => {
    const { dates, columns } = readSeries(requireInput(inputs, 'returns'), [params.series]);
    const episodes = drawdownEpisodes(drawdownsOf(wealthOf(columns[0])));
    return {
      episodes: deepestDrawdowns(episodes, params.top).map(({ depth, peakRow, troughRow, recoveryRow, periods }) => ({
        depth,
        peak: dates[peakRow] ?? null,
        trough: dates[troughRow],
        recovery: dates[recoveryRow] ?? null,
        periods,
      })),
      n_episodes: episodes.length,
    };
  },
});

const rolling = calcKind({
  id: 'metrics.rolling',
  summary: 'Trailing-window volatility, Sharpe ratio and beta.',
  recipe:
    'Trailing window statistics ending at the row date (window rows needed; earlier rows empty): std ddof=1 * sqrt(252); ' +
    'mean/std*sqrt(252); cov/var of benchmark (ddof=1).',
  inputs: { returns: RETURNS },
  params: z.strictObject({
    series,
    benchmark,
    window: z.int().gte(2).meta({ title: 'Window', unit: 'rows' }),
    periods_per_year: periodsPerYear,
  }),
  run: (inputs, params) => {
    const names = params.benchmark === null ? [params.series] : [params.series, params.benchmark];
    const { dates, columns } = readSeries(requireInput(inputs, 'returns'), names);
    return {
      table: columnsTable({
        date: dates,
        rolling_vol: rollingVolatility(columns[0], params.window, params.periods_per_year),
        rolling_sharpe: rollingSharpe(columns[0], params.window, params.periods_per_year),
        ...(columns.length > 1 ? { rolling_beta: rollingBeta(columns[0], columns[1], params.window) } : {}),
      }),
    };
  },
});

const measures = calcKind({
  id: 'metrics.measures',
  summary: 'Risk measures of one series in the conventions of optimization libraries.',
  recipe:
    'Simple returns (from prices where `from` is prices); kurtosis NON-excess population; worst = -min return; mean per period; ' +
    'variance/std with ddof 1; semi deviation below the mean with divisor n-1; gini_mean_difference = mean |x_i-x_j| over pairs i<j; ' +
    'expected shortfall at 95 % after Rockafellar and Uryasev; drawdowns on compounded wealth.',
  inputs: { 'prices?': 'CSV of prices', 'returns?': 'CSV of returns' },
  params: z.strictObject({
    series,
    from: z.enum(['prices', 'returns']).default('returns').meta({ title: 'Input' }),
    alpha,
  }),
  run: (inputs, params) => {
    const read = readSeries(requireInput(inputs, params.from), [params.series]).columns[0];
    const returns = params.from === 'prices' ? returnsOf(read, 1) : read;
    const sample = returnSample(returns, { periodsPerYear: 252, riskFree: 0, alpha: params.alpha });
    return {
      ...plain(evaluateMeasures(OWN_MEASURES, sample)),
      mean: mean(returns),
      variance_ddof1: variance(returns),
      std_ddof1: standardDeviation(returns),
      skew_population: skewness(returns),
      kurtosis_population_nonexcess: kurtosis(returns),
      worst_return: -sample.sorted[0],
      mean_absolute_deviation: meanAbsoluteDeviation(returns),
      semi_deviation_ddof1: semiDeviation(returns),
      semi_variance_ddof1: semiDeviation(returns) ** 2,
      gini_mean_difference: giniMeanDifference(sample.sorted),
    };
  },
});

interface SmallSeries {
  readonly dates: readonly string[];
  readonly returns: Float64Array;
  /** Rows given, missing ones included. */
  readonly rows: number;
}

function smallSeries(
  inputs: Readonly<Record<string, CalcInput>>,
  params: { series?: string; returns?: (number | null)[]; prices?: Record<string, number> },
): SmallSeries {
  if (params.returns) {
    const returns = Float64Array.from(params.returns.filter((r) => r !== null));
    return { dates: [], returns, rows: params.returns.length };
  }
  if (params.prices) {
    const dates = Object.keys(params.prices).sort();
    const prices = params.prices;
    const returns = returnsOf(
      Float64Array.from(dates, (day) => prices[day]),
      1,
    );
    return { dates, returns, rows: returns.length };
  }
  if (params.series === undefined) {
    throw new AppError('BAD_REQUEST', 'Expected `returns`, `prices` or an input with `series`, found none of them.');
  }
  const name = Object.hasOwn(inputs, 'returns') ? 'returns' : 'prices';
  const { dates, columns } = readSeries(requireInput(inputs, name), [params.series]);
  const returns = name === 'prices' ? returnsOf(columns[0], 1) : columns[0];
  return { dates, returns, rows: returns.length };
}

const small = calcKind({
  id: 'metrics.small',
  summary: 'The few measures that published examples state, on returns or prices given inline.',
  recipe:
    'Missing returns are left out. Sharpe of returns minus risk_free_annual/periods_per_year, std ddof 1; downside risk = root mean ' +
    'square of min(r,0) over available returns; deepest drawdown with peak, trough and first recovery; annual_return_n<k> counts all k ' +
    'rows given, missing ones included.',
  inputs: { 'prices?': 'CSV of prices', 'returns?': 'CSV of returns' },
  params: z.strictObject({
    series: series.optional(),
    returns: z.array(z.number().nullable()).optional().meta({ title: 'Returns' }),
    prices: z.record(z.string(), z.number()).optional().meta({ title: 'Prices by date' }),
    risk_free_annual: riskFree,
    periods_per_year: periodsPerYear,
  }),
  run: (inputs, params) => {
    const { dates, returns, rows } = smallSeries(inputs, params);
    const sample = returnSample(returns, {
      periodsPerYear: params.periods_per_year,
      riskFree: params.risk_free_annual,
      alpha: 0.95,
    });
    const all = plain(evaluateMeasures(OWN_MEASURES, sample));
    const growth = (1 + sample.totalReturn) ** (params.periods_per_year / rows) - 1;
    const { depth, peakRow, troughRow, recoveryRow } = sample.drawdown;
    // Prices have one row more than returns; inline returns have no dates at all.
    const dateOf = (row: number, exists: boolean) =>
      exists ? (dates[row + dates.length - returns.length] ?? null) : null;
    return {
      ...all,
      sharpe: all.sharpe_annual,
      sortino: all.sortino_annual,
      annual_volatility: all.volatility_annual,
      downside_risk_annual: all.downside_deviation_annual,
      annual_return: all.cagr,
      [`annual_return_n${rows}`]: growth,
      [`calmar_n${rows}`]: depth < 0 ? growth / -depth : null,
      stability_r2: logStability(returns),
      peak: dateOf(peakRow, depth < 0),
      trough: dateOf(troughRow, depth < 0),
      recovery: dateOf(recoveryRow, recoveryRow >= 0),
    };
  },
});

export const kinds = [performance, drawdownTable, rolling, measures, small];
