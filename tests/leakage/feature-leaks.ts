/** Features that know what they should not, as functions of the panel they are given: the classic mistakes, one each. */
import { prepareMarket } from '#quant/backtest/market';
import type { Panel } from '#quant/panel';
import { productPieces, type ResearchPieces, type SelectedFeatures } from '#quant/research/pieces';
import { forwardReturns } from '#quant/research/labels';
import { spearmanRho } from '#quant/inference/mean-difference';
import { principalComponents } from '#quant/learning/principal-components';

export type Column = (panel: Panel) => Float64Array;

/** Simple daily returns; NaN beside a gap. */
export const dailyReturns: Column = ({ assets, fields: { close } }) =>
  close.map((price, cell) => price / close[cell - assets.length] - 1);

/** The product's features of the zoo, and one more column. */
export function withColumn(name: string, column: Column): ResearchPieces {
  return {
    ...productPieces,
    features: async (choice, panel, progress): Promise<SelectedFeatures> => {
      const { table, notes } = await productPieces.features(choice, panel, progress);
      return {
        table: { ...table, names: [...table.names, name], columns: [...table.columns, column(panel)] },
        notes,
      };
    },
  };
}

/** Applies `map` to the series of every asset, gaps and all. */
const byAsset =
  (source: Column, map: (series: Float64Array) => Float64Array): Column =>
  (panel) => {
    const values = source(panel).slice();
    const n = panel.assets.length;
    for (let i = 0; i < n; i++) {
      const series = map(Float64Array.from(panel.dates, (_, t) => values[t * n + i]));
      series.forEach((value, t) => {
        values[t * n + i] = value;
      });
    }
    return values;
  };

const finite = (values: Float64Array) => values.filter(Number.isFinite);
const average = (values: Float64Array) => finite(values).reduce((sum, x) => sum + x, 0) / finite(values).length;
const deviation = (values: Float64Array) => {
  const center = average(values);
  return Math.sqrt(average(values.map((x) => (x - center) ** 2)));
};
const logPrice: Column = ({ fields: { close } }) => close.map(Math.log);
const volume: Column = ({ fields: { close, volume: shares } }) => shares ?? close;
const labels: Column = (panel) => forwardReturns(prepareMarket(panel), 5, 1);

/** Quarterly facts that are first reported 20 rows after their quarter and restated 40 rows later. */
const fundamental =
  (restated: boolean): Column =>
  ({ dates, assets, fields: { close } }) => {
    const n = assets.length;
    const valueAt = (row: number, i: number) => {
      for (let t = Math.min(row, dates.length - 1); t >= 0; t--) if (close[t * n + i] > 0) return close[t * n + i];
      return NaN;
    };
    return close.map((_, cell) => {
      const quarter = Math.floor((Math.floor(cell / n) - 20) / 60) * 60;
      return quarter < 0 ? NaN : valueAt(restated ? quarter + 60 : quarter, cell % n);
    });
  };

/** What an honest join on the day of publication gives. */
export const firstReported = fundamental(false);

