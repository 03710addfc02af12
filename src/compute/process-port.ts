/** The channel to the host that started this process, as a port; hides which kind of process it is. */
import { AppError } from '#base/errors';
import { isGpuWindowMessage } from '#contract/gpu-window';
import type { FromWorker, ToWorker } from '#contract/worker-messages';
import type { ParentChannel } from './nn/wgsl/window-port';
import type { WorkerPort } from './serve-job';

/** Electron's channel to its main process; undefined in a process of Node. */
export function parentPort(): ParentChannel | undefined {
  return (process as { parentPort?: ParentChannel }).parentPort; // Electron adds this member to utility processes
}

/** Errors: INTERNAL when the process was started by hand, without a channel. */
export function processPort(): WorkerPort {
  const electron = parentPort();
  if (electron !== undefined) {
    return {
      post: (message) => electron.postMessage(message),
      onMessage: (listener) => {
        electron.on('message', ({ data }) => {
          if (!isGpuWindowMessage(data)) listener(data as ToWorker); // only the engine and the window's keeper hold the other end
        });
      },
    };
  }
  if (process.send === undefined) {
    throw new AppError('INTERNAL', 'Expected to be started by Sextant as a child process; found no channel to a host.');
  }
  return {
    post: postToParent,
    onMessage: (listener) => {
      process.on('message', (message) => listener(message as ToWorker)); // only the engine holds the other end
    },
  };
}

function postToParent(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
