/** A network through the contract: plan → run in a child process, killed at will → baselines, curves, sealed model → fine-tuning → inference. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#base/log';
import { createRandom } from '#quant/array/random';
import { openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import type { WorkerHandle } from '#engine/host';
import { childProcessLauncher } from '#headless/child-process-worker';
import type { TrainedEpoch } from '#contract/jobs';
import type { Run } from '#contract/runs';
import type { OnnxRuntime } from '#compute/models/onnx-runtime';
import { buildScript } from '../support/build-script';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { runProgram } from '../support/program';

const LSTM = { lookback: 5, hidden: 4, layers: 1, seeds: 2, epochs: 3, stride: 21, batch: 256, device: 'wasm' };
const CONFIG = {
  data: { dataset: 'sample' },
  model: {
    forecast: { id: 'lstm', params: LSTM },
    features: { set: ['momentum_1m', 'return_5d', 'volatility_20', 'rsi_14'] },
    constraints: { maxWeight: 0.1 },
  },
  backtest: { window: { train: 252, refit: 'year' as const }, lookback: 126 },
  experiment: { name: 'network', bootstrap: { replications: 100 }, baselines: false },
};
const BESIDE = { ...CONFIG, experiment: { ...CONFIG.experiment, baselines: true } };

const workspace = mkdtempSync(join(tmpdir(), 'sextant-network-'));
const children: WorkerHandle[] = [];
let spawnWorker: () => WorkerHandle;
let host: TestEngine;
let first: Run;

beforeAll(async () => {
  const launch = childProcessLauncher({ entry: await buildScript('src/compute/worker.ts'), log: silentLog });
  spawnWorker = () => {
    const child = launch();
    children.push(child);
    return child;
  };
  host = await openTestEngine({ workspace, spawnWorker });
  await host.finished((await host.client.datasets.generate({})).job);
  const { run, job } = await host.client.runs.start({ config: BESIDE });
  expect((await host.finished(job)).error).toBeNull();
  first = await host.client.runs.show({ run });
}, 180_000);

afterAll(async () => {
  await host.engine.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** In the order in which the job said them; what an attempt after an interruption says again counts once. */
async function epochsTold(job: string): Promise<TrainedEpoch[]> {
  const told = new Map<string, TrainedEpoch>();
  for await (const event of await host.client.jobs.events({ job })) {
    if (event.type !== 'progress') continue;
    for (const epoch of event.progress.epochsEnded ?? []) told.set(`${epoch.network} ${epoch.epoch}`, epoch);
  }
  return [...told.values()];
}

