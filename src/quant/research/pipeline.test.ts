import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { mean, standardDeviation } from '../array/stats';
import { tradingDays } from '../calendar/nyse';
import type { Panel } from '../panel';
import { researchConfigSchema } from './config';
import { productPieces, type ResearchPieces } from './pieces';
import { runResearch } from './run-research';

const N = 14;
const DAYS = tradingDays('2019-01-02', '2021-06-30');

/** Driftless prices with volatility that clusters: nothing to be found. */
function noiseMarket(seed: number): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(DAYS.length * N).fill(100);
  let level = 0.01;
  for (let t = 1; t < DAYS.length; t++) {
    level = 0.001 + 0.9 * level * (0.95 + 0.1 * random.uniform());
    for (let i = 0; i < N; i++) {
      close[t * N + i] = close[(t - 1) * N + i] * Math.exp(level * random.normal() - level ** 2 / 2);
    }
  }
  return {
    dates: DAYS,
    assets: Array.from({ length: N }, (_, i) => `A${i}`),
    sectors: Array.from({ length: N }, (_, i) => `S${i % 3}`),
    fields: { close },
  };
}

const config = researchConfigSchema.parse({
  model: {
    forecast: { id: 'ridge' },
    horizon: 5,
    features: { set: ['momentum_1m', 'return_5d', 'volatility_20', 'rsi_14'] },
    constraints: { maxWeight: 0.3, sectorCap: 0.7 },
  },
  backtest: { window: { train: 120 }, lookback: 60, rebalance: 'week' },
  experiment: { bootstrap: { replications: 100 } },
});
const context = { emit() {}, breathe: () => Promise.resolve() };
const run = (panel: Panel, pieces: ResearchPieces = productPieces) => runResearch(config, panel, null, context, pieces);

/** Features of a panel moved up by some rows: every value at t is the one of t + rows. */
const peeking = (rows: number): ResearchPieces => ({
  ...productPieces,
  features: async (choice, panel, progress) => {
    const { table, notes } = await productPieces.features(choice, panel, progress);
    const columns = table.columns.map((column) =>
      column.map((_, cell) => column[Math.min(column.length - N + (cell % N), cell + rows * N)]),
    );
    return { table: { ...table, columns }, notes };
  },
});

const rankIcs = async (seeds: readonly number[], pieces?: ResearchPieces) => {
  const ics: number[] = [];
  for (const seed of seeds) {
    const { folds } = await run(noiseMarket(seed), pieces);
    const known = folds.map(({ metrics }) => metrics.rank_ic).filter((ic) => ic !== null);
    ics.push(mean(known));
  }
  return ics;
};

describe('the pipeline with the pieces of the product', () => {
  it('finds nothing in markets of noise, and a planted leak at once (sabotage)', async () => {
    const seeds = Array.from({ length: 12 }, (_, k) => k + 1);
    const honest = await rankIcs(seeds);
    const z = (mean(honest) / standardDeviation(honest)) * Math.sqrt(honest.length);
    expect(Math.abs(mean(honest))).toBeLessThan(0.02);
    expect(Math.abs(z)).toBeLessThan(4);
    const leaking = await rankIcs(seeds.slice(0, 4), peeking(6));
    expect(mean(leaking)).toBeGreaterThan(0.3);
  });

  it('keeps every constraint at every decision and says what was not available', async () => {
    const panel = noiseMarket(3);
    const result = await run(panel);
    const { weights, rebalances } = result.strategies[0];
    for (let k = 0; k < rebalances.length; k++) {
      const row = weights.subarray(k * N, (k + 1) * N);
      expect(row.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
      expect(Math.max(...row)).toBeLessThanOrEqual(0.3 + 1e-9);
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
      const sectors = new Map<string, number>();
      row.forEach((w, i) => sectors.set(`S${i % 3}`, (sectors.get(`S${i % 3}`) ?? 0) + w));
      for (const held of sectors.values()) expect(held).toBeLessThanOrEqual(0.7 + 1e-9);
    }
    expect(result.next.checks.every(({ satisfied }) => satisfied)).toBe(true);
    expect(result.warnings).toEqual([expect.stringContaining('survivorship'), expect.stringContaining('no index')]);
  });

  it('decides nothing with later prices, bit for bit', async () => {
    const base = noiseMarket(5);
    const original = (await run(base)).strategies[0];
    for (const cut of [330, 400, 471]) {
      const close = base.fields.close.map((price, at) => (at < (cut + 1) * N ? price : price * (1 + ((at * 7) % 5))));
      const changed = (await run({ ...base, fields: { close } })).strategies[0];
      const until = original.rebalances.filter(({ decided }) => decided <= base.dates[cut]).length * N;
      expect(until).toBeGreaterThan(0);
      expect(changed.weights.slice(0, until)).toEqual(original.weights.slice(0, until));
    }
  });

  it('runs tree ensembles beside ridge, and they decide nothing with later prices either', async () => {
    const compared = researchConfigSchema.parse({
      ...config,
      model: { ...config.model, forecast: { id: 'gradient-boosting', params: { rounds: 20, minLeafRows: 20 } } },
      experiment: {
        ...config.experiment,
        compare: [
          { name: 'forest', forecast: { id: 'random-forest', params: { trees: 10, minLeafRows: 20 } } },
          { name: 'ridge', forecast: { id: 'ridge' } },
        ],
      },
    });
    const base = noiseMarket(6);
    const cut = 400;
    const close = base.fields.close.map((price, at) => (at < (cut + 1) * N ? price : price * (1 + ((at * 7) % 5))));
    const original = await runResearch(compared, base, null, context);
    const changed = await runResearch(compared, { ...base, fields: { close } }, null, context);
    expect(original.strategies.map(({ name }) => name).slice(0, 3)).toEqual([
      'gradient-boosting-mean-variance',
      'forest',
      'ridge',
    ]);
    for (const s of [0, 1]) {
      const { rebalances, weights } = original.strategies[s];
      const until = rebalances.filter(({ decided }) => decided <= base.dates[cut]).length * N;
      expect(until).toBeGreaterThan(0);
      expect(changed.strategies[s].weights.slice(0, until)).toEqual(weights.slice(0, until));
      expect(changed.strategies[s].weights).not.toEqual(weights);
    }
  });
});
