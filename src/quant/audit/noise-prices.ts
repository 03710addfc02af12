/**
 * Prices in which nothing can be found: every return has mean zero given the past, volatility clusters, and dates, listings, gaps,
 * membership and fields are those of a real dataset.
 */
import { createRandom, type Random } from '../array/random';
import type { Panel, PriceField } from '../panel';
import type { PriceData } from '../research/select-data';

/** Daily volatility that the clusters revert to, and the shares of it that all assets have in common. */
const VOLATILITY = 0.015;
const COMMON = 0.5;
/** GARCH(1,1) reaction and memory (Bollerslev 1986). */
const REACTION = 0.08;
const MEMORY = 0.9;

export interface NoiseShape {
  /** Most assets, evenly spread over those of the dataset. */
  readonly assets: number;
  /** Most rows, the last ones of the dataset. */
  readonly rows: number;
}

export function noisePrices({ panel, benchmark }: PriceData, shape: NoiseShape, seed: number): PriceData {
  const random = createRandom(seed);
  const source = part(panel, shape);
  const rows = source.dates.length;
  const n = source.assets.length;
  const close = new Float64Array(rows * n);
  const common = new Cluster();
  const own = Array.from({ length: n }, () => new Cluster());
  const price = new Float64Array(n).fill(100);
  for (let t = 0; t < rows; t++) {
    const shared = common.next(random) * Math.sqrt(COMMON);
    for (let i = 0; i < n; i++) {
      // Simple returns with mean zero: prices are a martingale, so that no rule earns anything.
      const r = shared + own[i].next(random) * Math.sqrt(1 - COMMON);
      price[i] *= Math.max(0.2, 1 + r);
      close[t * n + i] = source.traded(t, i) ? price[i] : NaN;
    }
  }
  const fields = { close, ...bars(close, source.fields, random) };
  return {
    panel: {
      dates: source.dates,
      assets: source.assets,
      fields,
      ...(source.sectors && { sectors: source.sectors }),
      ...(source.membership && { membership: source.membership }),
    },
    benchmark: benchmark && { name: benchmark.name, levels: averageLevels(close, n) },
  };
}

/** One conditionally normal series with clustering volatility. */
class Cluster {
  #variance = VOLATILITY ** 2;

  next(random: Random): number {
    const r = Math.sqrt(this.#variance) * random.normal();
    this.#variance = (1 - REACTION - MEMORY) * VOLATILITY ** 2 + REACTION * r * r + MEMORY * this.#variance;
    return r;
  }
}

/** The rows, columns, gaps and members of a dataset without its prices. */
function part(panel: Panel, shape: NoiseShape) {
  const width = panel.assets.length;
  const n = Math.min(width, shape.assets);
  const columns = Array.from({ length: n }, (_, k) => Math.floor((k * width) / n));
  const first = Math.max(0, panel.dates.length - shape.rows);
  const dates = panel.dates.slice(first);
  const { sectors, membership } = panel;
  const at = (t: number, i: number) => (first + t) * width + columns[i];
  return {
    dates,
    assets: columns.map((column) => panel.assets[column]),
    sectors: sectors && columns.map((column) => sectors[column]),
    membership:
      membership && Uint8Array.from({ length: dates.length * n }, (_, c) => membership[at(Math.floor(c / n), c % n)]),
    fields: Object.keys(panel.fields),
    traded: (t: number, i: number) => panel.fields.close[at(t, i)] > 0,
  };
}

/** Bars around the close that say nothing about any other row. */
function bars(
  close: Float64Array,
  wanted: readonly string[],
  random: Random,
): Partial<Record<PriceField, Float64Array>> {
  const open = close.map((price) => price * (1 + 0.004 * (random.uniform() - 0.5)));
  const high = close.map((price, c) => Math.max(price, open[c]) * (1 + 0.01 * random.uniform()));
  const low = close.map((price, c) => Math.min(price, open[c]) * (1 - 0.01 * random.uniform()));
  const volume = close.map((price) => (price > 0 ? Math.round(1e5 * (0.2 + random.uniform())) : NaN));
  const made: Partial<Record<PriceField, Float64Array>> = { open, high, low, volume };
  return Object.fromEntries(Object.entries(made).filter(([name]) => wanted.includes(name)));
}

/** An index that moves with the average asset. */
function averageLevels(close: Float64Array, n: number): Float64Array {
  const levels = new Float64Array(close.length / n).fill(1000);
  for (let t = 1; t < levels.length; t++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < n; i++) {
      const change = close[t * n + i] / close[(t - 1) * n + i] - 1;
      if (!Number.isFinite(change)) continue;
      sum += change;
      count += 1;
    }
    levels[t] = levels[t - 1] * (1 + (count > 0 ? sum / count : 0));
  }
  return levels;
}
