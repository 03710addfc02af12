/**
 * A worker without a process, for tests that need speed and not isolation: the worker's own code runs in this process
 * and every message is cloned as a real channel would. It cannot be killed while it computes, only disconnected.
 */
import type { FromWorker, ToWorker } from '#contract/worker-messages';
import type { WorkerHandle } from '../host';

/** The worker's end of the channel; `serveJob` of the compute layer takes it. */
export interface InlinePort {
  post(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/**
 * @param serve runs the worker's side on a port, with the test's own table of jobs
 */
export function inlineLauncher(serve: (port: InlinePort) => Promise<void>): () => WorkerHandle {
  return () => {
    const toHost = new Listeners<FromWorker>();
    const toWorker = new Listeners<ToWorker>();
    const exit = Promise.withResolvers<{ code: number | null; reason: string }>();
    let connected = true;

    function end(code: number | null, reason: string): void {
      connected = false;
      exit.resolve({ code, reason });
    }

    function send<Message>(listeners: Listeners<Message>, message: Message): void {
      const copy = structuredClone(message);
      setImmediate(() => {
        if (connected) listeners.tell(copy);
      });
    }

    serve({
      post: (message) => send(toHost, message),
      onMessage: (listener) => toWorker.add(listener),
    }).catch((error: unknown) => end(1, `exit code 1: ${String(error)}`));

    return {
      pid: undefined,
      post: (message) => send(toWorker, message),
      onMessage: (listener) => toHost.add(listener),
      onExit: (listener) => void exit.promise.then(listener),
      kill: () => end(null, 'killed'),
    };
  };
}

/** Listeners that also get what was said before they came. */
class Listeners<Message> {
  readonly #listeners: ((message: Message) => void)[] = [];
  #early: Message[] = [];

  add(listener: (message: Message) => void): void {
    this.#listeners.push(listener);
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener(message);
  }

  tell(message: Message): void {
    if (this.#listeners.length === 0) this.#early.push(message);
    for (const listener of this.#listeners) listener(message);
  }
}
