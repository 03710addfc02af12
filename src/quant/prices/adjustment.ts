/** Back-adjustment of raw prices for splits and cash dividends, so that returns across events are those of a holder. */
import { AppError } from '#base/errors';

export interface AdjustmentInput {
  /** ISO days, ascending. */
  readonly dates: readonly string[];
  /** Raw closes, one per date. */
  readonly close: Float64Array;
  /** Ex-dates; `ratio` new shares for one old. */
  readonly splits: readonly { readonly date: string; readonly ratio: number }[];
  /** Ex-dates; `amount` in currency per share. */
  readonly dividends: readonly { readonly date: string; readonly amount: number }[];
}

/**
 * Adjustment factors: f_T = 1, f_t = f_{t+1} / s_{t+1} · (1 − d_{t+1} / close_t), s = 1 and d = 0 without an event (CRSP's convention).
 * Returns one factor per date. Errors: INVALID_DATA when an event falls on no row or a dividend takes the whole price.
 */
export function adjustmentFactors({ dates, close, splits, dividends }: AdjustmentInput): Float64Array {
  const row = new Map(dates.map((date, t) => [date, t]));
  const ratio = new Float64Array(dates.length).fill(1);
  const amount = new Float64Array(dates.length);
  const rowOf = (date: string) => {
    const t = row.get(date);
    if (t === undefined)
      throw new AppError(
        'INVALID_DATA',
        `Expected a price row on the ex-date ${date}, found none. Remove the event or add the row.`,
      );
    return t;
  };
  for (const split of splits) ratio[rowOf(split.date)] *= split.ratio;
  for (const dividend of dividends) amount[rowOf(dividend.date)] += dividend.amount;
  const factors = new Float64Array(dates.length).fill(1);
  for (let t = dates.length - 2; t >= 0; t--) {
    const kept = 1 - amount[t + 1] / close[t];
    if (!(kept > 0)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected a dividend below the price, found ${amount[t + 1]} on ${dates[t + 1]} against ${close[t]}.`,
      );
    }
    factors[t] = (factors[t + 1] / ratio[t + 1]) * kept;
  }
  return factors;
}
