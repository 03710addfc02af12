/** The trainer on real engines, and on one that runs out of room, is lost, or meets numbers that are not finite. */
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { microBatches } from '#quant/nn/batch-units';
import type { Batch, EngineId, NetworkEngine, NetworkSession, SessionOptions } from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import { referenceEngine } from '#quant/nn/reference-engine';
import type { TrainingTask } from '#quant/nn/training';
import type { ResumeStore } from '#quant/research/resume';
import { loadEngine } from '#compute/nn/engines';
import { learningRate } from '#compute/training/learning-rate';
import { planMemory } from '#compute/training/memory-plan';
import { accumulateSharpe } from '#compute/training/graph-sharpe';
import { jointLoss } from '#compute/training/joint-loss';
import { memoryBudget } from '#compute/training/job-networks';
import { Trainer } from '#compute/training/trainer';
import {
  gatNetwork,
  graphBatch,
  inputTable,
  lstmNetwork,
  lively,
  sessionOptions,
  someRows,
  windowBatch,
} from './small-problems';
import { testTrainer } from './small-market';

const whole = windowBatch(40, 6);
const units: Batch[] = Array.from({ length: 8 }, (_, k) => someRows(whole, 5 * k, 5 * k + 5));

function task(stated: Partial<TrainingTask> = {}, recipe: Partial<TrainingTask['recipe']> = {}): TrainingTask {
  return {
    key: 'model/2020-01-31/0',
    title: 'lstm 2020-01-31',
    network: lstmNetwork({ dropout: 0.2 }),
    inputs: inputTable(3),
    features: ['a', 'b', 'c'],
    units: units.slice(0, 6),
    validation: units.slice(6),
    recipe: {
      loss: { id: 'mse' },
      epochs: 4,
      batchRows: 10,
      schedule: { kind: 'cosine', learningRate: 0.01, warmUp: 0.1 },
      weightDecay: 0.001,
      clipNorm: 1,
      patience: 10,
      device: { device: 'reference', precision: 'f32', strict: false },
      ...recipe,
    },
    seed: 5,
    ...stated,
  };
}

