/**
 * The side of the port that has the graphics device: answers every question once, with the answer or the error in plain form. One port
 * has one engine; what it left open is given back when it goes.
 */
import { AppError, toWire } from '#base/errors';
import type { NetworkEngine, NetworkSession } from '#quant/nn/engine';
import { requestDevice } from './device';
import { wgslEngine } from './engine';
import {
  portable,
  type FromGpuWorker,
  type GpuDescription,
  type GpuQuestion,
  type ToGpuWorker,
} from './remote-messages';

export interface RemoteServer {
  receive(message: ToGpuWorker): Promise<void>;
  /** Gives the device back. */
  close(): Promise<void>;
}

/** @param gpu the browser's entry, undefined where it has none */
export function remoteServer(gpu: GPU | undefined, post: (message: FromGpuWorker) => void): RemoteServer {
  let engine: NetworkEngine | null = null;
  const sessions = new Map<number, NetworkSession>();

  async function connect(software: boolean): Promise<GpuDescription> {
    if (gpu === undefined) {
      throw new AppError('DEVICE_UNAVAILABLE', 'Expected WebGPU in this window, found none. Choose the wasm engine.', {
        data: { reason: 'no-webgpu' },
      });
    }
    const device = await requestDevice(gpu, { software }, "Install the card maker's driver.");
    const made = wgslEngine(device);
    engine = made;
    const sharedBytes = device.device.limits.maxComputeWorkgroupStorageSize;
    return { device: made.device, deterministic: made.deterministic, sharedBytes };
  }

  async function close(): Promise<void> {
    for (const session of sessions.values()) session.dispose();
    sessions.clear();
    await engine?.dispose();
    engine = null;
  }

  async function answer(ask: GpuQuestion): Promise<unknown> {
    switch (ask.do) {
      case 'connect':
        return connect(ask.software);
      case 'open': {
        if (engine === null) throw new AppError('INTERNAL', 'Expected `connect` before `open`.');
        const session = await engine.open(ask.network, ask.inputs, ask.options);
        sessions.set(ask.session, session);
        return session.memory;
      }
      case 'close':
        sessions.get(ask.session)?.dispose();
        sessions.delete(ask.session);
        return null;
      case 'dispose':
        return close();
      default: {
        const session = sessions.get(ask.session);
        if (session === undefined) throw new AppError('CANCELLED', 'The training session was closed.');
        return Reflect.apply(session[ask.do], session, ask.args); // name and arguments are of one method, by their type
      }
    }
  }

  return {
    async receive({ id, ask }) {
      const message = await answer(ask).then(
        (found): FromGpuWorker => ({ id, answer: portable(found) }),
        (error: unknown): FromGpuWorker => ({ id, error: toWire(error) }),
      );
      post(message);
    },
    close,
  };
}
