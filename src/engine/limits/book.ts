/** The book that limits are measured on: weights from shares and last closes, sectors of the portfolio, and for tracking error a covariance. */
import type { Portfolio } from '#contract/portfolios';
import type { Book } from '#quant/limits/limits';
import type { LastPrice } from '../orders/plan-orders';
import type { DatasetService } from '../datasets/dataset-service';

export interface BookParts {
  readonly portfolio: Pick<Portfolio, 'weights'>;
  /** Shares by asset. */
  readonly shares: ReadonlyMap<string, number>;
  readonly before: ReadonlyMap<string, number> | null;
  readonly cash: number;
  readonly prices: ReadonlyMap<string, LastPrice>;
  readonly covariance: Book['covariance'];
}

/** A holding without a price has no weight that can be told, so nothing that depends on it can be evaluated. */
export function weightsOf(shares: ReadonlyMap<string, number>, cash: number, prices: BookParts['prices']) {
  const value = (asset: string, count: number) => count * (prices.get(asset)?.price ?? NaN);
  const netAssetValue = [...shares].reduce((sum, [asset, count]) => sum + value(asset, count), cash);
  return {
    netAssetValue,
    weights: new Map([...shares].map(([asset, count]) => [asset, value(asset, count) / netAssetValue])),
  };
}

export function bookOf({ portfolio, shares, before, cash, prices, covariance }: BookParts): Book {
  const { weights, netAssetValue } = weightsOf(shares, cash, prices);
  const n = portfolio.weights.length;
  return {
    weights,
    before,
    sectors: new Map(portfolio.weights.map(({ asset, sector }) => [asset, sector])),
    netAssetValue,
    adv: new Map([...prices].flatMap(([asset, { adv }]) => (adv === null ? [] : [[asset, adv] as const]))),
    benchmark: new Map(portfolio.weights.map(({ asset }) => [asset, 1 / n])),
    covariance,
  };
}

const ROWS = 252;
const MINIMUM = 60;

/** Annual sample covariance of daily simple returns over the last year of rows on which all have a price; null under 60 of them. */
export async function annualCovariance(
  datasets: Pick<DatasetService, 'find' | 'index' | 'field'>,
  dataset: string,
  wanted: readonly string[],
): Promise<Book['covariance']> {
  const { name } = datasets.find(dataset);
  const { dates, assets } = await datasets.index(name);
  const close = await datasets.field(name, 'close');
  if (close === undefined) return null;
  const columns = wanted.map((asset) => assets.indexOf(asset));
  if (columns.includes(-1)) return null;
  const n = wanted.length;
  const rows: number[][] = [];
  for (let t = Math.max(1, dates.length - ROWS); t < dates.length; t++) {
    const row = columns.map((i) => close[t * assets.length + i] / close[(t - 1) * assets.length + i] - 1);
    if (row.every(Number.isFinite)) rows.push(row);
  }
  if (rows.length < MINIMUM) return null;
  const mean = wanted.map((_asset, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (const row of rows) sum += (row[i] - mean[i]) * (row[j] - mean[j]);
      values[i * n + j] = values[j * n + i] = (sum / (rows.length - 1)) * ROWS;
    }
  }
  return { assets: [...wanted], values };
}
