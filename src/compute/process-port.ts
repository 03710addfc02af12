/** The channel to the host that started this process, as a port; hides which kind of process it is. */
import { AppError } from '#base/errors';
import type { FromWorker, ToWorker } from '#contract/worker-messages';
import type { WorkerPort } from './serve-job';

/** The part of Electron's `process.parentPort` that is used; declared here because this layer must not see Electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function parentPort(): ParentPort | undefined {
  return (process as { parentPort?: ParentPort }).parentPort; // Electron adds this member to utility processes
}

/** Errors: INTERNAL when the process was started by hand, without a channel. */
export function processPort(): WorkerPort {
  const electron = parentPort();
  if (electron !== undefined) {
    return {
      post: (message) => electron.postMessage(message),
      onMessage: (listener) => {
        electron.on('message', ({ data }) => listener(data as ToWorker)); // only the engine holds the other end
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