export const featureLeaks: Readonly<Record<string, Column>> = {
  'a centered window': byAsset(dailyReturns, (r) => r.map((_, t) => average(r.subarray(Math.max(0, t - 5), t + 6)))),
  'a shift to the next day': byAsset(dailyReturns, (r) => r.map((_, t) => r[Math.min(t + 1, r.length - 1)])),
  'a z-score over the full sample': byAsset(logPrice, (p) => p.map((x) => (x - average(p)) / deviation(p))),
  'min–max scaling over the full sample': byAsset(logPrice, (p) => {
    const known = finite(p);
    const [low, high] = [
      known.reduce((a, b) => Math.min(a, b), Infinity),
      known.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    return p.map((x) => (x - low) / (high - low));
  }),
  'a trend removed over the full sample': byAsset(logPrice, (p) => {
    const center = average(p);
    const middle = (p.length - 1) / 2;
    let xy = 0;
    let xx = 0;
    p.forEach((x, t) => {
      xy += Number.isFinite(x) ? (t - middle) * (x - center) : 0;
      xx += (t - middle) ** 2;
    });
    return p.map((x, t) => x - (xy / xx) * t);
  }),
  'a warm-up filled backwards': byAsset(dailyReturns, (r) => {
    const smooth = r.map((_, t) => (t < 20 ? NaN : average(r.subarray(t - 19, t + 1))));
    const first = smooth.findIndex(Number.isFinite);
    return smooth.map((x, t) => (t < first ? smooth[first] : x));
  }),
  'fundamentals as restated later': fundamental(true),
  'target encoding on all rows': byAsset(labels, (y) => y.map(() => average(y))),
  'principal components of all rows': (panel) => {
    const n = panel.assets.length;
    const r = dailyReturns(panel).map((x) => (Number.isFinite(x) ? x : 0));
    const covariance = new Float64Array(n * n);
    for (let at = n; at < r.length; at += n) {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) covariance[i * n + j] += r[at + i] * r[at + j];
    }
    const { loadings } = principalComponents(covariance, n);
    return r.map((x, cell) => x * loadings[cell % n]);
  },
  'the label itself': (panel) => labels(panel).map((y) => (Number.isFinite(y) ? y : 0)),
  'a shift past the fill': byAsset(dailyReturns, (r) => r.map((_, t) => 30 * r[Math.min(t + 3, r.length - 1)])),
  'imputation with the mean of all dates': byAsset(volume, (v) => v.map((x) => (Number.isFinite(x) ? x : average(v)))),
  'winsorizing at quantiles of the full sample': byAsset(dailyReturns, (r) => {
    const sorted = finite(r).sort();
    const [low, high] = [sorted[Math.floor(sorted.length * 0.02)], sorted[Math.floor(sorted.length * 0.98)]];
    return r.map((x) => Math.min(high, Math.max(low, x)));
  }),
  'volume over its average of all dates': byAsset(volume, (v) => v.map((x) => x / average(v))),
  'a filter that runs forwards and backwards': byAsset(dailyReturns, (r) => {
    const filled = r.map((x) => (Number.isFinite(x) ? x : 0));
    for (let t = 1; t < filled.length; t++) filled[t] = 0.8 * filled[t - 1] + 0.2 * filled[t];
    for (let t = filled.length - 2; t >= 0; t--) filled[t] = 0.8 * filled[t + 1] + 0.2 * filled[t];
    return filled;
  }),
  'a rank over all dates': (panel) => {
    const r = dailyReturns(panel);
    const sorted = finite(r).sort();
    return r.map((x) => (Number.isFinite(x) ? sorted.findIndex((y) => y >= x) / sorted.length : NaN));
  },
  'days until the next holiday of the data': ({ dates, assets }) =>
    Float64Array.from({ length: dates.length * assets.length }, (_, cell) => {
      const t = Math.floor(cell / assets.length);
      for (let s = t; s + 1 < dates.length; s++) {
        const gap = (Date.parse(dates[s + 1]) - Date.parse(dates[s])) / 86_400_000;
        if (gap > 3 || gap === 2) return s - t;
      }
      return dates.length - t;
    }),
  'log prices adjusted for later splits': (panel) => {
    // A fall of more than 40 % in a day is read as a split, and divides all prices before it.
    const n = panel.assets.length;
    const factor = new Float64Array(n).fill(1);
    const adjusted = logPrice(panel).slice();
    for (let at = adjusted.length - n - 1; at >= 0; at--) {
      const change = panel.fields.close[at + n] / panel.fields.close[at];
      if (change < 0.6) factor[at % n] *= change;
      adjusted[at] += Math.log(factor[at % n]);
    }
    return adjusted;
  },
};

/** Chooses the three of ten candidate features that rank with the label best, over all rows. */
export const selectingPieces: ResearchPieces = {
  ...productPieces,
  features: async (choice, panel, progress) => {
    const set = [
      'return_1d',
      'return_5d',
      'momentum_1m',
      'price_to_sma_20',
      'volatility_20',
      'rsi_14',
      'volume_surprise_20',
    ];
    const { table, notes } = await productPieces.features({ ...choice, set }, panel, progress);
    const y = labels(panel);
    const score = (column: Float64Array) => {
      const cells = [...column.keys()].filter((c) => Number.isFinite(column[c]) && Number.isFinite(y[c]));
      return Math.abs(
        spearmanRho(
          Float64Array.from(cells, (c) => column[c]),
          Float64Array.from(cells, (c) => y[c]),
        ),
      );
    };
    const best = table.columns
      .map((column, k) => ({ k, score: score(column) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3)
      .map(({ k }) => k);
    return {
      table: { ...table, names: best.map((k) => table.names[k]), columns: best.map((k) => table.columns[k]) },
      notes,
    };
  },
};

/** Features that were computed once, on a later snapshot, and are served whatever the data say now. */
export function cachedPieces(): ResearchPieces {
  let cached: SelectedFeatures | undefined;
  return {
    ...productPieces,
    features: async (choice, panel, progress) => {
      cached ??= await productPieces.features(choice, panel, progress);
      const cells = panel.dates.length * panel.assets.length;
      const columns = cached.table.columns.map((column) => column.slice(0, cells));
      return { table: { ...cached.table, dates: panel.dates, columns }, notes: [] };
    },
  };
}
