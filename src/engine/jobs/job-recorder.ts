/**
 * Stores what a running job reports: progress at most ten times a second (the last one always, and no ended epoch is lost
 * with those between), log lines up to a limit, checkpoints as they come. A full disk costs a report, not the job: it is logged, and the next report is tried again.
 */
import { AppError } from '#base/errors';
import type { Log } from '#base/log';
import type { Progress, TrainedEpoch } from '#contract/jobs';
import { inTransaction } from '../store/database';
import { appendJobEvent } from '../store/job-events-table';
import { saveCheckpoint, updateJob } from '../store/jobs-table';
import type { JobStore } from './job-state';
import type { WorkerListeners } from './worker-process';

const PROGRESS_INTERVAL_MS = 100;
const MAXIMUM_LOG_LINES = 1000;

export class JobRecorder implements Required<Omit<WorkerListeners, 'onVram'>> {
  readonly #store: JobStore;
  readonly #job: string;
  readonly #log: Log;
  readonly #publish: () => void;
  #pending: Progress | null = null;
  /** Ended and not yet stored. */
  #epochs: readonly TrainedEpoch[] = [];
  #timer: NodeJS.Timeout | null = null;
  #lines = 0;

  constructor(store: JobStore, job: string, log: Log, publish: () => void) {
    this.#store = store;
    this.#job = job;
    this.#log = log;
    this.#publish = publish;
  }

  readonly onProgress = (progress: Progress): void => {
    const { epochsEnded, ...pending } = progress;
    this.#pending = pending;
    if (epochsEnded !== undefined) this.#epochs = [...this.#epochs, ...epochsEnded];
    if (this.#timer !== null) return;
    this.#storePending();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#pending !== null) this.onProgress(this.#pending);
    }, PROGRESS_INTERVAL_MS);
  };

  readonly onLog = (level: 'info' | 'warn' | 'error', message: string): void => {
    this.#lines++;
    if (this.#lines > MAXIMUM_LOG_LINES) return;
    const text = this.#lines === MAXIMUM_LOG_LINES ? 'Further lines of this attempt are not kept.' : message;
    this.#attempt(() => {
      appendJobEvent(this.#store.database, this.#job, this.#store.now(), { type: 'log', level, message: text });
    });
  };

  readonly onCheckpoint = (state: unknown): void => {
    // An attempt that goes on from here does not say again which epochs had ended before.
    if (this.#epochs.length > 0) this.#storePending();
    this.#attempt(() => {
      saveCheckpoint(this.#store.database, this.#job, this.#store.now(), state);
      updateJob(this.#store.database, this.#job, { crashes: 0 });
    });
  };

  /** Stores what is pending and stops; call it before the job's last status. */
  finish(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#storePending();
  }

  #storePending(): void {
    const progress = this.#pending;
    this.#pending = null;
    if (progress === null) return;
    const told = this.#epochs.length === 0 ? progress : { ...progress, epochsEnded: [...this.#epochs] };
    const isStored = this.#attempt(() => {
      updateJob(this.#store.database, this.#job, { progress });
      appendJobEvent(this.#store.database, this.#job, this.#store.now(), { type: 'progress', progress: told });
    });
    if (isStored) this.#epochs = [];
  }

  #attempt(write: () => void): boolean {
    try {
      inTransaction(this.#store.database, write);
      this.#publish();
      return true;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'DISK_FULL') throw error;
      this.#store.onFullDisk?.();
      this.#log.warn('The disk is full: a report of a job was not kept.', { job: this.#job });
      return false;
    }
  }
}
