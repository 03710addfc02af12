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
