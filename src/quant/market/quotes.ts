/** From simulated closes to bars as a vendor quotes them: open, high, low, close in cents and whole shares of volume. */
import type { Random } from '../array/random';
import type { PriceField } from '../panel';
import type { Company } from './companies';

/** Prices below this are quoted in hundredths of a cent. */
const PENNY_LIMIT = 5;

/**
 * Bars [T, N] from log closes [T, N] and daily volatilities [T, N]; NaN outside [from, to) of each company.
 * Rounding is monotone, so low ≤ open, close ≤ high survives it.
 */
export function quoteBars(
  companies: readonly Company[],
  days: number,
  logPrice: Float64Array,
  volatility: Float64Array,
  random: Random,
): Record<PriceField, Float64Array> {
  const width = companies.length;
  const empty = () => new Float64Array(days * width).fill(NaN);
  const fields = { open: empty(), high: empty(), low: empty(), close: empty(), volume: empty() };
  companies.forEach((company, n) => {
    let activity = 0;
    for (let t = company.from; t < company.to; t++) {
      const cell = t * width + n;
      const sigma = volatility[cell];
      const close = logPrice[cell];
      const move = t > 0 ? close - logPrice[cell - width] : 0;
      const open = close - move + 0.35 * move + 0.3 * sigma * random.normal();
      const high = Math.max(open, close) + 0.45 * sigma * Math.abs(random.normal());
      const low = Math.min(open, close) - 0.45 * sigma * Math.abs(random.normal());
      const decimals = close < Math.log(PENNY_LIMIT) ? 10_000 : 100;
      const quote = (log: number) => Math.max(1, Math.round(Math.exp(log) * decimals)) / decimals;
      fields.open[cell] = quote(open);
      fields.high[cell] = quote(high);
      fields.low[cell] = quote(low);
      fields.close[cell] = quote(close);
      activity = 0.7 * activity + 0.25 * random.normal();
      const excitement = Math.min(3, Math.abs(move) / sigma);
      fields.volume[cell] = Math.max(
        100,
        Math.round(company.shares * company.turnover * Math.exp(activity + 0.35 * excitement)),
      );
    }
  });
  return fields;
}
