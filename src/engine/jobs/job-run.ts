/**
 * One attempt at one job, from `running` to the status that ends the attempt: input, worker, result, rows.
 * It never throws: whatever goes wrong becomes the job's status.
 */
import { AppError, toWire } from '#base/errors';
import { withFields, type Log } from '#base/log';
import type { CardLease } from '../devices/vram-monitor';
import type { Host } from '../host';
import { inScope } from '../logs/call-scope';
import type { Tracing } from '../traces/tracing';
import { Stages } from './stages';
import { findJob, loadCheckpoint, type JobRow } from '../store/jobs-table';
import { asStoreError } from '../store/store-error';
import { JobRecorder } from './job-recorder';
import {
  isAccident,
  recordCrash,
  recordFailure,
  recordInterruption,
  recordPause,
  recordReturn,
  recordStatus,
  recordSuccess,
  type JobStore,
} from './job-state';
import type { Runner } from './runner';
import { startWorker, type WorkerProcess, type WorkerTimes } from './worker-process';

/** How long to wait before a status that could not be stored (a full disk) is tried again. */
const STORE_RETRY_MS = 2000;

const GAVE_WAY = new AppError(
  'UNAVAILABLE',
  'The job gave way to other programs on the card and resumes when there is room.',
);
const INTERRUPTED = new AppError('UNAVAILABLE', 'Sextant is closing; the job resumes at the next start.');

const PAUSED = new AppError('UNAVAILABLE', 'The job was paused and goes on when it is resumed.');

export interface JobRunOptions {
  readonly store: JobStore;
  readonly host: Pick<Host, 'spawnWorker' | 'log'>;
  readonly times: Partial<WorkerTimes>;
  readonly tracing: Tracing;
  /** Told of the job's process and of what it holds on the card. */
  readonly card: CardLease | null;
  /** Told of a crash; answers whether the job crashed too often lately. */
  crashed(reason: string): boolean;
  /** Called after something of the job was stored. */
  publish(): void;
}

export class JobRun {
  readonly #job: JobRow;
  readonly #options: JobRunOptions;
  readonly #recorder: JobRecorder;
  readonly #interrupted = Promise.withResolvers<void>();
  /** Why no worker is to be started or kept; null while there is no such reason. */
  #stop: AppError | null = null;
  #worker: WorkerProcess | null = null;
  /** Code of the error that ended the attempt. */
  #failure: string | null = null;

  constructor(job: JobRow, options: JobRunOptions) {
    this.#job = job;
    this.#options = options;
    this.#recorder = new JobRecorder(options.store, job.id, options.host.log, () => options.publish());
  }

