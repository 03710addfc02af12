/** A small market with something to find, a small configuration for networks, and a trainer on an engine of choice. */
import { createRandom } from '#quant/array/random';
import { tradingDays } from '#quant/calendar/nyse';
import type { EngineId } from '#quant/nn/engine';
import type { Panel } from '#quant/panel';
import { type ResearchConfig, researchConfigSchema } from '#quant/research/config';
import { forgetfulStore, type ResumeStore } from '#quant/research/resume';
import { loadEngine } from '#compute/nn/engines';
import { Trainer, type TrainerOptions } from '#compute/training/trainer';

export const ASSETS = 10;
export const DAYS = tradingDays('2019-01-02', '2020-12-31');

/** Prices whose weekly returns carry on a little: momentum exists. */
export function smallMarket(seed: number, assets = ASSETS, days: readonly string[] = DAYS): Panel {
  const random = createRandom(seed);
  const close = new Float64Array(days.length * assets).fill(100);
  const drift = new Float64Array(assets);
  for (let t = 1; t < days.length; t++) {
    const market = 0.008 * random.normal();
    for (let i = 0; i < assets; i++) {
      drift[i] = 0.95 * drift[i] + 0.001 * random.normal();
      const move = drift[i] + market + 0.01 * random.normal();
      close[t * assets + i] = close[(t - 1) * assets + i] * Math.exp(move);
    }
  }
  return {
    dates: days,
    assets: Array.from({ length: assets }, (_, i) => `A${i}`),
    sectors: Array.from({ length: assets }, (_, i) => `S${i % 3}`),
    fields: { close },
  };
}

const shared = { seeds: 2, epochs: 2, stride: 10, dropout: 0, device: 'wasm' };
export const TINY: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  lstm: { ...shared, lookback: 8, hidden: 4, layers: 1, batch: 64 },
  gat: { ...shared, layers: 2, heads: 2, channels: 4, graphWindow: 30, neighbors: 2, batch: 4 },
};

export function tinyConfig(model: string, params: Readonly<Record<string, unknown>> = {}): ResearchConfig {
  return researchConfigSchema.parse({
    model: {
      forecast: { id: model, params: { ...TINY[model], ...params } },
      horizon: 5,
      features: { set: ['momentum_1m', 'return_5d', 'volatility_20', 'rsi_14'] },
      constraints: { maxWeight: 0.3, sectorCap: 0.7 },
    },
    backtest: { window: { train: 126, refit: 'quarter' }, lookback: 60 },
    experiment: { bootstrap: { replications: 100 } },
  });
}

/** A trainer without a job around it. */
export function testTrainer(
  stated: Partial<TrainerOptions> = {},
  engine?: EngineId,
  resume: ResumeStore = forgetfulStore(),
): Trainer {
  return new Trainer({
    loadEngine: (id) => loadEngine(engine ?? id),
    resume,
    breathe: () => Promise.resolve(),
    whilePending: (pending) => pending,
    report() {},
    warn() {},
    budget: () => 2 ** 30,
    holdsVram() {},
    threads: 1,
    ...stated,
  });
}

export const quiet = { emit() {}, breathe: () => Promise.resolve() };
