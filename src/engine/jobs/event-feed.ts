/**
 * Reading a job's events from any point on, live: stored ones first, then new ones as they are stored, without a gap or
 * a repetition. Publishing only wakes readers; what they see always comes from the store.
 */
import { AppError } from '#base/errors';
import type { JobEvent } from '#contract/jobs';
import type { Database } from '../store/database';
import { readJobEvents } from '../store/job-events-table';
import { findJob } from '../store/jobs-table';
import { hasEnded } from './job-state';

const PAGE = 500;

export class EventFeed {
  readonly #database: Database;
  readonly #readers = new Map<string, Set<() => void>>();
  readonly #listeners = new Set<(job: string) => void>();
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Says that something of a job was stored. Readers run after the current transaction, never inside it. */
  publish(job: string): void {
    queueMicrotask(() => {
      for (const wake of this.#readers.get(job) ?? []) wake();
      for (const listener of this.#listeners) listener(job);
    });
  }

  /** Calls `listener` with the identifier of every job that changes. @returns stops it */
  onChange(listener: (job: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Events numbered above `after`, until the job has ended or is in quarantine, the feed is closed, or the signal fires (which ends the
   * sequence without an error). Errors: NOT_FOUND.
   */
  async *read(job: string, after: number, signal?: AbortSignal): AsyncGenerator<JobEvent, void, void> {
    if (findJob(this.#database, job) === null) {
      throw new AppError('NOT_FOUND', `Expected a job ${job}; found none. List them with "jobs list".`);
    }
    let last = after;
    while (!this.#closed && signal?.aborted !== true) {
      const events = readJobEvents(this.#database, job, last, PAGE);
      for (const event of events) {
        last = event.seq;
        yield event;
      }
      if (events.length > 0) continue;
      const row = findJob(this.#database, job);
      if (row === null || hasEnded(row.status) || row.quarantinedAt !== null) return;
      await this.#nextWake(job, signal);
    }
  }

  /** Ends all readers; the database may be closed afterwards. */
  close(): void {
    this.#closed = true;
    for (const wakes of this.#readers.values()) for (const wake of wakes) wake();
  }

  #nextWake(job: string, signal: AbortSignal | undefined): Promise<void> {
    const wakes = this.#readers.get(job) ?? new Set();
    this.#readers.set(job, wakes);
    return new Promise((resolve) => {
      const wake = (): void => {
        wakes.delete(wake);
        if (wakes.size === 0 && this.#readers.get(job) === wakes) this.#readers.delete(job);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      wakes.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
