/**
 * The WebGPU rung in Electron: its processes cannot use a card themselves, so the hidden window that trains for them is asked, and one
 * training step goes through it as a run's steps do.
 */
import { AppError } from '#base/errors';
import type { DeviceRungState } from '#contract/devices';
import type { NetworkEngine } from '#quant/nn/engine';
import { remoteEngine } from '../nn/wgsl/remote-engine';
import { windowPort, type ParentChannel } from '../nn/wgsl/window-port';
import { LSTM_STEP, measureLstmStep } from './lstm-step';

export async function probeWindow(parent: ParentChannel): Promise<DeviceRungState> {
  const state = { rung: 'webgpu', title: 'WebGPU', adapter: null, limits: {}, probe: null } as const;
  let engine: NetworkEngine | null = null;
  const start = performance.now();
  try {
    engine = await remoteEngine(await windowPort(parent), { software: false });
    const lstmStepMs = await measureLstmStep(engine, 1);
    return {
      ...state,
      status: 'works',
      reason: null,
      // The window takes no software adapter, and tells of the card what its engine is called.
      adapter: { name: engine.device, vendor: '', architecture: '', backend: '', isSoftware: false },
      probe: {
        matmulGflops: null,
        lstmStepMs,
        lstmStep: LSTM_STEP,
        copyGBs: null,
        seconds: (performance.now() - start) / 1000,
      },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...state, status: 'unavailable', reason: error.message };
  } finally {
    await engine?.dispose();
  }
}
