/** What the WebGPU engine asks of a device per training step, counted on Dawn's null backend: exact on every machine, no card needed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dawnDevice } from '#compute/nn/wgsl/dawn';
import type { WgslDevice } from '#compute/nn/wgsl/device';
import { wgslEngine, type WgslEngine } from '#compute/nn/wgsl/engine';
import type { Batch, InputTable, SessionOptions } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';
import { gatNetwork, graphBatch, inputTable, lstmNetwork, sgdLike, windowBatch } from './small-problems';

interface Step {
  readonly network: Network;
  readonly table: InputTable;
  readonly batch: Batch;
  readonly largest: SessionOptions['largest'];
}

const lstm = (rows: number, steps: number): Step => ({
  network: lstmNetwork({ inputs: 16, hidden: 64 }),
  table: inputTable(16, 1, 6, 90),
  // `windowBatch` draws the ends from a table of 30 days.
  batch: { ...windowBatch(rows, 1), end: new Uint32Array(rows).fill(80), lookback: steps },
  largest: { rows, steps },
});
const graph = (nodes: number, degree: number): Step => {
  const layer = { heads: 4, channels: 32, concat: true };
  const batch = graphBatch(nodes, degree, 5, nodes);
  const network = gatNetwork({ inputs: 16, layers: [layer, layer] });
  return {
    network,
    table: inputTable(16, 1, nodes, 8),
    batch,
    largest: { rows: nodes, steps: 1, edges: batch.columns.length },
  };
};
describe('on the null backend', () => {
  let gpu: WgslDevice;
  let engine: WgslEngine;
  let alive = 0;
  beforeAll(async () => {
    gpu = await dawnDevice({ software: true, flags: ['backend=null'] });
    // Counts what is made and given back: `destroy` is the only way a buffer's memory returns before a collection.
    const create = gpu.device.createBuffer.bind(gpu.device);
    gpu.device.createBuffer = (descriptor) => {
      const buffer = create(descriptor);
      alive++;
      const destroy = buffer.destroy.bind(buffer);
      let isGone = false;
      buffer.destroy = () => {
        if (!isGone) alive--;
        isGone = true;
        return destroy();
      };
      return buffer;
    };
    engine = wgslEngine(gpu);
  });
  afterAll(() => engine.dispose());

  const open = ({ network, table, largest }: Step) =>
    engine.open(network, table, { seed: 1, largest, checkpointEvery: 0, precision: 'f32' });

  it.each([
    ['an LSTM, B 512, T 60, F 16, H 64, two layers', lstm(512, 60)],
    ['two layers of graph attention, N 500, k 20, 4 × 32', graph(500, 20)],
  ])('takes at most twelve dispatches for a step of %s', async (_, step) => {
    const session = await open(step);
    const before = session.counts.dispatches;
    await session.accumulate(step.batch, { id: 'mse' }, 1);
    await session.update(sgdLike);
    const count = session.counts.dispatches - before;
    session.dispose();
    expect(count).toBeGreaterThan(2);
    expect(count).toBeLessThanOrEqual(12);
  });

  it('holds as many buffers after 1,000 steps as before, and none when it is closed', async () => {
    const step = lstm(8, 5);
    const empty = alive;
    const session = await open(step);
    const opened = alive;
    expect(opened).toBeGreaterThan(empty);
    for (let k = 0; k < 1000; k++) {
      await session.accumulate(step.batch, { id: 'mse' }, 1);
      await session.update(sgdLike);
      if (k % 100 === 99) await session.measured();
    }
    await session.measured();
    expect(alive).toBe(opened);
    session.dispose();
    expect(alive).toBe(empty);
  });

  it('would see a buffer that is not given back', () => {
    const before = alive;
    const leaked = gpu.device.createBuffer({ size: 16, usage: 8 });
    expect(alive).toBe(before + 1);
    leaked.destroy();
    expect(alive).toBe(before);
  });
});
