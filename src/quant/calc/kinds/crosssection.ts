/** `crosssection.factor`: monthly information coefficients and quantile portfolios of a price signal. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { changeOver } from '#quant/features/price-changes';
import { rollingDeviation } from '#quant/features/rolling';
import { factorPeriod, summarizeFactor } from '#quant/learning/factor-portfolios';
import type { Frame } from '#quant/panel';
import { calcKind } from '../kind';
import { PRICES_INPUT } from '../price-input';
import { readWidePrices, requireInput } from '../tables';

/** Signal over all rows, and the first row that may be used. */
const SIGNALS: Readonly<Record<string, { readonly first: number; compute(frame: Frame): Float64Array }>> = {
  momentum_12_1: { first: 252, compute: (frame) => changeOver(frame.values, sizeOf(frame), 231, 21) },
  momentum_6_1: { first: 126, compute: (frame) => changeOver(frame.values, sizeOf(frame), 105, 21) },
  reversal_1m: { first: 21, compute: (frame) => changeOver(frame.values, sizeOf(frame), 21).map((change) => -change) },
  low_vol_60: {
    first: 61,
    compute: (frame) => {
      const size = sizeOf(frame);
      return rollingDeviation(changeOver(frame.values, size, 1), size, 60, 1).map((deviation) => -deviation);
    },
  },
};

function sizeOf(frame: Frame) {
  return { rows: frame.dates.length, columns: frame.assets.length };
}

const factor = calcKind({
  id: 'crosssection.factor',
  summary: 'Rank IC and quantile portfolios of momentum, reversal or low volatility.',
  recipe:
    'Month-end rows = rows whose next row is in another calendar month (last row of data never counts). At month-end row a with next ' +
    'month-end row b: signal momentum_12_1=P[a-21]/P[a-252]-1; momentum_6_1=P[a-21]/P[a-126]-1; reversal_1m=-(P[a]/P[a-21]-1); ' +
    'low_vol_60=-std(ddof=1) of the 60 daily simple returns whose dates are rows a-59..a. Rows with a < 252 / 126 / 21 / 61 are skipped. ' +
    'Forward return P[b]/P[a]-1. rank_ic = Spearman. Buckets: average ranks r=1..n ascending, bucket=floor((r-1)*Q/n)+1; equal-weight ' +
    'forward return per bucket. long_short = top minus bottom bucket.',
  inputs: { prices: PRICES_INPUT },
  params: z.strictObject({
    signal: z.enum(['momentum_12_1', 'momentum_6_1', 'reversal_1m', 'low_vol_60']).meta({ title: 'Signal' }),
    quantiles: z.int().gte(2).default(5).meta({ title: 'Buckets' }),
  }),
  run: (inputs, { signal, quantiles }) => {
    const frame = readWidePrices(requireInput(inputs, 'prices'));
    const { dates, values } = frame;
    const n = frame.assets.length;
    const { first, compute } = SIGNALS[signal];
    const scores = compute(frame);
    const month = (row: number) => dates[row].slice(0, 7);
    const ends = [...dates.keys()].filter((row) => row + 1 < dates.length && month(row) !== month(row + 1));
    const spans = ends.slice(0, -1).flatMap((a, k) => (a >= first ? [{ a, b: ends[k + 1] }] : []));
    if (spans.length < 2) {
      throw new AppError(
        'NOT_ENOUGH_DATA',
        `Expected at least two month-ends after row ${first}, found ${spans.length}.`,
      );
    }
    const periods = spans.map(({ a, b }) => {
      const outcome = Float64Array.from({ length: n }, (_, j) => values[b * n + j] / values[a * n + j] - 1);
      return factorPeriod(scores.subarray(a * n, (a + 1) * n), outcome, quantiles);
    });
    const summary = summarizeFactor(periods, quantiles, 12);
    const bucketNames = Array.from({ length: quantiles }, (_, b) => `q${b + 1}`);
    const missing = (value: number) => (Number.isNaN(value) ? null : value);
    return {
      table: {
        columns: ['date', 'next', 'rank_ic', 'pearson_ic', ...bucketNames],
        rows: periods.map(({ rankIc, pearsonIc, buckets }, k) => [
          dates[spans[k].a],
          dates[spans[k].b],
          missing(rankIc),
          missing(pearsonIc),
          ...Array.from(buckets, missing),
        ]),
      },
      n_periods: periods.length,
      mean_rank_ic: summary.meanRankIc,
      ic_ir: summary.icRatio,
      ic_t: summary.icT,
      ic_positive_share: summary.positiveShare,
      bucket_means: Array.from(summary.bucketMeans),
      long_short_mean: summary.longShortMean,
      long_short_sharpe_annual: summary.longShortSharpe,
    };
  },
});

export const kinds = [factor];