describe('a finished run of a network', () => {
  test('has ridge, boosting and minimum variance beside it, and is judged against ridge first', () => {
    const names = first.strategies.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ridge', 'gradient-boosting', 'min-variance', 'equal-weight']));
    expect(first.comparisons[0]).toMatchObject({ strategy: first.strategies[0].name, against: 'ridge' });
    expect(first.headline?.distinguishable).toBe(first.comparisons[0].distinguishable);
    expect(first.headline?.verdict).toMatch(/ridge/);
    expect(first.provenance.device).toMatch(/wasm/);
  });

  test('shows what every seed learned in every fit', async () => {
    const { networks } = await host.client.runs.training({ run: first.id });
    expect(networks).toHaveLength(1);
    expect(networks[0].fits).toHaveLength(first.folds.length);
    for (const { members } of networks[0].fits) {
      expect(members).toHaveLength(2);
      for (const { epochs, bestEpoch } of members) expect(epochs[bestEpoch].validationLoss).toBeTypeOf('number');
    }
    expect(networks[0].validationIc.deviationBetweenSeeds).toBeTypeOf('number');
  });

  test('told every epoch while it trained, and keeps them as metrics over steps with the time of each', async () => {
    const { networks } = await host.client.runs.training({ run: first.id });
    const told = await epochsTold(first.job);
    const [{ strategies, fits }] = networks;
    const learned = fits.flatMap(({ fittedOn, members }) =>
      members.flatMap(({ epochs }, k) =>
        epochs.map((numbers, e) => ({ title: `lstm ${fittedOn}, seed ${k + 1} of 2`, epoch: e + 1, ...numbers })),
      ),
    );
    expect(told).toEqual(learned.map((epoch) => ({ network: expect.stringMatching(/^[0-9a-f]{12}$/), ...epoch })));
    expect(new Set(told.map(({ network }) => network)).size).toBe(fits.length * 2);
    const name = `epoch/${strategies[0]}/${fits[1].fittedOn}/seed-2/validation_loss`;
    const { metrics } = await host.client.runs.metrics({ run: first.id, name });
    const { epochs } = fits[1].members[1];
    expect(metrics).toMatchObject([
      { name, steps: epochs.map((_, e) => e + 1), values: epochs.map(({ validationLoss }) => validationLoss) },
    ]);
    const [begun, ended] = [first.createdAt, first.finishedAt ?? ''].map((text) => Date.parse(text));
    for (const time of metrics[0].times) {
      expect(Date.parse(time ?? '')).toBeGreaterThanOrEqual(begun);
      expect(Date.parse(time ?? '')).toBeLessThanOrEqual(ended);
    }
    const all = await host.client.runs.metrics({ run: first.id, name: 'epoch/' });
    expect(all.metrics).toHaveLength(3 + fits.length * 2 * 3);
    const losses = fits.flatMap(({ members }) => members.map((member) => member.epochs[0].loss ?? NaN));
    const mean = all.metrics.find((series) => series.name === 'epoch/loss');
    expect(mean?.values[0]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 12);
  });

  test('leaves its last fit as a sealed model that answers from the newest data', async () => {
    const { models } = await host.client.models.list({ run: first.id });
    expect(models).toHaveLength(1);
    const { manifest } = await host.client.models.show({ model: models[0].name });
    const exported = await host.client.models.export({ model: models[0].id });
    expect(exported.filename).toMatch(/\.onnx$/);
    // ONNX begins with its version of the format, field 1 as a varint.
    expect([...Buffer.from(exported.text, 'base64').subarray(0, 2)]).toEqual([0x08, 8]);
    expect(manifest).toMatchObject({ model: 'lstm', members: 2, datasetHash: first.provenance.datasetHash });
    const answer = await host.client.models.forecast({ model: models[0].id });
    expect(answer.reason).toBeNull();
    const forecast = new Map(answer.forecasts.map((line) => [line.asset, line.forecast]));
    // The same forecasts as the run's own next portfolio was made of.
    const portfolio = await host.client.portfolios.show({ portfolio: first.portfolio ?? '' });
    for (const { asset, forecast: made } of portfolio.weights) {
      if (made !== null) expect(forecast.get(asset)).toBeCloseTo(made, 6);
    }
  }, 60_000);

  test('says that there is no signal where the data are too old for the day or the model for the data', async () => {
    const { models } = await host.client.models.list({});
    const stale = await host.client.models.forecast({ model: models[0].id, asOf: '2040-01-01' });
    expect(stale).toMatchObject({ signal: 'none', forecasts: [] });
    expect(stale.reason).toMatch(/stale/);
    const before = await host.client.models.forecast({ model: models[0].id, asOf: '2019-01-02' });
    expect(before.reason).toMatch(/before the model was fitted/);
  }, 60_000);

  test('answers rows alone as in a batch', async () => {
    const { models } = await host.client.models.list({});
    const { manifest } = await host.client.models.show({ model: models[0].id });
    const { features, values } = frameFor(manifest);
    const width = LSTM.lookback * features.length;
    const ask = (rows: string[], given: number[]) =>
      host.client.models.predict({
        model: models[0].id,
        frame: { rows, features, values: given },
        date: manifest.trained.cutoff,
      });
    const all = await ask(['A', 'B', 'C'], values);
    const alone = await ask(['B'], values.slice(width, 2 * width));
    expect(all.predictions[1].value).toBeTypeOf('number');
    expect(alone.predictions[0].value).toBe(all.predictions[1].value);
  }, 60_000);

  test('is a start for fine-tuning on other data, whose model answers too', async () => {
    const { models } = await host.client.models.list({});
    await host.finished((await host.client.datasets.generate({ name: 'other', seed: 9 })).job);
    const forecast = { id: 'lstm', params: { ...LSTM, epochs: 1, pretrained: models[0].name } };
    const config = { ...CONFIG, data: { dataset: 'other' }, model: { ...CONFIG.model, forecast } };
    const { run, job } = await host.client.runs.start({ config });
    expect((await host.finished(job)).error).toBeNull();
    const tuned = await host.client.models.list({ run });
    expect((await host.client.models.forecast({ model: tuned.models[0].id })).signal).toBe('forecast');
    const wider = {
      ...config,
      model: { ...config.model, forecast: { ...forecast, params: { ...forecast.params, hidden: 8 } } },
    };
    const refused = await host.client.runs.start({ config: wider });
    expect((await host.finished(refused.job)).error).toMatchObject({ code: 'INVALID_CONFIG' });
  }, 120_000);
});

