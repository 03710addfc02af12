/** The engine behind a port passes the suite of every engine; its own: what is told when the other side goes. */
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { dawn } from '#compute/nn/wgsl/dawn';
import { remoteEngine, type GpuPort } from '#compute/nn/wgsl/remote-engine';
import { portable, type ToGpuWorker } from '#compute/nn/wgsl/remote-messages';
import { remoteServer } from '#compute/nn/wgsl/remote-server';
import { softwareGpuMissing } from '../support/software-gpu';
import { describeEngine } from './engine-conformance';
import { inputTable, lstmNetwork, sessionOptions, windowBatch } from './small-problems';

/** A server on Dawn at the far end of a real port; `hold` keeps its answers back. */
async function served(hold: (message: ToGpuWorker) => boolean = () => false): Promise<{ port: GpuPort; end(): void }> {
  const { port1, port2 } = new MessageChannel();
  const server = remoteServer(await dawn(), (message) => port2.postMessage(message));
  port2.on('message', (message: ToGpuWorker) => {
    if (!hold(message)) void server.receive(message);
  });
  const port: GpuPort = {
    post: (message) => port1.postMessage(message),
    onMessage: (listener) => void port1.on('message', listener),
    onClose: (listener) => void port1.once('close', () => listener('the port was closed')),
    close: () => port1.close(),
  };
  port2.once('close', () => void server.close());
  return { port, end: () => port2.close() };
}

const missing = softwareGpuMissing();

describe.skipIf(missing !== null)(missing === null ? 'with SwiftShader' : `skipped: ${missing}`, () => {
  it('is there', () => {});
  // The whole suite again, in long mode: what is behind the port has passed it already (`wgsl-engine.test.ts`).
  if (process.env.SEXTANT_LONG === '1') {
    describeEngine({
      title: 'the wgsl engine behind a port',
      create: async () => remoteEngine((await served()).port, { software: true }),
      tolerance: 2e-5,
      leakSteps: 60,
    });
  }

  it('rejects what is open, and what comes later, with WORKER_CRASHED when the other side goes', async () => {
    const { port, end } = await served(({ ask }) => ask.do === 'predict');
    const engine = await remoteEngine(port, { software: true });
    const network = lstmNetwork();
    const session = await engine.open(network, inputTable(network.inputs), sessionOptions());
    const pending = session.predict(windowBatch(3, 4));
    end();
    await expect(pending).rejects.toMatchObject({ code: 'WORKER_CRASHED', data: { reason: 'device-lost' } });
    await expect(session.read()).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    session.dispose();
    await engine.dispose();
  });

  it('cancels what is under way when a session is closed', async () => {
    const { port } = await served(({ ask }) => ask.do === 'predict');
    const engine = await remoteEngine(port, { software: true });
    const network = lstmNetwork();
    const session = await engine.open(network, inputTable(network.inputs), sessionOptions());
    const pending = session.predict(windowBatch(3, 4));
    session.dispose();
    await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
    await engine.dispose();
  });

  it('refuses a software adapter that was not asked for, through the port', async () => {
    const { port } = await served();
    await expect(remoteEngine(port, { software: false })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      data: { reason: 'software-adapter' },
    });
  });
});

it('sends no memory beside what a batch looks at, and none that is shared', () => {
  const large = new Float32Array(1000);
  const shared = new Float32Array(new SharedArrayBuffer(40));
  const sent = portable({ view: large.subarray(10, 20), shared, whole: large, loss: { id: 'mse' } });
  expect(sent.view.buffer.byteLength).toBe(40);
  expect(sent.shared.buffer).toBeInstanceOf(ArrayBuffer);
  expect(sent.whole).toBe(large);
  expect(sent.loss).toEqual({ id: 'mse' });
});