/** A store whose checkpoints survive: what the next attempt finds is what was kept, not what was put. */
class Disk implements ResumeStore {
  kept = new Map<string, unknown>();
  #values = new Map<string, unknown>();
  get = (key: string) => this.#values.get(key);
  put = (key: string, value: unknown) => void this.#values.set(key, structuredClone(value));
  isDue = () => true;
  keep = () => void (this.kept = structuredClone(this.#values));
  /** The process died: only what was kept is left. */
  crash(): void {
    this.#values = structuredClone(this.kept);
  }
}

describe.each<EngineId>(['reference', 'wasm'])('on the %s engine', (id) => {
  const device = { device: id, precision: 'f32', strict: false } as const;

  test('an interruption at any update changes no bit', { timeout: 60_000 }, async () => {
    const asked = task({}, { device });
    const expected = await testTrainer().train(asked);
    const perTraining = asked.recipe.epochs * 3;
    for (let stop = 1; stop <= perTraining; stop++) {
      const disk = new Disk();
      let updates = 0;
      const dying = testTrainer(
        { breathe: () => (++updates > stop ? Promise.reject(new Error('kill -9')) : Promise.resolve()) },
        undefined,
        disk,
      );
      await dying.train(asked).catch(() => {});
      disk.crash();
      expect(await testTrainer({}, undefined, disk).train(asked)).toEqual(expected);
    }
  });

  test('micro-batches add up to the gradient of the whole batch to 1e-6', async () => {
    const network = lstmNetwork();
    const engine = await loadEngine(id);
    const session = await engine.open(
      network,
      inputTable(3),
      sessionOptions({ largest: { rows: 40, steps: 6 }, threads: 1 }),
    );
    const after = async (rows: number, loss: 'mse' | 'ic'): Promise<Float32Array> => {
      await session.write(lively(network));
      for (const { batch, weight } of microBatches(units, loss, rows))
        await session.accumulate(batch, { id: loss }, weight);
      // One plain step of size 1 along the gradient would hide nothing; Adam's first step has the gradient in its moments.
      await session.update({ learningRate: 0, beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0, clipNorm: null });
      return (await session.read()).first;
    };
    for (const [loss, rows] of [
      ['mse', 7],
      ['mse', 1],
      ['ic', 5],
      ['ic', 12],
    ] as const) {
      const large = await after(40, loss);
      const small = await after(rows, loss);
      const largest = Math.max(...large.map(Math.abs));
      expect(largest).toBeGreaterThan(1e-4);
      const worst = large.reduce((most, g, k) => Math.max(most, Math.abs(g - small[k])), 0);
      // A correlation divides by the spread of a date's scores, and its rounding grows with that.
      expect(worst / Math.max(1, largest)).toBeLessThan(loss === 'mse' ? 1e-6 : 5e-6);
    }
    session.dispose();
  });
});

/** An engine that has room for some rows only. */
function narrowEngine(room: number, opened: number[]): NetworkEngine {
  const real = referenceEngine();
  return {
    ...real,
    open(network, inputs, options) {
      opened.push(options.largest.rows);
      if (options.largest.rows > room)
        return Promise.reject(new AppError('TOO_LARGE', `No room for ${options.largest.rows} rows.`));
      return real.open(network, inputs, options);
    },
  };
}

describe('a device that is full', () => {
  const asked = task({ units }, { batchRows: 40, epochs: 1 });

  test('gets smaller micro-batches, and the result is that of the whole batch', async () => {
    const opened: number[] = [];
    const narrow = await new Trainer({
      ...trainerParts(),
      loadEngine: () => Promise.resolve(narrowEngine(10, opened)),
    }).train(asked);
    expect(opened).toEqual([40, 20, 10]);
    const { parameters } = await testTrainer().train(asked);
    parameters.forEach((value, k) => expect(Math.abs(value - narrow.parameters[k])).toBeLessThan(1e-5));
  });

  test('is asked at most three times more, then the run stops and says what was tried', async () => {
    const opened: number[] = [];
    const trainer = new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve(narrowEngine(4, opened)) });
    await expect(trainer.train(asked)).rejects.toMatchObject({ code: 'TOO_LARGE', data: { halvings: 3, rows: 5 } });
    expect(opened).toEqual([40, 20, 10, 5]);
  });

  test('is not asked for parts of a date where the loss needs the whole', async () => {
    const opened: number[] = [];
    const trainer = new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve(narrowEngine(4, opened)) });
    const whole = task({ units }, { batchRows: 40, epochs: 1, loss: { id: 'ic' } });
    await expect(trainer.train(whole)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(Math.min(...opened)).toBe(5);
  });

  test('sabotage: with room enough nothing is cut', async () => {
    const opened: number[] = [];
    await new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve(narrowEngine(40, opened)) }).train(asked);
    expect(opened).toEqual([40]);
  });
});

describe('memory of the card', () => {
  const onCard = (open?: NetworkEngine['open']): NetworkEngine => {
    const real = referenceEngine();
    return { ...real, id: 'wgsl', open: open ?? ((...asked) => real.open(...asked)) };
  };

  test('is declared before it is taken, as planned, and given back', async () => {
    const said: number[] = [];
    const before: number[] = [];
    const engine = onCard(async (...asked) => {
      before.push(said.length);
      return referenceEngine().open(...asked);
    });
    const parts = {
      ...trainerParts(),
      loadEngine: () => Promise.resolve(engine),
      holdsVram: (bytes: number) => void said.push(bytes),
    };
    const asked = task();
    await new Trainer(parts).train(asked);
    expect(before).toEqual([1]);
    expect(said).toHaveLength(2);
    expect(said[0]).toBeGreaterThan(0);
    expect(said[1]).toBe(0);
  });

  test('is given back where the session does not open, and never named for the processor', async () => {
    const said: number[] = [];
    const holdsVram = (bytes: number) => void said.push(bytes);
    const engine = onCard(() => Promise.reject(new Error('no such memory')));
    const trainer = new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve(engine), holdsVram });
    await expect(trainer.train(task())).rejects.toThrow();
    expect(said.at(-1)).toBe(0);
    said.length = 0;
    await testTrainer({ holdsVram }).train(task());
    expect(said).toEqual([]);
  });

  test('is planned within what is free, and refused with the numbers where nothing fits', async () => {
    const free = 40_000;
    const said: number[] = [];
    const parts = {
      ...trainerParts(),
      loadEngine: () => Promise.resolve(onCard()),
      holdsVram: (bytes: number) => void said.push(bytes),
    };
    await new Trainer({ ...parts, budget: (id) => memoryBudget(id, free) }).train(task());
    expect(Math.max(...said)).toBeLessThanOrEqual(free);
    await expect(new Trainer({ ...parts, budget: (id) => memoryBudget(id, 0) }).train(task())).rejects.toMatchObject({
      code: 'TOO_LARGE',
      data: { budget: 0 },
    });
    // The processor's memory is another matter.
    expect(memoryBudget('wasm', 0)).toBeGreaterThan(2 ** 28);
  });
});

