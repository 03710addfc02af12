/**
 * Networks under a search: grids tuned inside the training window, combinatorial cross-validation and sweeps, with their purge, seeds, memory
 * and resumption, through the real pipeline and the real engine.
 */
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { loadModel } from '#quant/models/load';
import { isPanelModel, type PanelTraining } from '#quant/models/panel-model';
import type { NetworkTrainer, TrainingTask } from '#quant/nn/training';
import { type ResearchConfig, researchConfigSchema } from '#quant/research/config';
import { countOverlaps, crossValidate } from '#quant/research/cross-validation';
import { trainingSlice } from '#quant/research/panel-slices';
import { productPieces } from '#quant/research/pieces';
import { prepareResearch } from '#quant/research/prepare-research';
import type { ResumeStore } from '#quant/research/resume';
import { runResearch } from '#quant/research/run-research';
import { sweepResearch } from '#quant/sweeps/research-sweep';
import { planSearch } from '#compute/training/network-plan';
import { ASSETS, quiet, smallMarket, testTrainer, TINY, tinyConfig } from './small-market';

const market = smallMarket(1);
const GRID = { learningRate: [1e-7, 0.02], lookback: [4, 8] };

function tunedConfig(grid: Readonly<Record<string, readonly unknown[]>> = GRID, folds = 2): ResearchConfig {
  const config = tinyConfig('lstm');
  const forecast = { id: 'lstm', params: { ...TINY['lstm'], seeds: 1 }, tune: { grid, folds, metric: 'mse' as const } };
  return researchConfigSchema.parse({ ...config, model: { ...config.model, forecast } });
}

const run = (config: ResearchConfig, networks: NetworkTrainer = testTrainer(), resume?: ResumeStore) =>
  runResearch({ ...config, experiment: { ...config.experiment, baselines: false } }, market, null, {
    ...quiet,
    networks,
    ...(resume && { resume }),
  });

/** What a job keeps, without the job. */
class Kept implements ResumeStore {
  readonly values = new Map<string, unknown>();
  get(key: string): unknown {
    return this.values.get(key);
  }
  put(key: string, value: unknown): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, structuredClone(value));
  }
  isDue(): boolean {
    return true;
  }
  keep(): void {
    // All that is put outlives the attempt.
  }
}

/** Notes what is trained, and fails at the call that it is told. */
function watched(inner: NetworkTrainer, tasks: TrainingTask[], failAt = Infinity): NetworkTrainer {
  return {
    train: (task) => {
      if (tasks.length >= failAt) return Promise.reject(new AppError('WORKER_CRASHED', 'The device is lost.'));
      tasks.push(task);
      return inner.train(task);
    },
    predict: (task) => inner.predict(task),
  };
}

describe('a grid of a network', { timeout: 90_000 }, () => {
  test('is searched in every training window, each fit trained with what it chose, the same bits again', async () => {
    const tasks: TrainingTask[] = [];
    const first = await run(tunedConfig(), watched(testTrainer(), tasks));
    for (const { metrics } of first.folds) {
      expect(GRID.learningRate).toContain(metrics['tuned_learningRate']);
      expect(GRID.lookback).toContain(metrics['tuned_lookback']);
    }
    const searched = tasks.filter(({ key }) => key.includes('/tune/'));
    expect(searched).toHaveLength(first.folds.length * 4 * 2);
    expect(new Set(tasks.map(({ key }) => key)).size).toBe(tasks.length);
    const chosen = tasks.filter(({ key }) => !key.includes('/tune/'));
    expect(chosen.map(({ recipe }) => recipe.schedule.learningRate)).toEqual(
      first.folds.map(({ metrics }) => metrics['tuned_learningRate']),
    );
    expect(await run(tunedConfig(), testTrainer({ threads: 2 }))).toEqual(first);
  });

  test('learns nothing from later prices, bit for bit', async () => {
    const cut = 330;
    const close = market.fields.close.map((price, at) => (at < (cut + 1) * ASSETS ? price : price * (1 + (at % 5))));
    const context = { ...quiet, networks: testTrainer() };
    const base = await run(tunedConfig());
    const other = await runResearch(
      { ...tunedConfig(), experiment: { ...tunedConfig().experiment, baselines: false } },
      { ...market, fields: { close } },
      null,
      context,
    );
    const until = base.strategies[0].rebalances.filter(({ decided }) => decided <= market.dates[cut]).length * ASSETS;
    expect(until).toBeGreaterThan(0);
    expect(other.strategies[0].weights.slice(0, until)).toEqual(base.strategies[0].weights.slice(0, until));
  });

  test('interrupted anywhere, it goes on without training anything twice, and ends with the same bits', async () => {
    const all: TrainingTask[] = [];
    const whole = await run(tunedConfig(), watched(testTrainer(), all));
    for (const failAt of [1, 8, 9]) {
      const kept = new Kept();
      const before: TrainingTask[] = [];
      const broken = watched(testTrainer({}, undefined, kept), before, failAt);
      await expect(run(tunedConfig(), broken, kept)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
      const after: TrainingTask[] = [];
      const again = await run(tunedConfig(), watched(testTrainer({}, undefined, kept), after), kept);
      expect(again).toEqual(whole);
      expect(before.length + after.length).toBe(all.length);
    }
  });

  test('that nobody can wait for is refused before anything is read', async () => {
    const grid = { hidden: [2, 3, 4, 5, 6], layers: [1, 2, 3], lookback: [4, 5, 6] };
    await expect(run(tunedConfig(grid))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('45 combinations × 2 folds = 90'),
    });
  });

  test('is in the plan: networks, time, and the memory of the largest combination', async () => {
    const { model } = await loadModel('lstm');
    if (!isPanelModel(model)) throw new Error('Expected the LSTM to be a panel model.');
    const stage = await prepareResearch(tunedConfig({ hidden: [4, 64] }), market, quiet, productPieces);
    const [{ forecast }] = stage.plans;
    if (forecast === null) throw new Error('Expected a forecast.');
    const shape = { assets: ASSETS, days: 126, features: 4 };
    const trainer = testTrainer();
    const search = await planSearch(model, forecast, shape, 3, trainer);
    const fixed = await planSearch(model, { ...forecast, tuning: null }, shape, 3, trainer);
    expect(fixed.networks).toBe(3);
    expect(search.networks).toBe(3 + 3 * 2 * 2);
    expect(search.memory.total).toBeGreaterThan(fixed.memory.total);
    expect(search.secondsInAll).toBeGreaterThan(search.secondsPerNetwork * 3);
  });
});

