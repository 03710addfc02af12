/** Which assets a decision may hold, and their returns over the look-back. Everything uses rows up to the decision only. */
import { AppError } from '#base/errors';
import type { Market } from '../backtest/market';

/** Share of the look-back on which an asset must have traded. */
const LEAST_COVERAGE = 0.95;

export interface UniverseRules {
  readonly lookback: number;
  /** [T, N], 1 = member; undefined = every asset on every date. */
  readonly membership: Uint8Array | undefined;
}

/**
 * Assets, ascending, that are members, have a price on the row, traded on 95 % of the look-back and moved at all during it.
 * Errors: NOT_ENOUGH_DATA where fewer than 2 are left.
 */
export function universeAt(market: Market, row: number, rules: UniverseRules): Int32Array {
  const n = market.assets.length;
  const first = row - rules.lookback;
  const traded = new Int32Array(n);
  const moved = new Uint8Array(n);
  for (let t = first; t <= row; t++) {
    for (let i = 0; i < n; i++) {
      const price = market.close[t * n + i];
      if (!(price > 0)) continue;
      traded[i] += 1;
      if (price !== market.valuation[first * n + i]) moved[i] = 1;
    }
  }
  const least = Math.ceil(LEAST_COVERAGE * (rules.lookback + 1));
  const chosen: number[] = [];
  for (let i = 0; i < n; i++) {
    const member = rules.membership === undefined || rules.membership[row * n + i] === 1;
    const listed = market.valuation[first * n + i] > 0 && market.close[row * n + i] > 0;
    if (member && listed && traded[i] >= least && moved[i] === 1) chosen.push(i);
  }
  if (chosen.length < 2) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 2 assets on ${market.dates[row]} that are members, have a price, and moved on 95 % of the ` +
        `${rules.lookback} days before, found ${chosen.length} of ${n}. Shorten backtest.lookback or import more assets.`,
      { data: { needed: 2, found: chosen.length, date: market.dates[row], lookback: rules.lookback } },
    );
  }
  return Int32Array.from(chosen);
}

/**
 * [lookback, chosen] simple returns that end at `row`; finite. A day without a price returns 0 and the next price the whole move,
 * as for a holder.
 */
export function returnsWindow(market: Market, row: number, lookback: number, chosen: Int32Array): Float64Array {
  const n = market.assets.length;
  const { valuation } = market;
  const returns = new Float64Array(lookback * chosen.length);
  let at = 0;
  for (let t = row - lookback + 1; t <= row; t++) {
    for (let j = 0; j < chosen.length; j++) {
      const i = t * n + chosen[j];
      returns[at++] = valuation[i] / valuation[i - n] - 1;
    }
  }
  return returns;
}
