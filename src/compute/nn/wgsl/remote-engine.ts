/**
 * The WebGPU engine of a job that cannot have a device itself: every call goes through a port to the worker that has one
 * (`remote-server.ts`). Plans are made here, from the same lists. When the other side goes, everything open rejects with WORKER_CRASHED.
 */
import { AppError, fromWire } from '#base/errors';
import type { MemoryUse, NetworkEngine, NetworkSession } from '#quant/nn/engine';
import { plannedMemory } from './engine';
import {
  portable,
  type FromGpuWorker,
  type GpuDescription,
  type GpuQuestion,
  type ToGpuWorker,
} from './remote-messages';

/** The job's end of the channel. */
export interface GpuPort {
  post(message: ToGpuWorker): void;
  onMessage(listener: (message: FromGpuWorker) => void): void;
  /** Called once, with what is known, when nobody listens on the other side any more. */
  onClose(listener: (reason: string) => void): void;
  close(): void;
}

interface Waiting {
  readonly session: number | null;
  resolve(answer: unknown): void;
  reject(error: AppError): void;
}

/** Errors: DEVICE_UNAVAILABLE as the other side found it; WORKER_CRASHED where it went before it answered. */
export async function remoteEngine(port: GpuPort, choice: { readonly software: boolean }): Promise<NetworkEngine> {
  const line = new Line(port);
  const opened = await line.ask({ do: 'connect', ...choice }).catch((error: unknown) => {
    port.close();
    throw error;
  });
  const { device, deterministic, sharedBytes } = opened as GpuDescription; // the answer to `connect`
  let sessions = 0;
  return {
    id: 'wgsl',
    device,
    deterministic,
    plan: (network, options, table) => plannedMemory(network, options, table, sharedBytes),
    async open(network, inputs, options) {
      const session = ++sessions;
      const memory = await line.ask({ do: 'open', session, network, inputs, options }, session);
      return remoteSession(line, session, memory as MemoryUse); // the answer to `open`
    },
    async dispose() {
      await line.ask({ do: 'dispose' }).catch(() => {}); // a side that is gone holds nothing
      port.close();
    },
  };
}

function remoteSession(line: Line, session: number, memory: MemoryUse): NetworkSession {
  let isDisposed = false;
  async function call<Answer>(ask: GpuQuestion): Promise<Answer> {
    if (isDisposed) throw closedError();
    return (await line.ask(ask, session)) as Answer; // the server calls the method of that name
  }
  return {
    memory,
    write: (...args) => call({ do: 'write', session, args }),
    read: (...args) => call({ do: 'read', session, args }),
    replaceInputs: (...args) => call({ do: 'replaceInputs', session, args }),
    predict: (...args) => call({ do: 'predict', session, args }),
    attention: (...args) => call({ do: 'attention', session, args }),
    gradients: (...args) => call({ do: 'gradients', session, args }),
    accumulate: (...args) => call({ do: 'accumulate', session, args }),
    update: (...args) => call({ do: 'update', session, args }),
    measured: (...args) => call({ do: 'measured', session, args }),
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      line.forget(session);
      line.ask({ do: 'close', session }).catch(() => {}); // a side that is gone holds nothing
    },
  };
}

/** Questions under way on one port. */
class Line {
  readonly #port: GpuPort;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #lost: AppError | null = null;

  constructor(port: GpuPort) {
    this.#port = port;
    port.onMessage((message) => this.#settle(message));
    port.onClose((reason) => this.#lose(reason));
  }

  ask(ask: GpuQuestion, session: number | null = null): Promise<unknown> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    const id = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { session, resolve, reject });
    this.#port.post({ id, ask: portable(ask) });
    return promise;
  }

  /** What still runs for that session rejects with CANCELLED. */
  forget(session: number): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.session !== session) continue;
      this.#waiting.delete(id);
      waiting.reject(closedError());
    }
  }

  #settle(message: FromGpuWorker): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(fromWire(message.error));
    else waiting?.resolve(message.answer);
  }

  #lose(reason: string): void {
    this.#lost ??= new AppError(
      'WORKER_CRASHED',
      `Expected the window that drives the graphics card to go on; it is gone (${reason}). The run resumes from its last checkpoint.`,
      { data: { reason: 'device-lost', found: reason } },
    );
    for (const waiting of this.#waiting.values()) waiting.reject(this.#lost);
    this.#waiting.clear();
  }
}

function closedError(): AppError {
  return new AppError('CANCELLED', 'The training session was closed.');
}
