/**
 * The persisted queue. Jobs run in order of arrival, one CPU job and one GPU job at a time, each in its own process.
 * Every fact is stored before it is told. Making a queue is recovery: whatever an earlier host left unfinished is
 * queued again and resumes from its last checkpoint.
 */
import { throwIfCancelled } from '#base/async';
import { AppError, fromWire, type WireError } from '#base/errors';
import type { JobEvent, JobKind, WorkerRole } from '#contract/jobs';
import type { WorkerJobName } from '#contract/worker-messages';
import type { CardLease } from '../devices/vram-monitor';
import type { Host } from '../host';
import { currentOrigin } from '../logs/call-scope';
import { inTransaction, type Database } from '../store/database';
import { appendJobEvent } from '../store/job-events-table';
import { findJob, insertJob, jobsByStatus, updateJob, type JobRow } from '../store/jobs-table';
import { createUlid } from '../store/ulid';
import { EventFeed } from './event-feed';
import { JobRun } from './job-run';
import {
  hasEnded,
  recordFailure,
  recordPause,
  recordRelease,
  recordStatus,
  recoverJobs,
  type JobStore,
} from './job-state';
import { ShortCalls, type RunOnceOptions } from './run-once';
import type { Resource, Runners } from './runner';
import { noTracing, type Tracing } from '../traces/tracing';
import { Supervisor } from './supervisor';
import type { WorkerTimes } from './worker-process';

export interface QueueOptions {
  readonly database: Database;
  readonly host: Pick<Host, 'spawnWorker' | 'log' | 'now'>;
  readonly runners: Runners;
  /** Jobs at a time; one each unless told. */
  readonly slots?: Partial<Record<Resource, number>>;
  readonly times?: Partial<WorkerTimes>;
  /** Records nothing unless given. */
  readonly tracing?: Tracing;
  /** Guards the card: a GPU job starts only with its lease. Without one there is only the slot. */
  readonly card?: CardLease;
  /** Nothing is recovered or begun. */
  readonly isHeld?: boolean;
  /** Counts crashes; one of the queue's own unless told. */
  readonly supervisor?: Supervisor;
  /** Called in the transaction that puts a job into quarantine. */
  onQuarantine?(job: JobRow, error: WireError): void;
  /** Something of a job could not be stored for want of room; the job waits. */
  onFullDisk?(): void;
}

export interface JobRequest {
  readonly kind: JobKind;
  /** Identifier of what the job makes. */
  readonly subject: string;
  readonly title: string;
  /** Plain JSON; frozen from here on. */
  readonly payload: unknown;
}

interface Active {
  readonly resource: Resource;
  readonly run: JobRun;
  readonly done: Promise<void>;
}

const OWN_ROLES: Readonly<Partial<Record<JobKind, WorkerRole>>> = {
  'import-dataset': 'import',
  'generate-dataset': 'import',
  report: 'report',
};

export function createQueue(options: QueueOptions): Queue {
  return new Queue(options);
}

export class Queue {
  readonly #options: QueueOptions;
  readonly #store: JobStore;
  readonly #feed: EventFeed;
  readonly #shortCalls: ShortCalls;
  readonly #active = new Map<string, Active>();
  readonly #supervisor: Supervisor;
  /** Per waiting job: the reason that was told last. */
  readonly #refusals = new Map<string, string>();
  readonly #stopListening: () => void;
  #closed = false;

  constructor(options: QueueOptions) {
    const { database, host, runners } = options;
    this.#options = options;
    this.#supervisor = options.supervisor ?? new Supervisor({ now: () => host.now() });
    this.#store = {
      database,
      runners,
      log: host.log,
      now: () => host.now(),
      onQuarantine: (job, error) => options.onQuarantine?.(job, error),
      onFullDisk: () => options.onFullDisk?.(),
    };
    this.#feed = new EventFeed(database);
    this.#shortCalls = new ShortCalls(host);
    this.#stopListening = options.card?.onChange(() => this.#wake()) ?? (() => {});
    if (options.isHeld === true) return;
    recoverJobs(this.#store);
    this.#wake();
  }

  /** How many jobs are being worked on. */
  get running(): number {
    return this.#active.size;
  }

