/** A market whose assets keep their own pace: the past tells the future, so that a forecast that works exists and a gate can be passed. */
import { createRandom } from '#quant/array/random';

export interface PredictableMarket {
  readonly assets: number;
  readonly days: number;
  /** Daily drift of the fastest asset; the slowest has its negative. */
  readonly drift: number;
  readonly noise: number;
  readonly seed: number;
}

/** Long CSV: date, symbol, close, volume. */
export function predictableMarketCsv({ assets, days, drift, noise, seed }: PredictableMarket): string {
  const random = createRandom(seed);
  const levels = new Float64Array(assets).fill(100);
  const lines = ['date,symbol,open,high,low,close,volume'];
  const day = new Date('2015-01-01T00:00:00Z');
  for (let t = 0; t < days; day.setUTCDate(day.getUTCDate() + 1)) {
    if (day.getUTCDay() % 6 === 0) continue;
    const date = day.toISOString().slice(0, 10);
    for (let i = 0; i < assets; i++) {
      const pace = drift * (1 - (2 * i) / (assets - 1));
      levels[i] *= 1 + pace + noise * random.normal();
      const price = levels[i].toFixed(6);
      lines.push(`${date},A${String(i).padStart(2, '0')},${price},${price},${price},${price},${100_000 + 1000 * i}`);
    }
    t++;
  }
  return `${lines.join('\n')}\n`;
}
