/** The conformance suite of models that look at the panel, through the real pipeline: whatever is registered as one is held to it. */
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { tradingDays } from '#quant/calendar/nyse';
import { loadModel } from '#quant/models/load';
import { isPanelModel } from '#quant/models/panel-model';
import { modelSpecs } from '#quant/models/registry';
import type { Panel } from '#quant/panel';
import type { ResearchConfig } from '#quant/research/config';
import { runResearch } from '#quant/research/run-research';
import { ASSETS, quiet, smallMarket, testTrainer, tinyConfig } from './small-market';

const found = await Promise.all(modelSpecs.map(({ id }) => loadModel(id)));
const ids = found.filter(({ model }) => isPanelModel(model)).map(({ spec }) => spec.id);
const market = smallMarket(1);

const run = (config: ResearchConfig, panel: Panel = market, networks = testTrainer()) =>
  runResearch(config, panel, null, { ...quiet, networks });

test('there are such models', () => {
  expect(ids).toEqual(expect.arrayContaining(['gat', 'lstm']));
});

describe.each(ids)('panel model %s', (id) => {
  const config = tinyConfig(id);

  test('the same panel and seed give the same bits, whatever the number of threads; another seed gives others', async () => {
    const first = await run(config);
    expect(await run(config, market, testTrainer({ threads: 2 }))).toEqual(first);
    const other = await run({ ...config, experiment: { ...config.experiment, seed: 1 } });
    expect(other.strategies[0].weights).not.toEqual(first.strategies[0].weights);
  });

  test('every forecast is finite and every weight within its constraints', async () => {
    const { strategies, next } = await run(config);
    expect(strategies[0].weights.every(Number.isFinite)).toBe(true);
    expect(next.checks.every(({ satisfied }) => satisfied)).toBe(true);
    expect(next.weights.some(({ forecast }) => forecast !== null)).toBe(true);
  });

  test('later prices decide nothing before them, bit for bit', async () => {
    const cut = 330;
    const close = market.fields.close.map((price, at) =>
      at < (cut + 1) * ASSETS ? price : price * (1 + ((at * 7) % 5)),
    );
    const [base, other] = [await run(config), await run(config, { ...market, fields: { close } })];
    const until = base.strategies[0].rebalances.filter(({ decided }) => decided <= market.dates[cut]).length * ASSETS;
    expect(until).toBeGreaterThan(0);
    expect(other.strategies[0].weights.slice(0, until)).toEqual(base.strategies[0].weights.slice(0, until));
    expect(other.strategies[0].weights).not.toEqual(base.strategies[0].weights);
  });

  test('too short a history is refused with the days needed', async () => {
    const days = market.dates.slice(0, 160);
    const short = { ...market, dates: days, fields: { close: market.fields.close.slice(0, 160 * ASSETS) } };
    await expect(run(config, short)).rejects.toMatchObject({ code: 'NOT_ENOUGH_DATA', data: { found: 160 } });
  });

  test('one asset alone is refused in words', async () => {
    const one = smallMarket(2, 1);
    await expect(run(config, one)).rejects.toMatchObject({ code: 'NOT_ENOUGH_DATA', data: { needed: 2, found: 1 } });
  });

  test('a price that never moves makes no forecast fail', async () => {
    const close = market.fields.close.map((price, at) => (at % ASSETS === 3 ? 50 : price));
    const { strategies } = await run(config, { ...market, fields: { close } });
    expect(strategies[0].weights.every(Number.isFinite)).toBe(true);
  });

  test('cancelling is honored within one update', async () => {
    let breaths = 0;
    const networks = testTrainer({
      breathe: () => (++breaths > 3 ? Promise.reject(new AppError('CANCELLED', 'Cancelled.')) : Promise.resolve()),
    });
    await expect(run(config, market, networks)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(breaths).toBe(4);
  });

  test('a run without an engine says so', async () => {
    await expect(runResearch(config, market, null, quiet)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });

  test('a device that was asked for and is not there stops the run', async () => {
    const asked = tinyConfig(id, { device: 'tf' });
    await expect(run(asked)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });

  test.each(['huber', 'ic', 'rank-ic', 'sharpe'])('learns with the loss %s', async (loss) => {
    const { strategies } = await run(tinyConfig(id, { loss, seeds: 1, epochs: 1 }));
    expect(strategies[0].weights.every(Number.isFinite)).toBe(true);
  });
});

test('an LSTM in sequence mode, warm-started, gives finite forecasts', async () => {
  const { strategies } = await run(tinyConfig('lstm', { mode: 'sequences', warmStart: true, batch: 16 }));
  expect(strategies[0].weights.every(Number.isFinite)).toBe(true);
});

test('a graph of nearest neighbors by distance correlation works too, and one without sectors', async () => {
  const { sectors: _, ...bare } = market;
  const config = tinyConfig('gat', { filter: 'knn', association: 'distance-correlation', seeds: 1, epochs: 1 });
  const { strategies } = await run(
    { ...config, model: { ...config.model, constraints: { maxWeight: 0.3 } } } as ResearchConfig,
    bare,
  );
  expect(strategies[0].weights.every(Number.isFinite)).toBe(true);
});

test('chunks of days teach an LSTM what overlapping windows teach it', { timeout: 60_000 }, async () => {
  const days = tradingDays('2017-01-03', '2020-12-31');
  const shared = { lookback: 20, hidden: 16, seeds: 3, epochs: 12, patience: 12, stride: 5, learningRate: 0.003 };
  const rankIc = async (panel: Panel, params: Readonly<Record<string, unknown>>) => {
    const { backtest, ...config } = tinyConfig('lstm', { ...shared, ...params });
    const window = { ...backtest.window, train: 756, refit: 'year' as const };
    const { training } = await run({ ...config, backtest: { ...backtest, window } }, panel);
    const members = training.flatMap(({ fits }) => fits.flatMap((fit) => fit.members));
    expect(members).toHaveLength(3);
    return members.reduce((sum, { epochs, bestEpoch }) => sum + (epochs[bestEpoch - 1].validationIc ?? NaN), 0) / 3;
  };
  for (const seed of [1, 2]) {
    const panel = smallMarket(seed, 30, days);
    const windows = await rankIc(panel, { mode: 'windows', batch: 256 });
    const sequences = await rankIc(panel, { mode: 'sequences', batch: 30 });
    // Five such markets: 0.279 to 0.308 by windows, 0.277 to 0.307 by sequences; single networks spread by 0.01.
    expect(windows).toBeGreaterThan(0.25);
    expect(sequences).toBeGreaterThan(windows - 0.03);
  }
});
