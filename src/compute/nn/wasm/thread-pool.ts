/**
 * The threads of a session. The caller's thread works too; with one thread there is no worker at all. No wait is without end: a
 * thread that died or got stuck is noticed, and the session fails with WORKER_CRASHED instead of hanging.
 */
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '#base/errors';
import type { SessionOptions } from '#quant/nn/engine';
import type { LstmNetwork } from '#quant/nn/network';
import { Control, type Order } from './control';
import { source } from './thread-worker.ts?thread-source';

/** What a thread is started with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly network: LstmNetwork;
  readonly options: SessionOptions;
  readonly threads: number;
  readonly thread: number;
  readonly table: { readonly series: number; readonly days: number };
}

/** Time for a thread to start, and for the others to finish any one task. */
const START_LIMIT_MS = 20_000;
const DEFAULT_STALL_LIMIT_MS = 60_000;
/** How long the caller's thread works or sleeps before it lets its own messages in. */
const BREATH_MS = 20;

export interface ThreadPool {
  /** Runs `tasks` tasks of an order; `runHere` is what this thread does with one. Errors: WORKER_CRASHED, CANCELLED. */
  run(order: Order, tasks: number, runHere: (task: number) => void): Promise<void>;
  /** Runs them all on this thread alone. */
  runAlone(tasks: number, runHere: (task: number) => void): void;
  /** Ends the threads; resolves when they have ended. */
  dispose(): Promise<void>;
}

/** @param stallLimitMs how long the others may take for one task after this thread has nothing left to do */
export async function startThreads(
  start: Omit<ThreadStart, 'thread'>,
  stallLimitMs = DEFAULT_STALL_LIMIT_MS,
): Promise<ThreadPool> {
  const pool = new Pool(start, stallLimitMs);
  await pool.ready();
  return pool;
}

class Pool implements ThreadPool {
  readonly #control: Control;
  readonly #workers: Worker[] = [];
  readonly #ready: Promise<void>[] = [];
  readonly #stallLimitMs: number;
  /** Rejects with the reason once a thread is lost. */
  readonly #lost = Promise.withResolvers<never>();
  #crash: AppError | undefined;
  #isDisposed = false;

  constructor(start: Omit<ThreadStart, 'thread'>, stallLimitMs: number) {
    this.#lost.promise.catch(() => undefined); // whoever waits sees it; nobody has to
    this.#control = new Control(start.memory);
    this.#stallLimitMs = stallLimitMs;
    for (let thread = 1; thread < start.threads; thread++) {
      const worker = new Worker(source, { eval: true, workerData: { ...start, thread } satisfies ThreadStart });
      const ready = Promise.withResolvers<void>();
      worker.on('message', (message: unknown) => {
        if (message === 'ready') ready.resolve();
        else this.#fail(`thread ${thread}: ${String(message)}`);
      });
      worker.on('error', (error) => this.#fail(`thread ${thread}: ${error.message}`));
      worker.on('exit', (code) => this.#fail(`thread ${thread} ended with code ${code}`));
      this.#workers.push(worker);
      this.#ready.push(ready.promise);
    }
  }

  async ready(): Promise<void> {
    if (this.#ready.length === 0) return;
    const limit = AbortSignal.timeout(START_LIMIT_MS);
    const late = new Promise<never>((_, reject) => {
      limit.addEventListener('abort', () => reject(crashed(`no thread started within ${START_LIMIT_MS} ms`)));
    });
    try {
      await Promise.race([Promise.all(this.#ready), late, this.#lost.promise]);
      for (const worker of this.#workers) worker.unref();
    } catch (error) {
      await this.dispose();
      throw error;
    }
  }

  async run(order: Order, tasks: number, runHere: (task: number) => void): Promise<void> {
    this.#check();
    const control = this.#control;
    control.publish(order, tasks);
    let breath = performance.now();
    for (let task = control.takeTask(); task >= 0; task = control.takeTask()) {
      runHere(task);
      control.finishTask();
      if (performance.now() - breath < BREATH_MS) continue;
      await setImmediate();
      this.#check();
      breath = performance.now();
    }
    let seen = control.finished;
    let since = performance.now();
    while (!control.isDone) {
      control.waitForTask(seen, BREATH_MS);
      if (control.isDone) break;
      await setImmediate();
      this.#check();
      if (control.finished !== seen) since = performance.now();
      else if (performance.now() - since > this.#stallLimitMs) this.#fail(`a task took over ${this.#stallLimitMs} ms`);
      seen = control.finished;
      this.#check();
    }
    if (control.failed > 0) {
      await setImmediate(); // lets the reason arrive
      this.#fail('a task failed');
    }
    this.#check();
  }

  runAlone(tasks: number, runHere: (task: number) => void): void {
    this.#check();
    for (let task = 0; task < tasks; task++) runHere(task);
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#control.stop();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #fail(reason: string): void {
    if (this.#isDisposed) return;
    this.#crash ??= crashed(reason);
    this.#lost.reject(this.#crash);
  }

  #check(): void {
    if (this.#isDisposed) throw new AppError('CANCELLED', 'The training session was closed.');
    if (this.#crash === undefined) return;
    const crash = this.#crash;
    void this.dispose();
    throw crash;
  }
}

function crashed(reason: string): AppError {
  return new AppError(
    'WORKER_CRASHED',
    `The training threads cannot go on: ${reason}. Start again from the last checkpoint.`,
  );
}