test('a plan says folds, memory and time before anything starts', async () => {
  const plan = await host.client.runs.plan({ config: BESIDE });
  expect(plan.folds).toBe(first.folds.length + (plan.folds > first.folds.length ? 1 : 0));
  expect(plan.strategies).toContain('ridge');
  const [network] = plan.networks;
  expect(network.memory.total).toBeLessThanOrEqual(network.budgetBytes);
  expect(network.secondsInAll).toBeGreaterThan(0);
  expect(plan.trials).toMatchObject({ before: plan.trials.after });
  const other = await host.client.runs.plan({ config: { ...BESIDE, model: { ...BESIDE.model, horizon: 10 } } });
  expect(other.trials.after).toBeGreaterThan(other.trials.before);
}, 60_000);

/** Long enough to be interrupted. */
const LONG = {
  ...CONFIG,
  model: { ...CONFIG.model, forecast: { id: 'lstm', params: { ...LSTM, stride: 2, epochs: 6 } } },
};
let uninterrupted = '';

test('killed twice while it trains, it goes on from its checkpoints and gives the same bits', async () => {
  const whole = await host.client.runs.start({ config: LONG });
  expect((await host.finished(whole.job)).error).toBeNull();
  uninterrupted = (await host.client.runs.show({ run: whole.run })).provenance.resultHash ?? '';
  const { run, job } = await host.client.runs.start({ config: LONG });
  const random = createRandom(5);
  // A third within five minutes would put it into quarantine.
  let kills = 0;
  let wait = 3 + random.integer(5);
  for await (const event of await host.client.jobs.events({ job })) {
    if (event.type !== 'progress' || event.progress.stage !== 'train' || kills >= 2) continue;
    wait -= 1;
    const victim = children.at(-1)?.pid;
    if (wait > 0 || victim === undefined) continue;
    process.kill(victim, 'SIGKILL');
    kills += 1;
    wait = 3 + random.integer(5);
  }
  const ended = await host.client.jobs.show({ job });
  expect(kills).toBeGreaterThan(0);
  expect(ended.error).toBeNull();
  expect(ended.attempt).toBe(kills + 1);
  expect((await host.client.runs.show({ run })).provenance.resultHash).toBe(uninterrupted);
  const curve = ({ title, epoch, loss }: TrainedEpoch): string => `${title} ${epoch} ${loss}`;
  expect((await epochsTold(job)).map(curve)).toEqual((await epochsTold(whole.job)).map(curve));
}, 180_000);

