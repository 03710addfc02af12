/** `inference.*` that answer in sentences: tests with assumptions, sample size and verdict, on bootstraps of their own. */
import { z } from 'zod';
import { effectiveTrials } from '#quant/inference/effective-trials';
import { confidenceSetReport, familyReports } from '#quant/inference/family-reports';
import { jobsonKorkieReport, ledoitWolfReport, meanDifferenceReport } from '#quant/inference/pair-reports';
import { inferenceSpecs } from '#quant/inference/registry';
import { deflatedSharpeReport } from '#quant/inference/sharpe-reports';
import { minimumBacktestLength } from '#quant/inference/sharpe';
import { kpss } from '#quant/timeseries/kpss';
import { calcKind } from '../kind';
import { readSeries } from '../series';
import { byName, readWidePrices, requireInput } from '../tables';

const RETURNS = { returns: 'CSV: first column ISO date, one column of simple returns per series' };
const level = z.number().gt(0).lt(1).default(0.05).meta({ title: 'Significance level' });
const resampling = {
  replications: z.int().gte(100).lte(100_000).default(5_000).meta({ title: 'Bootstrap replications' }),
  seed: z.int().gte(0).lte(0xffffffff).default(1).meta({ title: 'Seed' }),
  block_length: z
    .number()
    .gte(1)
    .optional()
    .meta({ title: 'Block length', unit: 'rows', description: 'Default: automatic.' }),
};
const periods = z.number().gt(0).default(252).meta({ title: 'Periods per year' });

function block({ block_length: blockLength }: { readonly block_length?: number | undefined }) {
  return blockLength === undefined ? {} : { blockLength };
}

const catalog = calcKind({
  id: 'inference.catalog',
  summary: 'Every statistical test of the product with its question, null hypothesis and source.',
  recipe: 'A list; no computation.',
  inputs: {},
  params: z.strictObject({}),
  run: () => ({ tests: inferenceSpecs }),
});

const compare = calcKind({
  id: 'inference.compare',
  summary: 'Two strategies compared by Ledoit-Wolf, Jobson-Korkie-Memmel and Newey-West, with verdicts.',
  recipe:
    'On the dates that both have. ledoit_wolf: studentized circular block bootstrap (2008, section 3.2), block = the longer Politis-White ' +
    'length unless given, p=(exceed+1)/(B+1). jkm: Memmel 2003. mean: Newey-West t, Bartlett, floor(4 (T/100)^(2/9)) lags, t(T-1).',
  inputs: RETURNS,
  params: z.strictObject({
    a: z.string().meta({ title: 'Strategy' }),
    b: z.string().meta({ title: 'Compared with' }),
    level,
    periods_per_year: periods,
    ...resampling,
  }),
  run: (inputs, params) => {
    const [a, b] = readSeries(requireInput(inputs, 'returns'), [params.a, params.b]).columns;
    const options = {
      names: [params.a, params.b],
      level: params.level,
      periodsPerYear: params.periods_per_year,
    } as const;
    const { replications, seed } = params;
    return {
      ledoit_wolf: ledoitWolfReport(a, b, { ...options, replications, seed, ...block(params) }),
      jkm: jobsonKorkieReport(a, b, options),
      mean: meanDifferenceReport(a, b, options),
    };
  },
});

const family = calcKind({
  id: 'inference.family',
  summary: 'Reality check, studentized SPA and StepM of many strategies against a benchmark, with verdicts.',
  recipe:
    'Differentials = strategy - benchmark column. Stationary bootstrap (geometric blocks, automatic mean length unless given) from the seed; ' +
    'statistics as in inference.data_snooping.',
  inputs: RETURNS,
  params: z.strictObject({ benchmark: z.string().meta({ title: 'Benchmark column' }), level, ...resampling }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'returns');
    const names = readWidePrices(input).assets.filter((name) => name !== params.benchmark);
    const [reference, ...columns] = readSeries(input, [params.benchmark, ...names]).columns;
    const { benchmark, replications, seed } = params;
    const reports = familyReports(
      columns.map((column) => column.map((r, t) => r - reference[t])),
      { names, benchmark, level: params.level, replications, seed, ...block(params) },
    );
    return {
      reality_check: reports.realityCheck,
      spa: reports.superiorPredictiveAbility,
      step_m: reports.stepM,
      step_m_rejected: reports.snooping.stepM.rejected.map((k) => names[k]),
      block_length: reports.blockLength,
    };
  },
});