test('a device that is lost ends the process with a code that the queue restarts', async () => {
  const real = referenceEngine();
  const lost = async (
    network: Parameters<NetworkEngine['open']>[0],
    inputs: Parameters<NetworkEngine['open']>[1],
    options: SessionOptions,
  ): Promise<NetworkSession> => {
    const session = await real.open(network, inputs, options);
    session.update = () => Promise.reject(new Error('device lost'));
    return session;
  };
  const trainer = new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve({ ...real, open: lost }) });
  await expect(trainer.train(task())).rejects.toMatchObject({
    code: 'WORKER_CRASHED',
    data: { reason: 'device: device lost' },
  });
});

describe('a number that is not finite', () => {
  const poisoned = (from: number) => {
    const inputs = inputTable(3);
    for (let at = from * 3 + 1; at < inputs.values.length; at += 3) inputs.values[at] = Infinity;
    return inputs;
  };

  test('stops the training with step and feature', async () => {
    await expect(testTrainer().train(task({ inputs: poisoned(0) }))).rejects.toMatchObject({
      code: 'NOT_CONVERGED',
      data: { step: 0, epoch: 1, feature: 'b' },
    });
  });

  test('after a good epoch leaves that epoch as the answer, and the reason', async () => {
    // A learning rate that explodes after the first epoch cannot be had from data: the engine is made to answer NaN.
    const real = referenceEngine();
    let updates = 0;
    const failing = async (...given: Parameters<NetworkEngine['open']>): Promise<NetworkSession> => {
      const session = await real.open(...given);
      const { measured } = session;
      session.measured = async () =>
        (await measured.call(session)).map((m) => (++updates > 4 ? { ...m, loss: NaN } : m));
      return session;
    };
    const trainer = new Trainer({ ...trainerParts(), loadEngine: () => Promise.resolve({ ...real, open: failing }) });
    const { epochs, bestEpoch, stopped } = await trainer.train(task());
    expect([epochs.length, bestEpoch]).toEqual([1, 0]);
    expect(stopped).toMatch(/step 4 \(epoch 2\)/);
  });
});

test('early stopping keeps the best epoch and not the last', async () => {
  const { epochs, bestEpoch, parameters } = await testTrainer().train(
    task({}, { epochs: 40, patience: 3, schedule: { kind: 'constant', learningRate: 0.05, warmUp: 0 } }),
  );
  const losses = epochs.map(({ validationLoss }) => validationLoss ?? NaN);
  expect(bestEpoch).toBe(losses.indexOf(Math.min(...losses)));
  expect(epochs.length).toBe(Math.min(40, bestEpoch + 4));
  const until = await testTrainer().train(
    task({}, { epochs: 40, patience: 3, schedule: { kind: 'constant', learningRate: 0.05, warmUp: 0 } }),
  );
  expect(until.parameters).toEqual(parameters);
});

test('what was asked for is taken or refused; what is best is taken and named', async () => {
  const device = { device: 'tf', precision: 'f32', strict: false } as const;
  const trainer = (works: readonly EngineId[]) =>
    testTrainer({
      loadEngine: (id) =>
        works.includes(id)
          ? Promise.resolve({ ...referenceEngine(), id, device: id === 'wgsl' ? 'SwiftShader (CPU)' : `a ${id}` })
          : Promise.reject(new AppError('DEVICE_UNAVAILABLE', `no ${id}`)),
    });
  await expect(trainer(['wasm']).train(task({}, { device }))).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  const auto = { ...device, device: 'auto' } as const;
  expect((await trainer(['wgsl', 'wasm']).train(task({}, { device: auto }))).device).toBe('a wasm');
  await expect(trainer([]).train(task({}, { device: auto }))).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
});

