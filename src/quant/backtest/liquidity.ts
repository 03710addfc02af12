/** How much of an asset trades and how much it moves: what market impact and capacity are measured with. */
import { AppError } from '#base/errors';
import type { Market } from './market';

/** Trading days that a liquidity constraint averages volume over: one month. */
export const LIQUIDITY_WINDOW = 21;

export interface Liquidity {
  /** Average daily notional, currency. */
  readonly adv: number;
  /** Standard deviation of daily simple returns about zero. */
  readonly volatility: number;
}

/**
 * Averages over the `window` rows that end at `row`; days without a volume are left out.
 * Errors: INVALID_DATA where the market has no volume, or the asset none in the window.
 */
export function liquidityAt(market: Market, row: number, asset: number, window: number): Liquidity {
  const n = market.assets.length;
  const { volume, valuation } = market;
  if (volume === undefined) {
    throw new AppError(
      'INVALID_DATA',
      'Expected traded volume to price market impact, found none in the data. Import volume or set costs.impact.coefficient to 0.',
    );
  }
  let notional = 0;
  let days = 0;
  let squares = 0;
  let moves = 0;
  for (let t = Math.max(0, row - window + 1); t <= row; t++) {
    const at = t * n + asset;
    if (volume[at] >= 0) {
      notional += volume[at] * valuation[at];
      days += 1;
    }
    if (t > 0 && valuation[at - n] > 0) {
      squares += (valuation[at] / valuation[at - n] - 1) ** 2;
      moves += 1;
    }
  }
  if (!(notional > 0)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected traded volume of ${market.assets[asset]} in the ${window} days to ${market.dates[Math.max(0, row)]}, found ` +
        `${notional} on ${days} days. Correct the volume, leave the asset out or set costs.impact.coefficient to 0.`,
      { data: { asset: market.assets[asset], date: market.dates[Math.max(0, row)], window, days } },
    );
  }
  return { adv: notional / days, volatility: moves > 0 ? Math.sqrt(squares / moves) : 0 };
}