test('paused, it waits over a restart of the host, and resumed it gives the same bits', async () => {
  const { run, job } = await host.client.runs.start({ config: LONG });
  for await (const event of await host.client.jobs.events({ job })) {
    if (event.type === 'progress' && event.progress.stage === 'train') await host.client.jobs.pause({ job });
    if (event.type === 'status' && event.status === 'interrupted') break;
  }
  await host.engine.close();
  host = await openTestEngine({ workspace, spawnWorker });
  expect(await host.client.jobs.show({ job })).toMatchObject({ status: 'interrupted', paused: true });
  await host.client.jobs.resume({ job });
  expect((await host.finished(job)).error).toBeNull();
  expect((await host.client.runs.show({ run })).provenance.resultHash).toBe(uninterrupted);
  await expect(host.client.jobs.pause({ job })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(host.client.jobs.resume({ job })).rejects.toMatchObject({ code: 'CONFLICT' });
}, 120_000);

/** Three rows of plausible inputs, in the order of the manifest. */
function frameFor({ features }: Awaited<ReturnType<TestEngine['client']['models']['show']>>['manifest']) {
  const random = createRandom(3);
  const values = Array.from({ length: 3 * LSTM.lookback * features.length }, (_, at) => {
    const { mean, deviation } = features[at % features.length];
    return mean + deviation * (random.uniform() - 0.5);
  });
  return { rows: ['A', 'B', 'C'], features: features.map(({ name }) => name), values };
}

test('exported by the command line, a model answers in ONNX Runtime what it answers here', async () => {
  const { models } = await host.client.models.list({});
  const { manifest } = await host.client.models.show({ model: models[0].id });
  const frame = frameFor(manifest);
  const { predictions } = await host.client.models.predict({
    model: models[0].id,
    frame,
    date: manifest.trained.cutoff,
  });
  await host.engine.close();
  const folder = mkdtempSync(join(tmpdir(), 'sextant-exported-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const words = ['models', 'export', models[0].name, '--out', 'model.onnx', '--workspace', workspace];
  const environment = { SEXTANT_KEY: '07'.repeat(32), XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const exported = await runProgram(words, { environment, cwd: folder });
  host = await openTestEngine({ workspace, spawnWorker });
  expect(exported).toMatchObject({ code: 0 });
  const require = createRequire(import.meta.url);
  const runtime = require('onnxruntime-web') as OnnxRuntime; // the package's own interface
  const session = await runtime.InferenceSession.create(readFileSync(join(folder, 'model.onnx')), {});
  const dims = [3, LSTM.lookback, manifest.features.length];
  const { forecast } = await session.run({ x: new runtime.Tensor('float32', Float32Array.from(frame.values), dims) });
  await session.release();
  [...(forecast.data as Float32Array)].forEach((found, row) => {
    expect(Math.abs(found - (predictions[row].value ?? NaN))).toBeLessThan(1e-5 * manifest.output.scale);
  });
}, 120_000);

test('asked for a runtime that is not there, a forecast is refused with the reason and nothing answers in its place', async () => {
  const { models } = await host.client.models.list({});
  const { manifest } = await host.client.models.show({ model: models[0].id });
  const asking = async (wanted: string) => {
    await host.engine.close();
    host = await openTestEngine({ workspace, spawnWorker, environment: { SEXTANT_INFERENCE: wanted } });
    return host.client.models.predict({
      model: models[0].id,
      frame: frameFor(manifest),
      date: manifest.trained.cutoff,
    });
  };
  await expect(asking('tensorrt')).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  await expect(asking('onnxruntime')).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    message: expect.stringContaining('npm install --ignore-scripts onnxruntime-node'),
  });
  expect((await asking('wasm')).device).toMatch(/wasm/);
}, 60_000);

test('a model whose bundle or row was exchanged behind our back is refused, and the others still answer', async () => {
  const { models } = await host.client.models.list({});
  // Runs of the same bits have the same bundle: the exchange needs another one.
  const [changed] = models;
  const other = models.find(({ hash }) => hash !== changed.hash) ?? changed;
  expect(other.id).not.toBe(changed.id);
  await host.engine.close();
  const database = openDatabase({ file: join(workspace, 'workspace.db'), key: Buffer.alloc(32, 7), migrations });
  database.exec('DROP TRIGGER models_do_not_change');
  database.prepare('UPDATE models SET hash = ?, bytes = ? WHERE id = ?').run(other.hash, other.bytes, changed.id);
  database.close();
  host = await openTestEngine({ workspace, spawnWorker });
  await expect(host.client.models.forecast({ model: changed.id })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
  expect((await host.client.models.forecast({ model: other.id })).model).toBe(other.name);
}, 60_000);
