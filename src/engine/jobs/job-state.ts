/**
 * The life of a job as stored facts: every change of status is one transaction with the event that tells of it.
 *
 *   queued → running → succeeded | failed | cancelled
 *              ↓ ↑ (via queued)
 *          interrupted   (paused by a person, or in quarantine: until a person lets it go on)
 */
import { AppError, toWire, type WireError } from '#base/errors';
import type { Log } from '#base/log';
import type { JobStatus } from '#contract/jobs';
import { inTransaction, type Database } from '../store/database';
import { appendJobEvent } from '../store/job-events-table';
import { dropCheckpoint, jobsByStatus, updateJob, type JobChange, type JobRow } from '../store/jobs-table';
import type { Runners } from './runner';
import { CRASHES_ALLOWED } from './supervisor';

/** How many of the newest crashes are kept as evidence. */
const REPORTS_KEPT = 10;

const ENDED: ReadonlySet<JobStatus> = new Set(['succeeded', 'failed', 'cancelled']);

export function hasEnded(status: JobStatus): boolean {
  return ENDED.has(status);
}

/** Where state is kept, who is told, and what time it is. */
export interface JobStore {
  readonly database: Database;
  readonly log: Log;
  readonly runners: Runners;
  /** Takes the fact that a job went into quarantine into the audit log; part of the transaction. */
  onQuarantine?(job: JobRow, error: WireError): void;
  /** Something could not be stored for want of room. */
  onFullDisk?(): void;
  /** UTC milliseconds. */
  now(): number;
}

/** Records a status with its event, and whatever else changes with it. Part of the caller's transaction where there is one. */
export function recordStatus(
  store: JobStore,
  job: string,
  status: JobStatus,
  change: Omit<JobChange, 'status'> = {},
): void {
  const { database } = store;
  inTransaction(database, () => {
    updateJob(database, job, { ...change, status });
    const error = change.error ?? undefined;
    appendJobEvent(
      database,
      job,
      store.now(),
      error === undefined ? { type: 'status', status } : { type: 'status', status, error },
    );
  });
}

/** Ends a job well: the noun's rows and the status are one transaction. */
export function recordSuccess(store: JobStore, job: JobRow, writeRows: () => void): void {
  inTransaction(store.database, () => {
    writeRows();
    recordStatus(store, job.id, 'succeeded', { finishedAt: store.now(), error: null });
    dropCheckpoint(store.database, job.id);
  });
}

/**
 * Ends a job otherwise; CANCELLED makes it cancelled, every other code failed. A noun that cannot take the news is
 * reported and does not keep the job from ending.
 */
export function recordFailure(store: JobStore, job: JobRow, error: WireError): void {
  inTransaction(store.database, () => {
    try {
      inTransaction(store.database, () => store.runners[job.kind]?.fail?.(job, error));
    } catch (failure) {
      if (failure instanceof AppError && failure.code === 'DISK_FULL') throw failure;
      store.log.error('The rows of a failed job could not be updated.', {
        job: job.id,
        error: toWire(failure).message,
      });
    }
    const status = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    recordStatus(store, job.id, status, { finishedAt: store.now(), error, quarantinedAt: null });
    dropCheckpoint(store.database, job.id);
  });
}

/** A planned interruption, by closing: costs the job nothing. */
export function recordInterruption(store: JobStore, job: string): void {
  recordStatus(store, job, 'interrupted');
}

/** An interruption by a person: the job waits until it is resumed, over restarts too. */
export function recordPause(store: JobStore, job: string): void {
  recordStatus(store, job, 'interrupted', { paused: true });
}

/** A planned interruption after which the job waits for its turn again: costs it nothing either. */
export function recordReturn(store: JobStore, job: string): void {
  inTransaction(store.database, () => {
    recordStatus(store, job, 'interrupted');
    recordStatus(store, job, 'queued');
  });
}

export interface Crash {
  readonly reason: string;
  /** Too often within the supervisor's window. */
  readonly tooOften: boolean;
}

/**
 * An unplanned end that may not happen again (the process was killed, the machine stopped): the job goes back into the
 * queue and resumes from its last checkpoint. After too many such ends, in a short time or without progress, it goes into
 * quarantine instead: it keeps its place, its checkpoint and the evidence, waits for a person, and holds nobody up.
 */
export function recordCrash(store: JobStore, job: JobRow, { reason, tooOften }: Crash): void {
  const crashes = job.crashes + 1;
  const report = { at: new Date(store.now()).toISOString(), attempt: job.attempt, reason };
  const change = { crashes, crashReports: [...job.crashReports, report].slice(-REPORTS_KEPT) };
  inTransaction(store.database, () => {
    if (tooOften || crashes >= CRASHES_ALLOWED) {
      const error = quarantineError(job, change.crashReports);
      recordStatus(store, job.id, 'interrupted', { ...change, quarantinedAt: store.now(), error });
      store.onQuarantine?.(job, error);
    } else {
      recordStatus(store, job.id, 'interrupted', change);
      recordStatus(store, job.id, 'queued');
    }
  });
}

function quarantineError(job: JobRow, reports: JobRow['crashReports']): WireError {
  const reasons = reports.slice(-CRASHES_ALLOWED).map(({ reason }) => reason);
  return {
    code: 'WORKER_CRASHED',
    message: `Expected the job to end; its process ended unplanned ${reasons.length} times (${reasons.join(', ')}). It is in quarantine and not tried again by itself. Look at its log, then "sextant jobs release ${job.id} --reason …" or "sextant jobs discard ${job.id} --reason …".`,
    data: { reason: reasons.at(-1) ?? '', reasons, quarantined: true },
  };
}

/** Lets a job out of quarantine, with a clean record, to its old place in the queue. */
export function recordRelease(store: JobStore, job: string): void {
  recordStatus(store, job, 'queued', { quarantinedAt: null, crashes: 0, error: null });
}

/** Start-up is recovery: what an earlier host left unfinished goes back into the queue, at its old place. */
export function recoverJobs(store: JobStore): void {
  for (const job of jobsByStatus(store.database, 'running', 'interrupted')) {
    if (job.cancelRequested) recordFailure(store, job, { code: 'CANCELLED', message: 'Cancelled.' });
    else if (job.paused) {
      if (job.status === 'running') recordPause(store, job.id);
    } else if (job.quarantinedAt !== null) continue;
    else if (job.status === 'running') recordCrash(store, job, { reason: 'the host ended', tooOften: false });
    else recordStatus(store, job.id, 'queued');
  }
}

/** Whether the end of a worker may be an accident of the machine rather than a fault of the job. */
export function isAccident(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'WORKER_CRASHED') return false;
  const reason = String(error.data?.reason);
  return (
    reason === 'hang' ||
    reason === 'start' ||
    reason === 'spawn' ||
    reason.startsWith('signal ') ||
    reason.startsWith('device: ')
  );
}