  /** Resolves when the attempt's last status is stored and its process is gone. */
  work(): Promise<void> {
    const { id, kind, attempt, correlation, traceparent } = this.#job;
    // A job that nobody called for is named by itself.
    return inScope({ correlation: correlation ?? id, job: id, traceparent: traceparent ?? undefined }, () =>
      this.#options.tracing.span(`job ${kind}`, { attributes: { 'sextant.attempt': attempt + 1 } }, async (span) => {
        await this.#work();
        if (this.#failure !== null) span.fail(this.#failure);
      }),
    );
  }

  async #work(): Promise<void> {
    const { store } = this.#options;
    const attempt = this.#job.attempt + 1;
    const startedAt = this.#job.startedAt ?? store.now();
    const begin = (): void => recordStatus(store, this.#job.id, 'running', { attempt, startedAt, error: null });
    if (!(await this.#untilStored(begin))) {
      await this.#pause(); // a store that takes nothing must not be asked again at once
      return;
    }
    let conclude: () => void;
    try {
      const writeRows = await this.#produce(this.#runner());
      conclude = () => recordSuccess(store, this.#job, writeRows);
    } catch (error) {
      this.#failure = toWire(error).code;
      // Counted once, however often storing it is tried.
      const tooOften = isAccident(error) && this.#options.crashed(String(error.data?.reason));
      conclude = () => this.#recordEnd(error, tooOften);
    }
    this.#recorder.finish();
    await this.#untilStored(conclude);
    await this.#worker?.exited;
    this.#options.card?.leave(this.#job.id);
  }

  /** Starts the cancel ladder. Once the result is being stored it is too late, and the job succeeds. */
  cancel(): void {
    this.#stop ??= new AppError('CANCELLED', 'Cancelled.');
    this.#worker?.cancel();
  }

  /** Ends the attempt because the host closes. */
  interrupt(): void {
    this.#stop ??= INTERRUPTED;
    this.#interrupted.resolve();
    this.#worker?.kill(INTERRUPTED);
  }

  /** Ends the attempt because the card is over its budget; the job goes back into the queue and resumes from its last checkpoint. */
  giveWay(): void {
    this.#stop ??= GAVE_WAY;
    this.#worker?.kill(GAVE_WAY);
  }

  /** Ends the attempt because a person wants to go on later. */
  pause(): void {
    this.#stop ??= PAUSED;
    this.#worker?.kill(PAUSED);
  }

  #runner(): Runner {
    const runner = this.#options.store.runners[this.#job.kind];
    if (runner !== undefined) return runner;
    throw new AppError('UNAVAILABLE', `Expected a runner for jobs of kind "${this.#job.kind}"; this build has none.`);
  }

  /** Runs the worker and lets the noun take the result. @returns what writes the rows */
  async #produce(runner: Runner): Promise<() => void> {
    const { store, host, times, card, publish } = this.#options;
    const { name, input } = await runner.prepare(this.#job);
    if (this.#stop !== null) throw this.#stop;
    const stages = new Stages(this.#options.tracing);
    const resumeFrom = loadCheckpoint(store.database, this.#job.id);
    this.#worker = startWorker(
      { name, input, resumeFrom },
      {
        spawn: () => host.spawnWorker(this.#workerLog()),
        log: host.log,
        times: { ...times, ...runner.times },
        onProgress: (progress) => {
          stages.enter(progress.stage);
          this.#recorder.onProgress(progress);
        },
        onLog: (level, line) => {
          this.#workerLog()[level]('A worker says:', { line });
          this.#recorder.onLog(level, line);
        },
        onCheckpoint: this.#recorder.onCheckpoint,
        onVram: (bytes) => card?.report(this.#job.id, bytes),
      },
    );
    card?.enter(this.#job.id, this.#worker.pid);
    const result = await this.#worker.outcome.finally(() => stages.end());
    this.#recorder.finish();
    publish();
    return runner.complete(this.#job, result);
  }

  /** Explicit where the call cannot be: what a process prints arrives outside of any. */
  #workerLog(): Log {
    const { id, correlation } = this.#job;
    return withFields(this.#options.host.log, { component: 'worker', job: id, correlation: correlation ?? id });
  }

  #recordEnd(error: unknown, tooOften: boolean): void {
    const { store } = this.#options;
    const job = findJob(store.database, this.#job.id) ?? this.#job;
    if (error === INTERRUPTED) recordInterruption(store, job.id);
    else if (error === PAUSED) recordPause(store, job.id);
    else if (error === GAVE_WAY) recordReturn(store, job.id);
    else if (isAccident(error)) recordCrash(store, job, { reason: String(error.data?.reason), tooOften });
    else recordFailure(store, job, toWire(asStoreError(error, 'the workspace')));
  }

  /**
   * Stores a status; a full disk is waited for, any other failure of storing ends the job with that error.
   * @returns false where this status could not be stored: the job has ended, or is recovered at the next start
   */
  async #untilStored(write: () => void): Promise<boolean> {
    const { store, host, publish } = this.#options;
    for (let attempt = write; ;) {
      try {
        attempt();
        publish();
        return attempt === write;
      } catch (error) {
        host.log.error('The status of a job could not be stored.', { job: this.#job.id, error: toWire(error).message });
        if (error instanceof AppError && error.code === 'DISK_FULL') {
          store.onFullDisk?.();
          if (!(await this.#pause())) return false;
        } else if (attempt === write) {
          attempt = () => recordFailure(store, this.#job, toWire(error));
        } else {
          return false;
        }
      }
    }
  }

  /** @returns false when the host closes: the job keeps its stored status and is recovered at the next start */
  async #pause(): Promise<boolean> {
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, STORE_RETRY_MS);
    await Promise.race([waited.promise, this.#interrupted.promise]);
    clearTimeout(timer);
    return this.#stop !== INTERRUPTED;
  }
}
