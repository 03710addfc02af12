/** The training engines of this build by name; each one's code is loaded only where it is asked for. */
import { AppError } from '#base/errors';
import type { EngineId, NetworkEngine } from '#quant/nn/engine';
import { parentPort } from '../process-port';

const loaders: Readonly<Partial<Record<EngineId, () => Promise<NetworkEngine>>>> = {
  wgsl: async () => {
    const software = process.env.WEBGPU_SOFTWARE === '1';
    const parent = parentPort();
    if (parent !== undefined) {
      const { remoteEngine } = await import('./wgsl/remote-engine');
      const { windowPort } = await import('./wgsl/window-port');
      return remoteEngine(await windowPort(parent), { software });
    }
    const { dawnDevice } = await import('./wgsl/dawn');
    const { wgslEngine } = await import('./wgsl/engine');
    return wgslEngine(await dawnDevice({ software }));
  },
  wasm: async () => (await import('./wasm/wasm-engine')).wasmEngine(),
  tf: async () => {
    const { loadTensorFlow } = await import('./tf/load-tensorflow');
    const { tf, device } = await loadTensorFlow();
    return (await import('./tf/tf-engine')).tfEngine(tf, device);
  },
  reference: async () => (await import('#quant/nn/reference-engine')).referenceEngine(),
};

/** Errors: DEVICE_UNAVAILABLE where this build or this machine cannot drive that engine, with the reason. */
export async function loadEngine(id: EngineId): Promise<NetworkEngine> {
  const load = loaders[id];
  if (load !== undefined) return load();
  const known = Object.keys(loaders).join(', ');
  throw new AppError('DEVICE_UNAVAILABLE', `Expected one of the engines ${known}, found "${id}".`);
}
