/**
 * Runs one job in one child process and settles exactly once: with the result, the job's error, or the reason why there
 * is neither. Whatever happens, the child is gone afterwards.
 *
 * - `start` is posted only after the child has said `ready`.
 * - An exit before the answer is WORKER_CRASHED, also with code 0.
 * - Cancelling is a ladder: a message, a grace period, a kill; the outcome is CANCELLED unless it was settled before.
 * - Memory is watched: a child that takes more than its job may is ended.
 * - Silence is watched: three missed heartbeats are reported, `hangMs` without one end the child.
 */
import { AppError, fromWire } from '#base/errors';
import type { Log } from '#base/log';
import type { Progress } from '#contract/jobs';
import type { FromWorker, WorkerJobName } from '#contract/worker-messages';
import type { WorkerHandle } from '../host';
import { memoryLimitOf, residentBytes, roleOfWorker } from './memory-limit';

/** Times in milliseconds. */
export interface WorkerTimes {
  /** From the start of the process to `ready`. */
  readonly readyMs: number;
  readonly heartbeatMs: number;
  /** Silence after which the child counts as hung. */
  readonly hangMs: number;
  /** Between the message `cancel` and the kill. */
  readonly graceMs: number;
  /** For the whole job; none by default. */
  readonly deadlineMs?: number;
}

export const DEFAULT_TIMES: WorkerTimes = { readyMs: 30_000, heartbeatMs: 1000, hangMs: 15_000, graceMs: 3000 };

const MISSED_BEATS_REPORTED = 3;
const MEMORY_CHECK_MS = 100;

export interface WorkerRequest {
  readonly name: WorkerJobName;
  readonly input: unknown;
  readonly resumeFrom?: unknown;
}

export interface WorkerListeners {
  onProgress?(progress: Progress): void;
  onLog?(level: 'info' | 'warn' | 'error', message: string): void;
  onCheckpoint?(state: unknown): void;
  /** Bytes that the job holds on the card from now on. */
  onVram?(bytes: number): void;
}

export interface WorkerOptions extends WorkerListeners {
  readonly spawn: () => WorkerHandle;
  readonly log: Log;
  readonly times?: Partial<WorkerTimes>;
  /** Resident bytes after which the child is ended; what its job may take unless told. */
  readonly memoryBytes?: number;
}

/** Starts a child and gives it the job. A launcher that fails is an outcome too, not an exception. */
export function startWorker(request: WorkerRequest, options: WorkerOptions): WorkerProcess {
  return new WorkerProcess(request, options);
}

export class WorkerProcess {
  /** The result. Errors: those of the job; WORKER_CRASHED with `data.reason`; CANCELLED. */
  readonly outcome: Promise<unknown>;
  /** Resolves when the child is gone; what it held (memory, the GPU) is free then. */
  readonly exited: Promise<void>;

  readonly #request: WorkerRequest;
  readonly #options: WorkerOptions;
  readonly #times: WorkerTimes;
  readonly #child: WorkerHandle | null;
  readonly #outcome = Promise.withResolvers<unknown>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #questions = 0;
  #state: 'starting' | 'working' | 'cancelling' | 'settled' = 'starting';
  #lastBeat = performance.now();
  #silenceReported = false;

