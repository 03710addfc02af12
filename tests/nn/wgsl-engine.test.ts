/** The WebGPU engine on Dawn with a software card passes the suite of every engine. */
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '#quant/nn/reference-engine';
import { dawnDevice } from '#compute/nn/wgsl/dawn';
import { wgslEngine } from '#compute/nn/wgsl/engine';
import { softwareGpuMissing } from '../support/software-gpu';
import { describeEngine } from './engine-conformance';
import { relativeGap } from './measures';
import { gatNetwork, inputTable, lstmNetwork, sessionOptions, windowBatch } from './small-problems';

const missing = softwareGpuMissing();

describe.skipIf(missing !== null)(missing === null ? 'with SwiftShader' : `skipped: ${missing}`, () => {
  describeEngine({
    title: 'the wgsl engine, single precision',
    create: async () => wgslEngine(await dawnDevice({ software: true })),
    tolerance: 2e-5,
    leakSteps: 60,
  });

  it(
    'in half precision stays near the reference, for every loss, with far less kept',
    { timeout: 60_000 },
    async () => {
      const engine = wgslEngine(await dawnDevice({ software: true }));
      const network = lstmNetwork();
      const table = inputTable(network.inputs);
      const half = await engine.open(network, table, sessionOptions({ precision: 'f16' }));
      const single = await engine.open(network, table, sessionOptions());
      const exact = await referenceEngine().open(network, table, sessionOptions());
      await half.write(await exact.read());
      for (const id of ['mse', 'huber', 'ic', 'rank-ic', 'sharpe'] as const) {
        const [found, expected] = [
          await half.gradients(windowBatch(13, 7), { id }),
          await exact.gradients(windowBatch(13, 7), { id }),
        ];
        // A half has 11 binary digits: 5e-4 per stored number.
        expect(relativeGap(found.gradients, expected.gradients), id).toBeLessThan(5e-3);
        expect(Math.abs(found.loss - expected.loss), id).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected.loss)));
      }
      expect(half.memory.activations).toBeLessThan(0.6 * single.memory.activations);
      await engine.dispose();
    },
  );

  it('refuses half precision for graph attention, with the reason', async () => {
    const engine = wgslEngine(await dawnDevice({ software: true }));
    const network = gatNetwork();
    const opened = engine.open(network, inputTable(network.inputs), sessionOptions({ precision: 'f16' }));
    await expect(opened).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE', data: { reason: 'precision' } });
    await engine.dispose();
  });

  it('tells a device that is lost in the middle of an epoch by its code, in every later call', async () => {
    const device = await dawnDevice({ software: true });
    const engine = wgslEngine(device);
    const network = lstmNetwork();
    const session = await engine.open(network, inputTable(network.inputs), sessionOptions());
    const batch = windowBatch(13, 7);
    await session.accumulate(batch, { id: 'mse' }, 1);
    device.device.destroy();
    await expect(session.predict(batch)).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      data: { reason: 'device-lost' },
    });
    await expect(session.accumulate(batch, { id: 'mse' }, 1)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  });
});