  /**
   * Stores a job and returns its identifier. Inside a transaction of the caller the job exists only if that commits,
   * so the rows of a noun and its job appear together. Errors: UNAVAILABLE while workers of its kind are stopped; DISK_FULL.
   */
  enqueue({ kind, subject, title, payload }: JobRequest): string {
    const createdAt = this.#store.now();
    const id = createUlid(createdAt);
    inTransaction(this.#store.database, () => {
      insertJob(this.#store.database, { id, kind, subject, title, payload, createdAt, ...currentOrigin() });
      const refusal = this.#supervisor.refusal(this.#roleOf(this.#find(id)));
      if (refusal !== null) throw refusal;
      appendJobEvent(this.#store.database, id, createdAt, { type: 'status', status: 'queued' });
    });
    this.#feed.publish(id);
    this.#wake();
    return id;
  }

  /** Asks a job to stop; one that has ended stays as it is. Errors: NOT_FOUND. */
  cancel(id: string): JobRow {
    const job = this.#find(id);
    if (!hasEnded(job.status)) {
      const active = this.#active.get(id);
      if (active === undefined) {
        recordFailure(this.#store, job, { code: 'CANCELLED', message: 'Cancelled.' });
        this.#refusals.delete(id);
      } else {
        updateJob(this.#store.database, id, { cancelRequested: true });
        active.run.cancel();
      }
      this.#feed.publish(id);
    }
    return this.#find(id);
  }

  /** Interrupts a job until it is resumed; a paused one stays as it is. Errors: NOT_FOUND; CONFLICT where it has ended. */
  pause(id: string): JobRow {
    const job = this.#find(id);
    if (hasEnded(job.status)) throw ended(job);
    if (job.paused) return job;
    if (job.quarantinedAt !== null) throw quarantined(job);
    const active = this.#active.get(id);
    if (active === undefined) recordPause(this.#store, id);
    else {
      // Stored now: a host that dies in between must not go on with it.
      updateJob(this.#store.database, id, { paused: true });
      active.run.pause();
    }
    this.#feed.publish(id);
    return this.#find(id);
  }

  /** Queues a paused job again, at its old place. Errors: NOT_FOUND; CONFLICT where it has ended or is not paused. */
  resume(id: string): JobRow {
    const job = this.#find(id);
    if (hasEnded(job.status)) throw ended(job);
    if (job.quarantinedAt !== null) throw quarantined(job);
    if (!job.paused) throw new AppError('CONFLICT', `Expected a paused job, found "${job.title}" ${job.status}.`);
    if (this.#active.has(id)) {
      throw new AppError(
        'CONFLICT',
        `Expected the worker of "${job.title}" to have stopped; it is still stopping. Try again.`,
      );
    }
    recordStatus(this.#store, id, 'queued', { paused: false });
    this.#feed.publish(id);
    this.#wake();
    return this.#find(id);
  }

  /** Lets a job out of quarantine; it resumes from its last checkpoint. Errors: NOT_FOUND; CONFLICT where it is not in quarantine. */
  release(id: string): JobRow {
    const job = this.#inQuarantine(id);
    this.#supervisor.forget(id);
    recordRelease(this.#store, job.id);
    this.#feed.publish(id);
    this.#wake();
    return this.#find(id);
  }

  /** Gives a job in quarantine up; it has failed, for what put it there. Errors: NOT_FOUND; CONFLICT where it is not in quarantine. */
  discard(id: string, reason: string): JobRow {
    const job = this.#inQuarantine(id);
    const why = job.crashReports.map((report) => report.reason).join(', ');
    recordFailure(this.#store, job, {
      code: 'WORKER_CRASHED',
      message: `Given up by a person: ${reason}. Its process had ended unplanned ${job.crashReports.length} times (${why}).`,
      data: { reason: job.crashReports.at(-1)?.reason ?? '', discarded: reason },
    });
    this.#feed.publish(id);
    return this.#find(id);
  }

  /** Looks for work again, because a kind of worker may be started again. */
  wake(): void {
    this.#wake();
  }

  /**
   * Resolves with the job once it has ended. Errors: NOT_FOUND; CANCELLED by the signal; UNAVAILABLE when the queue is closed first;
   * WORKER_CRASHED when the job goes into quarantine.
   */
  async waitFor(id: string, signal?: AbortSignal): Promise<JobRow> {
    for await (const event of this.events(id, 0, signal)) void event;
    if (!this.#closed) {
      const job = this.#find(id);
      if (hasEnded(job.status)) return job;
      if (job.quarantinedAt !== null && job.error !== null) throw fromWire(job.error);
      throwIfCancelled(signal);
    }
    throw new AppError('UNAVAILABLE', 'Sextant is closing; the job resumes at the next start.');
  }

  /** Events numbered above `after`: the stored ones, then live until the job ends. Errors: NOT_FOUND. */
  events(id: string, after: number, signal?: AbortSignal): AsyncGenerator<JobEvent, void, void> {
    return this.#feed.read(id, after, signal);
  }

  /** Calls `listener` with the identifier of every job that changes. @returns stops it */
  onChange(listener: (job: string) => void): () => void {
    return this.#feed.onChange(listener);
  }

  /** Runs a short job without queueing it. Errors: those of the job, CANCELLED, WORKER_CRASHED. */
  runOnce(name: WorkerJobName, input: unknown, options?: RunOnceOptions): Promise<unknown> {
    return this.#shortCalls.run(name, input, options);
  }

  /** Adds a line to what readers of a job see. */
  note(id: string, level: 'info' | 'warn' | 'error', message: string): void {
    appendJobEvent(this.#store.database, id, this.#store.now(), { type: 'log', level, message });
    this.#feed.publish(id);
  }

  /** Stops a running job and puts it back into the queue; it resumes from its last checkpoint. Others stay as they are. */
  giveWay(id: string): void {
    this.#active.get(id)?.run.giveWay();
  }

  /** Interrupts what runs and waits until every child is gone; the database may be closed afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    const active = [...this.#active.values()];
    for (const { run } of active) run.interrupt();
    await Promise.all([this.#shortCalls.close(), ...active.map(({ done }) => done)]);
    this.#feed.close();
  }

  #find(id: string): JobRow {
    const job = findJob(this.#store.database, id);
    if (job === null) throw new AppError('NOT_FOUND', `Expected a job ${id}; found none. List them with "jobs list".`);
    return job;
  }

  #inQuarantine(id: string): JobRow {
    const job = this.#find(id);
    if (job.quarantinedAt !== null) return job;
    throw new AppError('CONFLICT', `Expected a job in quarantine, found "${job.title}" ${job.status}.`);
  }

  /** Looks for work after the current transaction of the caller, if there is one. */
  #wake(): void {
    setImmediate(() => {
      if (!this.#closed && this.#options.isHeld !== true) this.#dispatch();
    });
  }

  #dispatch(): void {
    for (const job of jobsByStatus(this.#store.database, 'queued')) {
      const resource = this.#resourceOf(job);
      const role = this.#roleOf(job);
      if (this.#active.has(job.id) || !this.#hasSlot(resource)) continue;
      const stopped = this.#supervisor.refusal(role);
      if (stopped !== null) {
        this.#tellWhy(job.id, `Waits. ${stopped.message}`);
        continue;
      }
      if (resource === 'gpu' && !this.#takesCard(job)) continue;
      const run = new JobRun(job, {
        store: this.#store,
        host: this.#options.host,
        times: this.#options.times ?? {},
        tracing: this.#options.tracing ?? noTracing,
        card: this.#options.card ?? null,
        crashed: (reason) => this.#supervisor.crashed(role, job.id, reason),
        publish: () => this.#feed.publish(job.id),
      });
      const done = run.work().finally(() => {
        this.#active.delete(job.id);
        this.#wake();
      });
      this.#active.set(job.id, { resource, run, done });
    }
  }

  #resourceOf(job: JobRow): Resource {
    const resource = this.#store.runners[job.kind]?.resource ?? 'cpu';
    if (typeof resource !== 'function') return resource;
    try {
      return resource(job);
    } catch {
      // What the job is about is gone; its runner says so when it prepares the job.
      return 'cpu';
    }
  }

  #roleOf(job: JobRow): WorkerRole {
    return OWN_ROLES[job.kind] ?? (this.#resourceOf(job) === 'gpu' ? 'training' : 'research');
  }

  #takesCard(job: JobRow): boolean {
    const { card } = this.#options;
    if (card === undefined) return true;
    const refusal = card.take(job.id, this.#store.runners[job.kind]?.vramBytes?.(job) ?? 0);
    if (refusal === null) {
      this.#refusals.delete(job.id);
      return true;
    }
    this.#tellWhy(job.id, `Waits for the card. ${refusal}`);
    return false;
  }

  /** Tells a job's readers why it waits, once per reason. */
  #tellWhy(id: string, reason: string): void {
    // Numbers change with every reading; the kind of reason does not.
    const kind = reason.replaceAll(/[\d.]+/g, '#');
    if (this.#refusals.get(id) === kind) return;
    this.#refusals.set(id, kind);
    this.note(id, 'warn', reason);
  }

  #hasSlot(resource: Resource): boolean {
    const taken = [...this.#active.values()].filter((active) => active.resource === resource).length;
    return taken < (this.#options.slots?.[resource] ?? 1);
  }
}

function quarantined({ id, title }: JobRow): AppError {
  return new AppError(
    'CONFLICT',
    `Expected a job that can go on, found "${title}" in quarantine. Release it (sextant jobs release ${id} --reason …) or discard it.`,
  );
}

function ended({ title, status }: JobRow): AppError {
  return new AppError('CONFLICT', `Expected a job that has not ended, found "${title}" ${status}. Start it again.`);
}
