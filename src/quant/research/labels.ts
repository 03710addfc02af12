/** What a forecast is trained to foresee: the return that a decision at row t can still earn. */
import type { Market } from '../backtest/market';

/**
 * [T, N] simple return from the fill (row t + lag) over `horizon` rows; NaN where the asset has no price at the fill or the label
 * reaches beyond the data. An asset that stops trading is worth its last price.
 */
export function forwardReturns(market: Market, horizon: number, lag: number): Float64Array {
  const n = market.assets.length;
  const { close, valuation } = market;
  const labels = new Float64Array(close.length).fill(NaN);
  const reach = (lag + horizon) * n;
  for (let at = 0; at + reach < close.length; at++) {
    const price = close[at + lag * n];
    if (price > 0) labels[at] = valuation[at + reach] / price - 1;
  }
  return labels;
}

/** Simple return of an asset on the day of a row; NaN without a price on it or before it. */
export function returnOver({ close, valuation, assets }: Market, row: number, asset: number): number {
  const at = row * assets.length + asset;
  const before = row === 0 ? 0 : valuation[at - assets.length];
  return close[at] > 0 && before > 0 ? valuation[at] / before - 1 : NaN;
}