describe('a training set with gaps', async () => {
  const stage = await prepareResearch(tinyConfig('lstm'), market, quiet, productPieces);
  const [prepared] = stage.prepared.values();
  const { model } = prepared.plan;
  if (!isPanelModel(model)) throw new Error('Expected the LSTM to be a panel model.');
  const source = { ...prepared, market: stage.market, sectors: stage.sectors, dates: stage.market.dates };
  const sliceOf = (labels: Float64Array): PanelTraining => {
    const table = { ...prepared.table, labels };
    return trainingSlice(
      model,
      { ...source, table },
      [
        [100, 160],
        [200, 260],
      ],
      () => 300,
    );
  };

  test('has labels, scaler and target of its ranges alone, and the days of the gap as history', () => {
    const slice = sliceOf(prepared.table.labels);
    const first = 100 - slice.firstTrainRow;
    slice.labels.forEach((label, at) => {
      const row = first + Math.floor(at / ASSETS);
      const isIn = (row >= 100 && row <= 160) || (row >= 200 && row <= 260);
      expect(Number.isFinite(label)).toBe(isIn);
    });
    expect(slice.dates).toHaveLength(261 - first);
  });

  test('trains the same network whatever the labels in the gap are; with a label of its own changed another (sabotage)', async () => {
    const fitted = async (slice: PanelTraining) => {
      const context = { seed: 1, key: 'a/b', title: 'a', networks: testTrainer(), breathe: quiet.breathe };
      const pretrained = () => {
        throw new Error('Nothing here is pretrained.');
      };
      return (await model.fit(slice, prepared.plan.params, { ...context, pretrained })).fitted.members;
    };
    const spoil = (from: number, to: number) =>
      prepared.table.labels.map((label, at) => (at >= from * ASSETS && at < to * ASSETS ? label + 1 : label));
    const honest = await fitted(sliceOf(prepared.table.labels));
    expect(await fitted(sliceOf(spoil(161, 200)))).toEqual(honest);
    expect(await fitted(sliceOf(spoil(140, 161)))).not.toEqual(honest);
  });
});

describe.each(['lstm', 'gat'])('combinatorial cross-validation of %s', (id) => {
  test('gives paths over the same days, purged, the same bits again', { timeout: 60_000 }, async () => {
    const config = tinyConfig(id, { seeds: 1 });
    const validate = () =>
      crossValidate(config, market, { groups: 4, testGroups: 2 }, { ...quiet, networks: testTrainer() });
    const report = await validate();
    expect(report.splits).toHaveLength(6);
    expect(report.paths).toHaveLength(3);
    for (const { train, test: tested, trainRows } of report.splits) {
      expect(countOverlaps(train, tested, 6, 0)).toBe(0);
      expect(trainRows).toBeGreaterThan(0);
    }
    for (const path of report.paths) expect(path.every(Number.isFinite)).toBe(true);
    expect(new Set(report.sharpes).size).toBeGreaterThan(1);
    expect(await validate()).toEqual(report);
  });
});

test('an LSTM in chunks learns across a gap as well', { timeout: 60_000 }, async () => {
  const config = tinyConfig('lstm', { seeds: 1, mode: 'sequences', batch: 16 });
  const context = { ...quiet, networks: testTrainer() };
  const { paths } = await crossValidate(config, market, { groups: 4, testGroups: 1 }, context);
  expect(paths[0].every(Number.isFinite)).toBe(true);
});

test('a sweep of a network shares fits, and none of them between windows, whatever is kept', async () => {
  const config = tinyConfig('lstm', { seeds: 1 });
  const kept = new Kept();
  const context = { ...quiet, networks: testTrainer({}, undefined, kept), resume: kept };
  const axes = { 'backtest.window.train': [100, 126], 'model.constraints.maxWeight': [0.3, 0.4] };
  const sweep = await sweepResearch(config, axes, market, context);
  expect(sweep.computed).toMatchObject({ configurations: 4, forecasts: 2, featureSets: 1, trainingTables: 1 });
  for (const [k, trial] of sweep.trials.entries()) {
    const alone = { 'backtest.window.train': [k < 2 ? 100 : 126], 'model.constraints.maxWeight': [[0.3, 0.4][k % 2]] };
    const single = await sweepResearch(config, alone, market, { ...quiet, networks: testTrainer() });
    expect(trial.returns).toEqual(single.trials[0].returns);
  }
});
