/** A random-walk panel with every field, for benchmarks. */
import type { Panel } from '#quant/panel';
import { createRandom } from '#quant/array/random';

export function randomPanel(rows: number, columns: number, seed: number): Panel {
  const random = createRandom(seed);
  const size = rows * columns;
  const close = new Float64Array(size);
  const high = new Float64Array(size);
  const low = new Float64Array(size);
  const volume = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    close[i] = (i < columns ? 50 + 100 * random.uniform() : close[i - columns]) * (1 + 0.02 * random.normal());
    high[i] = close[i] * (1 + 0.01 * random.uniform());
    low[i] = close[i] * (1 - 0.01 * random.uniform());
    volume[i] = Math.round(1e6 * Math.exp(random.normal()));
  }
  const day = (t: number) => new Date(Date.UTC(2005, 0, 3) + t * 86_400_000).toISOString().slice(0, 10);
  return {
    dates: Array.from({ length: rows }, (_, t) => day(t)),
    assets: Array.from({ length: columns }, (_, j) => `A${j}`),
    fields: { open: close, high, low, close, volume },
    sectors: Array.from({ length: columns }, (_, j) => `S${j % 11}`),
  };
}