test('the Sharpe loss over several graphs has the gradient of finite differences', async () => {
  const network = gatNetwork();
  const table = inputTable(5, 1, 6, 30);
  const graphs = [3, 8, 12].map((day, k) => ({ ...graphBatch(6, 2, k + 1), day }));
  const session = await referenceEngine().open(
    network,
    table,
    sessionOptions({ largest: { rows: 6, steps: 1, edges: 60 } }),
  );
  const state = lively(network);
  const lossAt = async (parameters: Float32Array): Promise<number> => {
    await session.write({ ...state, parameters });
    const answers: Float32Array[] = [];
    for (const graph of graphs) answers.push(await session.predict(graph));
    return jointLoss({ id: 'sharpe' }, graphs, answers).loss;
  };
  await session.write(state);
  await accumulateSharpe(session, graphs);
  await session.update({ learningRate: 0, beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0, clipNorm: null });
  const { first: gradient } = await session.read();
  const largest = [...gradient.keys()].sort((a, b) => Math.abs(gradient[b]) - Math.abs(gradient[a])).slice(0, 8);
  for (const k of largest) {
    const moved = (by: number) => state.parameters.map((value, i) => (i === k ? value + by : value));
    const difference = ((await lossAt(moved(0.01))) - (await lossAt(moved(-0.01)))) / 0.02;
    expect(Math.abs(difference - gradient[k])).toBeLessThan(0.02 * Math.abs(gradient[k]) + 1e-3);
  }
});

test('a plan fits its budget by smaller micro-batches, then by recomputation, and otherwise says what is needed', async () => {
  const engine = await loadEngine('wasm');
  const network = lstmNetwork({ hidden: 64, inputs: 16 });
  const shape = {
    network,
    table: { series: 500, days: 600, inputs: 16 },
    largest: { rows: 4096, steps: 60, edges: 0 },
    leastRows: 1,
    options: { seed: 0, precision: 'f32', strict: false, threads: 1 },
  } as const;
  const free = planMemory(engine, shape, 2 ** 33);
  expect(free).toMatchObject({ microRows: 4096, accumulation: 1, checkpointEvery: 0 });
  const least = planMemory(engine, { ...shape, largest: { ...shape.largest, rows: 1 } }, 2 ** 33).memory.total;
  const budget = (free.memory.total + least) / 2;
  const tight = planMemory(engine, shape, budget);
  expect(tight.memory.total).toBeLessThanOrEqual(budget);
  expect(tight.microRows * tight.accumulation).toBeGreaterThanOrEqual(4096);
  expect(() => planMemory(engine, shape, 1000)).toThrow(/MiB/);
});

test('learning rates rise, fall and stay as their schedule says', () => {
  const rates = (kind: 'constant' | 'cosine' | 'step') =>
    Array.from({ length: 100 }, (_, step) => learningRate({ kind, learningRate: 1, warmUp: 0.1 }, step, 100));
  expect(new Set(rates('constant'))).toEqual(new Set([1]));
  expect(rates('step').filter((rate) => rate === 1)).toHaveLength(50);
  const cosine = rates('cosine');
  expect(cosine.indexOf(Math.max(...cosine))).toBe(10);
  expect(cosine[99]).toBeLessThan(0.001);
  expect(cosine.every((rate) => rate > 0)).toBe(true);
});

function trainerParts() {
  return {
    resume: { get: () => undefined, put() {}, isDue: () => false, keep() {} },
    breathe: () => Promise.resolve(),
    whilePending: <T>(pending: Promise<T>) => pending,
    report() {},
    warn() {},
    budget: () => 2 ** 30,
    holdsVram() {},
  };
}

test('the first parameters are those of the seed, unless the task brings its own', async () => {
  const network = lstmNetwork();
  const start = initialState(network, 99).parameters;
  const [own, drawn] = [
    await testTrainer().train(task({ network, start }, { epochs: 1 })),
    await testTrainer().train(task({ network }, { epochs: 1 })),
  ];
  expect(own.parameters).not.toEqual(drawn.parameters);
});
