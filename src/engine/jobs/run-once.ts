/**
 * Short calls to a worker whose answer somebody waits for (a preview): no queue, no rows, a few at a time.
 */
import { throwIfCancelled } from '#base/async';
import { AppError } from '#base/errors';
import { withFields } from '#base/log';
import type { Progress } from '#contract/jobs';
import type { WorkerJobName } from '#contract/worker-messages';
import type { Host } from '../host';
import { startWorker, type WorkerProcess } from './worker-process';

const AT_ONCE = 2;
const DEADLINE_MS = 120_000;

export interface RunOnceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds of work after which the worker is ended; 2 minutes unless told. */
  readonly deadlineMs?: number;
}

export class ShortCalls {
  readonly #host: Pick<Host, 'spawnWorker' | 'log'>;
  readonly #running = new Set<WorkerProcess>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(host: Pick<Host, 'spawnWorker' | 'log'>) {
    this.#host = host;
  }

  /** The job's result. Errors: those of the job, CANCELLED, WORKER_CRASHED. */
  async run(name: WorkerJobName, input: unknown, options: RunOnceOptions = {}): Promise<unknown> {
    const { signal } = options;
    throwIfCancelled(signal);
    await this.#enter();
    try {
      throwIfCancelled(signal);
      if (this.#closed) throw new AppError('UNAVAILABLE', 'Sextant is closing.');
      return await this.#work(name, input, options);
    } finally {
      this.#leave();
    }
  }

  /** Ends what is running; those calls fail with UNAVAILABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running];
    for (const worker of running) worker.kill(new AppError('UNAVAILABLE', 'Sextant is closing.'));
    await Promise.all(running.map((worker) => worker.exited));
  }

  async #work(name: WorkerJobName, input: unknown, options: RunOnceOptions): Promise<unknown> {
    const { signal, onProgress, deadlineMs = DEADLINE_MS } = options;
    const { log } = this.#host;
    const worker = startWorker(
      { name, input },
      {
        spawn: () => this.#host.spawnWorker(withFields(log, { component: 'worker' })),
        log,
        times: { deadlineMs },
        onLog: (level, line) => log[level]('A worker says:', { component: 'worker', kind: name, line }),
        ...(onProgress === undefined ? {} : { onProgress }),
      },
    );
    const cancel = (): void => worker.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#running.add(worker);
    try {
      return await worker.outcome;
    } finally {
      signal?.removeEventListener('abort', cancel);
      void worker.exited.then(() => this.#running.delete(worker));
    }
  }

  async #enter(): Promise<void> {
    if (this.#busy < AT_ONCE) {
      this.#busy++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy--;
    else next();
  }
}
