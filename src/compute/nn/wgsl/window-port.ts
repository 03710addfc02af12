/**
 * A job's port to the hidden window, asked for through the process's own channel to Electron's main process. For Electron's utility
 * processes only.
 */
import { AppError } from '#base/errors';
import { GPU_WINDOW, isGpuWindowMessage } from '#contract/gpu-window';
import type { FromGpuWorker } from './remote-messages';
import type { GpuPort } from './remote-engine';

/** Electron's `MessagePortMain`, as far as it is used; declared here because this layer must not see Electron. */
export interface MainPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

/** Electron's `process.parentPort`. */
export interface ParentChannel {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: readonly MainPort[] }) => void): void;
  off(event: 'message', listener: (event: { data: unknown; ports: readonly MainPort[] }) => void): void;
}

/** Errors: WORKER_CRASHED where the window did not come up. */
export function windowPort(parent: ParentChannel): Promise<GpuPort> {
  return new Promise((resolve, reject) => {
    let tellLost: (reason: string) => void = (reason) => {
      parent.off('message', listen);
      reject(
        new AppError('WORKER_CRASHED', `Expected the window that drives the graphics card to open: ${reason}.`, {
          data: { reason: 'device-lost', found: reason },
        }),
      );
    };
    function listen({ data, ports }: { data: unknown; ports: readonly MainPort[] }): void {
      if (!isGpuWindowMessage(data)) return;
      if (data.type === GPU_WINDOW.lost) return tellLost(data.reason);
      const lost = Promise.withResolvers<string>();
      tellLost = lost.resolve;
      resolve(gpuPort(ports[0], lost, () => parent.off('message', listen)));
    }
    parent.on('message', listen);
    parent.postMessage({ type: GPU_WINDOW.request });
  });
}

/** The reason that the main process tells and the end of the port come in any order: the first one counts. */
function gpuPort(port: MainPort, lost: PromiseWithResolvers<string>, leave: () => void): GpuPort {
  port.on('close', () => lost.resolve('the port was closed'));
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', ({ data }) => listener(data as FromGpuWorker)); // only the window's worker holds the other end
      port.start();
    },
    onClose: (listener) => void lost.promise.then(listener),
    close() {
      leave();
      port.close();
    },
  };
}