const confidenceSet = calcKind({
  id: 'inference.model_confidence_set',
  summary: 'The strategies that cannot be told from the best one (Hansen, Lunde, Nason 2011).',
  recipe:
    'Loss = -return (or the column itself with losses=true). Stationary bootstrap of the means; T_max (or T_R) with bootstrap standard errors; the worst ' +
    'leaves while more than one remains; MCS p = running maximum; included = p > level.',
  inputs: RETURNS,
  params: z.strictObject({
    losses: z.boolean().default(false).meta({ title: 'Columns are losses' }),
    statistic: z.enum(['max', 'range']).default('max').meta({ title: 'Statistic' }),
    level: level.default(0.1),
    ...resampling,
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'returns');
    const names = readWidePrices(input).assets;
    const { columns } = readSeries(input, names);
    const signed = params.losses ? columns : columns.map((column) => column.map((r) => -r));
    const { replications, seed, statistic } = params;
    const { pValues, ...report } = confidenceSetReport(signed, {
      names,
      level: params.level,
      statistic,
      replications,
      seed,
      ...block(params),
    });
    return { ...report, p_values: byName(names, pValues) };
  },
});

const trials = calcKind({
  id: 'inference.effective_trials',
  summary:
    'How many different things were tried, by clustering their returns, and the deflated Sharpe ratio of the best.',
  recipe:
    'Distance sqrt((1-rho)/2), average linkage, number of clusters with the largest mean/std of silhouettes (2 … min(K-1,100)); every trial ' +
    'counts where the mean silhouette is below 0.25. V = variance (ddof 1) of the Sharpe ratios of inverse-variance cluster portfolios; ' +
    'DSR as in inference.dsr with N = clusters × attempts / columns.',
  inputs: RETURNS,
  params: z.strictObject({
    attempts: z.int().gte(1).optional().meta({ title: 'Trials in all', description: 'If more than the columns.' }),
    level,
    periods_per_year: periods,
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'returns');
    const names = readWidePrices(input).assets;
    const { columns } = readSeries(input, names);
    const effective = effectiveTrials(columns);
    const sharpe = columns.map((x) => x.reduce((a, b) => a + b, 0) / Math.sqrt(x.reduce((a, b) => a + b * b, 0)));
    const best = sharpe.indexOf(Math.max(...sharpe));
    return {
      effective: effective.count,
      by_average_correlation: effective.byAverageCorrelation,
      silhouette: effective.silhouette,
      clusters: byName(names, effective.clusters),
      dsr: deflatedSharpeReport(columns, best, {
        name: names[best],
        periodsPerYear: params.periods_per_year,
        level: params.level,
        ...(params.attempts === undefined ? {} : { attempts: params.attempts }),
      }),
    };
  },
});

const backtestLength = calcKind({
  id: 'inference.min_backtest_length',
  summary: 'Years of backtest that a number of trials demands.',
  recipe:
    'MinBTL = (E[max_N]/SR)^2 years, E[max_N] as in inference.dsr with V=1 (Bailey, Borwein, Lopez de Prado, Zhu 2014).',
  inputs: {},
  params: z.strictObject({
    n_trials: z.number().gte(1).meta({ title: 'Trials' }),
    sr_annual: z.number().gt(0).meta({ title: 'Sharpe ratio, annual' }),
  }),
  run: (_, params) => ({ min_backtest_length_years: minimumBacktestLength(params.n_trials, params.sr_annual) }),
});

const stationarity = calcKind({
  id: 'timeseries.kpss',
  summary: 'KPSS test of stationarity about a level or a trend.',
  recipe:
    'eta = sum S_t^2/(T^2 s^2), S partial sums of residuals, s^2 Bartlett long-run variance; lags default ceil(12 (T/100)^(1/4)); p interpolated ' +
    'in the table of Kwiatkowski et al. 1992, cut to 0.01 … 0.10.',
  inputs: { series: 'CSV: date and one column per series' },
  params: z.strictObject({
    series: z.string().meta({ title: 'Series' }),
    trend: z.enum(['c', 'ct']).default('c').meta({ title: 'About a level (c) or trend (ct)' }),
    lags: z.int().gte(0).optional().meta({ title: 'Lags' }),
  }),
  run: (inputs, params) => {
    const [x] = readSeries(requireInput(inputs, 'series'), [params.series]).columns;
    return kpss(x, params.trend, params.lags);
  },
});

export const kinds = [catalog, compare, family, confidenceSet, trials, backtestLength, stationarity];