  constructor(request: WorkerRequest, options: WorkerOptions) {
    this.#request = request;
    this.#options = options;
    this.#times = { ...DEFAULT_TIMES, ...options.times };
    this.outcome = this.#outcome.promise;
    this.exited = this.#exited.promise;
    this.outcome.catch(() => {}); // a caller may look only at `exited`
    this.#child = this.#spawn();
    if (this.#child !== null) this.#listen(this.#child);
  }

  /** Asks a job that stays. Errors: those of the job; what ended it, where it ended before it answered. */
  ask(question: unknown): Promise<unknown> {
    if (this.#state === 'settled') return this.outcome.then(() => Promise.reject(cancelled()));
    const id = ++this.#questions;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    this.#child?.post({ type: 'ask', id, question });
    return asked.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the cancel ladder. */
  cancel(): void {
    if (this.#state === 'starting') this.#fail(cancelled());
    if (this.#state !== 'working') return;
    this.#state = 'cancelling';
    this.#child?.post({ type: 'cancel' });
    this.#after(this.#times.graceMs, () => this.#fail(cancelled()));
  }

  /** Ends the child at once; the outcome is `error` unless it was settled before. */
  kill(error: AppError): void {
    this.#fail(error);
  }

  #spawn(): WorkerHandle | null {
    try {
      return this.#options.spawn();
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      this.#crash('spawn', `it could not be started: ${found}`);
      this.#exited.resolve();
      return null;
    }
  }

  #listen(child: WorkerHandle): void {
    child.onMessage((message) => {
      if (this.#state === 'settled') return;
      try {
        this.#receive(message);
      } catch (error) {
        this.#fail(asAppError(error)); // a listener failed (a full disk), or the input cannot be sent
      }
    });
    child.onExit(({ code, reason }) => {
      this.#crash(reason, `it ended without one (${reason}${code === 0 ? ', although with code 0' : ''})`);
      this.#exited.resolve();
    });
    const { readyMs } = this.#times;
    this.#after(readyMs, () => {
      if (this.#state === 'starting') this.#crash('start', `it was not ready after ${readyMs} ms`);
    });
  }

  #receive(message: FromWorker): void {
    this.#lastBeat = performance.now();
    this.#silenceReported = false;
    const { onProgress, onLog, onCheckpoint, onVram } = this.#options;
    switch (message.type) {
      case 'ready':
        return this.#start();
      case 'heartbeat':
        return message.vramBytes === undefined ? undefined : onVram?.(message.vramBytes);
      case 'progress':
        return onProgress?.(message.progress);
      case 'log':
        return onLog?.(message.level, message.message);
      case 'checkpoint':
        return onCheckpoint?.(message.checkpoint);
      case 'answer':
        return this.#takeAsked(message.id)?.resolve(message.answer);
      case 'refusal':
        return this.#takeAsked(message.id)?.reject(fromWire(message.error));
      case 'result':
        if (this.#state === 'cancelling') return this.#fail(cancelled());
        return this.#settle(() => this.#outcome.resolve(message.result));
      case 'error':
        return this.#fail(fromWire(message.error));
    }
  }

  #start(): void {
    if (this.#state !== 'starting') return;
    this.#state = 'working';
    const { name, input, resumeFrom } = this.#request;
    const { heartbeatMs, deadlineMs } = this.#times;
    this.#child?.post({ type: 'start', job: name, input, heartbeatMs, resumeFrom });
    this.#after(heartbeatMs, () => this.#watchSilence());
    this.#watchMemory(this.#options.memoryBytes ?? memoryLimitOf(roleOfWorker(name)));
    if (deadlineMs !== undefined) {
      this.#after(deadlineMs, () => this.#crash('deadline', `it was still working after ${deadlineMs} ms`));
    }
  }

  #watchSilence(): void {
    const silentMs = Math.round(performance.now() - this.#lastBeat);
    const { heartbeatMs, hangMs } = this.#times;
    if (silentMs >= hangMs) return this.#crash('hang', `it gave no sign of life for ${silentMs} ms`);
    if (silentMs >= MISSED_BEATS_REPORTED * heartbeatMs && !this.#silenceReported) {
      this.#silenceReported = true;
      this.#options.log.warn('A worker is silent.', { job: this.#request.name, pid: this.pid, silentMs });
    }
    // Never later than the limit itself, whatever the beat.
    this.#after(Math.min(heartbeatMs, Math.max(1, hangMs - silentMs)), () => this.#watchSilence());
  }

  #watchMemory(limit: number): void {
    const { pid } = this;
    const found = pid === undefined || pid === process.pid ? null : residentBytes(pid);
    if (found === null) return;
    if (found > limit) {
      const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
      return this.#crash('memory', `it took ${mebibytes(found)} MiB of memory where ${mebibytes(limit)} are allowed`);
    }
    this.#after(MEMORY_CHECK_MS, () => this.#watchMemory(limit));
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #crash(reason: string, found: string): void {
    const message = `Expected an answer from the worker of ${this.#request.name}; ${found}.`;
    this.#fail(new AppError('WORKER_CRASHED', message, { data: { reason, pid: this.pid ?? null } }));
  }

  #fail(error: AppError): void {
    const reason = this.#state === 'cancelling' ? cancelled() : error;
    this.#settle(() => this.#outcome.reject(reason));
  }

  #takeAsked(id: number): PromiseWithResolvers<unknown> | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #refuseAsked(error: unknown): void {
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
  }

  #settle(finish: () => void): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    for (const timer of this.#timers) clearTimeout(timer);
    finish();
    this.outcome.then(
      () => this.#refuseAsked(cancelled()),
      (error: unknown) => this.#refuseAsked(error),
    );
    this.#child?.kill();
  }
}

function cancelled(): AppError {
  return new AppError('CANCELLED', 'Cancelled.');
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
