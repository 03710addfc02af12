/** Small experiments that split their rows wrongly, with the same features, label code and measure as the product. */
import { createRandom } from '#quant/array/random';
import type { Study, Trace, TracedFold } from '#quant/audit/study';
import { prepareMarket } from '#quant/backtest/market';
import { spearmanRho } from '#quant/inference/mean-difference';
import { productPieces } from '#quant/research/pieces';
import { forwardReturns } from '#quant/research/labels';
import type { PriceData } from '#quant/research/select-data';
import { purgedKFold, type Range } from '#quant/validation/splits';
import { zooConfig } from './zoo-market';

export const LAG = 1;
/** First row on which the slow features exist, and rows between two that are used. */
const FIRST = 70;

export interface SplitPlan {
  readonly horizon: number;
  /** Rows of training and test, and the row of the fit (null in cross-validation). */
  split(
    rows: number,
  ): readonly { readonly fitRow: number | null; readonly train: readonly number[]; readonly test: readonly number[] }[];
}

const between = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);

/** Walk-forward with a gap between the last training row and the fit. */
const walkForward = (horizon: number, gap: number): SplitPlan => ({
  horizon,
  split: (rows) =>
    between(0, 4).map((k) => {
      const fitRow = 220 + 30 * k;
      return {
        fitRow,
        train: between(FIRST, fitRow - gap),
        test: between(fitRow, Math.min(fitRow + 29, rows - horizon - LAG - 1)),
      };
    }),
});

const inGroups = (horizon: number, groups: (rows: readonly number[]) => readonly (readonly number[])[]): SplitPlan => ({
  horizon,
  split: (rows) => {
    const all = between(FIRST, rows - horizon - LAG - 1);
    const parts = groups(all);
    return parts.map((test) => ({ fitRow: null, train: all.filter((row) => !test.includes(row)), test }));
  },
});

const fifths = (rows: readonly number[]) => between(0, 4).map((k) => rows.filter((_, i) => i % 5 === k));

export const splitLeaks: Readonly<Record<string, SplitPlan>> = {
  'a shuffled K-fold': inGroups(20, (rows) => fifths(createRandom(5).shuffle([...rows]))),
  'no purge': walkForward(5, 1),
  'a purge that forgets the lag': walkForward(5, 5),
  'duplicate rows across the split': {
    horizon: 5,
    split: (rows) =>
      walkForward(5, 6)
        .split(rows)
        .map((fold) => ({ ...fold, train: [...fold.train, ...fold.test.slice(0, 3)].sort((a, b) => a - b) })),
  },
  'a K-fold without purge': inGroups(5, (rows) =>
    between(0, 4).map((k) => rows.slice(Math.floor((k * rows.length) / 5), Math.floor(((k + 1) * rows.length) / 5))),
  ),
};

export const cleanSplits: Readonly<Record<string, SplitPlan>> = {
  'a purged walk-forward': walkForward(5, 6),
  'a purged K-fold': {
    horizon: 5,
    split: (rows) =>
      purgedKFold(rows - FIRST - 6, 5, 5 + LAG, 0).map(({ train, test }) => ({
        fitRow: null,
        train: train.flatMap(([a, b]) => between(a, b)).map((row) => row + FIRST),
        test: between(test[0], test[1]).map((row) => row + FIRST),
      })),
  },
};

/** The embargo that is configured but not kept: see the test. */
export const shortEmbargo = walkForward(5, 6 + 2);

const FEATURES = { ...zooConfig.model.features, set: ['momentum_3m', 'volatility_20', 'price_to_sma_50'] };

/** Five nearest neighbors on slow features: what overlaps is what it finds. */
export function splitStudy(plan: SplitPlan): Study {
  async function features(data: PriceData) {
    return (await productPieces.features(FEATURES, data.panel, () => Promise.resolve())).table;
  }
  async function trace(data: PriceData): Promise<Trace> {
    const table = await features(data);
    const market = prepareMarket(data.panel);
    const labels = forwardReturns(market, plan.horizon, LAG);
    const n = market.assets.length;
    const splits = plan.split(market.dates.length);
    const folds = splits.map(({ fitRow, train, test }): TracedFold => {
      const known = samples(table.columns, labels, train, n);
      const ics = test.map((row) => rankIc(table.columns, labels, known, row, n)).filter(Number.isFinite);
      return {
        fitRow,
        train: rangesOf(train),
        test: rangesOf(test),
        statedRows: train.length,
        fittedRows: train.length,
        rankIc: ics.length > 0 ? ics.reduce((sum, ic) => sum + ic, 0) / ics.length : null,
        decisions: ics.length,
      };
    });
    const rows = splits.flatMap(({ test }) => test).sort((a, b) => a - b);
    return {
      dates: market.dates,
      assets: market.assets,
      features: table,
      steps: [],
      folds,
      strategies: [
        {
          name: 'neighbors',
          role: 'primary',
          net: new Float64Array(10),
          gross: new Float64Array(10),
          cagr: null,
          fills: rows.map((decisionRow) => ({ decisionRow, fillRow: decisionRow + LAG })),
          weights: new Float64Array(rows.length * n),
        },
      ],
      offered: [],
      forecastCounts: rows.map(() => n),
      stopped: null,
    };
  }
  return { labelReach: plan.horizon + LAG, features, universe: (_, rows) => rows.map(() => new Int32Array(0)), trace };
}

interface Samples {
  readonly X: Float64Array;
  readonly y: Float64Array;
}

function samples(columns: readonly Float64Array[], labels: Float64Array, rows: readonly number[], n: number): Samples {
  const cells = rows
    .flatMap((row) => between(row * n, row * n + n - 1))
    .filter((cell) => Number.isFinite(labels[cell]) && columns.every((column) => Number.isFinite(column[cell])));
  const X = Float64Array.from({ length: cells.length * columns.length }, (_, at) => {
    return columns[at % columns.length][cells[Math.floor(at / columns.length)]];
  });
  return { X, y: Float64Array.from(cells, (cell) => labels[cell]) };
}

function rankIc(
  columns: readonly Float64Array[],
  labels: Float64Array,
  known: Samples,
  row: number,
  n: number,
): number {
  const cells = between(row * n, row * n + n - 1).filter(
    (cell) => Number.isFinite(labels[cell]) && columns.every((column) => Number.isFinite(column[cell])),
  );
  if (cells.length < 3) return NaN;
  const forecasts = cells.map((cell) =>
    neighbors(
      known,
      columns.map((column) => column[cell]),
    ),
  );
  return spearmanRho(
    Float64Array.from(forecasts),
    Float64Array.from(cells, (cell) => labels[cell]),
  );
}

function neighbors({ X, y }: Samples, x: readonly number[]): number {
  const K = x.length;
  const nearest = new Float64Array(5).fill(Infinity);
  const values = new Float64Array(5);
  for (let row = 0; row < y.length; row++) {
    let distance = 0;
    for (let k = 0; k < K; k++) distance += (X[row * K + k] - x[k]) ** 2;
    let at = 4;
    if (distance >= nearest[at]) continue;
    for (; at > 0 && nearest[at - 1] > distance; at--) {
      nearest[at] = nearest[at - 1];
      values[at] = values[at - 1];
    }
    nearest[at] = distance;
    values[at] = y[row];
  }
  return values.reduce((sum, value) => sum + value, 0) / 5;
}

function rangesOf(rows: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const row of rows.toSorted((a, b) => a - b)) {
    const last = ranges[ranges.length - 1];
    if (last && row <= last[1] + 1) last[1] = row;
    else ranges.push([row, row]);
  }
  return ranges;
}
