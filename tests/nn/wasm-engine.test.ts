/** The wasm engine: the suite of all engines, and what only it promises about threads, builds and lost workers. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { loadEngine } from '#compute/nn/engines';
import { CONTROL_BYTES, emptyOrder, WORD } from '#compute/nn/wasm/control';
import { kernelModule, sharedMemory } from '#compute/nn/wasm/kernels';
import { startThreads } from '#compute/nn/wasm/thread-pool';
import type { NetworkState, SessionOptions } from '#quant/nn/engine';
import { describeEngine } from './engine-conformance';
import { relativeGap } from './measures';
import { inputTable, lively, lstmNetwork, sessionOptions, sgdLike, windowBatch } from './small-problems';

const create = () => loadEngine('wasm');
describeEngine({ title: 'the wasm engine on one thread', create, tolerance: 2e-5, options: { threads: 1 } });
describeEngine({
  title: 'the strict build of the wasm engine on two threads',
  create,
  tolerance: 2e-5,
  options: { threads: 2, strict: true },
});

test('answers as the reference does for any sizes', { timeout: 60_000 }, async () => {
  const [engine, reference] = [await create(), await loadEngine('reference')];
  const sizes = fc.record({
    inputs: fc.integer({ min: 1, max: 20 }),
    hidden: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 128)),
    layers: fc.integer({ min: 1, max: 3 }),
    layerNorm: fc.boolean(),
  });
  // Beyond 256 rows a shard has several blocks, and the last one is not full.
  const rowCounts = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 250, max: 600 }));
  await fc.assert(
    fc.asyncProperty(sizes, rowCounts, fc.integer({ min: 1, max: 4 }), fc.nat(4), async (size, rows, lookback, k) => {
      const network = lstmNetwork(size);
      const batch = windowBatch(rows, lookback, rows);
      const largest = { rows, steps: lookback };
      const found = [];
      for (const by of [engine, reference]) {
        const options = sessionOptions({ largest, checkpointEvery: k, threads: 1 });
        const session = await by.open(network, inputTable(size.inputs), options);
        await session.write(lively(network));
        found.push(await session.gradients(batch, { id: 'mse' }));
        session.dispose();
      }
      expect(relativeGap(found[0].gradients, found[1].gradients)).toBeLessThan(5e-5);
      expect(relativeGap(found[0].inputGradients, found[1].inputGradients)).toBeLessThan(5e-5);
    }),
    { numRuns: process.env.SEXTANT_LONG === '1' ? 200 : 12 },
  );
});

describe('the threads of the wasm engine', async () => {
  const engine = await create();
  afterAll(() => engine.dispose());
  const network = lstmNetwork({ hidden: 20, dropout: 0.1, layerNorm: true });
  const table = inputTable(3);
  const largest = { rows: 300, steps: 12 };

  async function trained(stated: Partial<SessionOptions>): Promise<NetworkState> {
    const session = await engine.open(network, table, sessionOptions({ largest, ...stated }));
    try {
      await session.write(lively(network));
      for (let step = 0; step < 3; step++) {
        await session.accumulate(windowBatch(300, 12, step), { id: step === 1 ? 'ic' : 'mse' }, 1);
        await session.update(sgdLike);
      }
      return await session.read();
    } finally {
      session.dispose();
    }
  }

  test('change no bit by their number', async () => {
    const one = await trained({ threads: 1 });
    for (const threads of [2, 3, 8]) expect(await trained({ threads })).toEqual(one);
  });

  test('give these very bits with the strict build, on every machine', async () => {
    const digest = ({ parameters }: NetworkState) =>
      createHash('sha256').update(new Uint8Array(parameters.buffer)).digest('hex').slice(0, 16);
    expect(digest(await trained({ threads: 2, strict: true }))).toBe('a31bdde78fbab4fc');
  });

  test('leave nothing in the memory that the next session takes over', async () => {
    const fresh = await trained({ threads: 2 });
    const spoiled = await engine.open(network, table, sessionOptions({ largest, threads: 2 }));
    const targets = new Float32Array(300).fill(Infinity);
    await spoiled.accumulate({ ...windowBatch(300, 12), targets }, { id: 'mse' }, 1);
    spoiled.dispose();
    expect(await trained({ threads: 2 })).toEqual(fresh);
  });

  test('stop in mid-batch when the session is closed', async () => {
    const wide = lstmNetwork({ hidden: 128 });
    const options = sessionOptions({ largest: { rows: 2000, steps: 12 }, threads: 2 });
    const session = await engine.open(wide, table, options);
    const running = session.accumulate(windowBatch(2000, 12), { id: 'mse' }, 1);
    session.dispose();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  describe('when one is lost', () => {
    const options = sessionOptions({ largest: { rows: 8000, steps: 12 }, threads: 2 });
    const wide = lstmNetwork({ hidden: 128 });
    const start = () => ({
      module: kernelModule('relaxed'),
      memory: sharedMemory(400_000_000),
      network: wide,
      options,
      threads: 2,
      table: { series: 6, days: 30 },
    });
    const crash = { code: 'WORKER_CRASHED' };
    /** What this thread does with its task: wait until the other one has taken the second. */
    const untilTaken = (memory: WebAssembly.Memory) => (): void => {
      const words = new Int32Array(memory.buffer, CONTROL_BYTES, 64);
      const end = performance.now() + 20_000;
      while (Atomics.load(words, WORD.nextTask) < 2 && performance.now() < end) Atomics.wait(words, WORD.failed, 0, 5);
    };

    test('before it is ready, the session does not open', async () => {
      const broken = { ...start(), memory: sharedMemory(1) };
      await expect(startThreads({ ...broken, module: null as never })).rejects.toMatchObject(crash);
    });

    test('by a fault, the step fails with the reason', async () => {
      const given = start();
      const pool = await startThreads(given);
      // So many rows do not lie in the memory: the thread that takes one of them faults.
      const order = { ...emptyOrder(), rows: 1_000_000_000, steps: 12, from: 11 };
      await expect(pool.run(order, 2, untilTaken(given.memory))).rejects.toMatchObject(crash);
      await expect(pool.run(order, 2, untilTaken(given.memory))).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    test('in a task that does not end, the step fails after the limit; with time enough it does not', async () => {
      const order = { ...emptyOrder(), kind: 'train' as const, rows: 8000, steps: 12, from: 11 };
      const given = start();
      const hasty = await startThreads(given, 0);
      await expect(hasty.run(order, 2, untilTaken(given.memory))).rejects.toMatchObject(crash);
      const other = start();
      const patient = await startThreads(other);
      await patient.run(order, 2, untilTaken(other.memory));
      await patient.dispose();
    });
  });
});
