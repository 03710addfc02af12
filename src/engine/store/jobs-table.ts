/** Rows of `jobs` and `checkpoints`, typed. Plain reads and writes; what they mean together is the queue's business. */
import { deserialize, serialize } from 'node:v8';
import type { WireError } from '#base/errors';
import type { Job, JobCrash, JobKind, JobStatus, Progress } from '#contract/jobs';
import type { Database } from './database';

/** A job as it is stored: what the contract shows, and what only the queue needs. */
export interface JobRow extends Omit<Job, 'createdAt' | 'startedAt' | 'finishedAt' | 'quarantinedAt'> {
  readonly ordinal: number;
  /** What the job was asked to do, frozen when it was queued; plain JSON. */
  readonly payload: unknown;
  /** Span of the call that started it (W3C Trace Context). */
  readonly traceparent: string | null;
  /** Unplanned ends since the last checkpoint. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
  /** UTC milliseconds, as all times here. */
  readonly quarantinedAt: number | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly subject: string;
  readonly title: string;
  readonly payload: unknown;
  readonly createdAt: number;
  readonly correlation?: string | null;
  readonly traceparent?: string | null;
}

/** The columns that change during a job's life; what is left out stays. */
export interface JobChange {
  readonly status?: JobStatus;
  readonly attempt?: number;
  readonly crashes?: number;
  readonly cancelRequested?: boolean;
  readonly paused?: boolean;
  readonly quarantinedAt?: number | null;
  readonly crashReports?: readonly JobCrash[];
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly progress?: Progress;
  readonly error?: WireError | null;
}

export interface JobFilter {
  readonly limit: number;
  readonly offset: number;
  /** Only queued, running and interrupted ones. */
  readonly active?: boolean;
}

interface Stored {
  ordinal: number;
  id: string;
  kind: JobKind;
  subject: string;
  title: string;
  status: JobStatus;
  payload: string;
  correlation: string | null;
  traceparent: string | null;
  attempt: number;
  crashes: number;
  cancel_requested: number;
  paused: number;
  quarantined_at: number | null;
  crash_reports: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  progress: string | null;
  error: string | null;
}

const ACTIVE = `status IN ('queued', 'running', 'interrupted')`;

function fromStored(row: Stored): JobRow {
  return {
    ordinal: row.ordinal,
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    title: row.title,
    status: row.status,
    payload: JSON.parse(row.payload),
    correlation: row.correlation,
    traceparent: row.traceparent,
    attempt: row.attempt,
    crashes: row.crashes,
    cancelRequested: row.cancel_requested === 1,
    paused: row.paused === 1,
    quarantinedAt: row.quarantined_at,
    crashReports: JSON.parse(row.crash_reports),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    error: row.error === null ? null : JSON.parse(row.error),
  };
}

/** The contract's form of a row. */
export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    title: row.title,
    status: row.status,
    attempt: row.attempt,
    createdAt: new Date(row.createdAt).toISOString(),
    startedAt: instant(row.startedAt),
    finishedAt: instant(row.finishedAt),
    progress: row.progress,
    error: row.error,
    correlation: row.correlation,
    paused: row.paused,
    quarantinedAt: instant(row.quarantinedAt),
    crashReports: row.crashReports,
  };
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

export function insertJob(database: Database, job: NewJob): void {
  database
    .prepare(
      `INSERT INTO jobs (id, kind, subject, title, status, payload, created_at, correlation, traceparent)
       VALUES (@id, @kind, @subject, @title, 'queued', @payload, @createdAt, @correlation, @traceparent)`,
    )
    .run({ correlation: null, traceparent: null, ...job, payload: JSON.stringify(job.payload) });
}

export function updateJob(database: Database, id: string, change: JobChange): void {
  const columns: [string, string | number | null][] = [];
  if (change.status !== undefined) columns.push(['status', change.status]);
  if (change.attempt !== undefined) columns.push(['attempt', change.attempt]);
  if (change.crashes !== undefined) columns.push(['crashes', change.crashes]);
  if (change.cancelRequested !== undefined) columns.push(['cancel_requested', change.cancelRequested ? 1 : 0]);
  if (change.paused !== undefined) columns.push(['paused', change.paused ? 1 : 0]);
  if (change.quarantinedAt !== undefined) columns.push(['quarantined_at', change.quarantinedAt]);
  if (change.crashReports !== undefined) columns.push(['crash_reports', JSON.stringify(change.crashReports)]);
  if (change.startedAt !== undefined) columns.push(['started_at', change.startedAt]);
  if (change.finishedAt !== undefined) columns.push(['finished_at', change.finishedAt]);
  if (change.progress !== undefined) columns.push(['progress', JSON.stringify(change.progress)]);
  if (change.error !== undefined) columns.push(['error', change.error === null ? null : JSON.stringify(change.error)]);
  if (columns.length === 0) return;
  const assignments = columns.map(([name]) => `${name} = ?`).join(', ');
  database.prepare(`UPDATE jobs SET ${assignments} WHERE id = ?`).run(...columns.map(([, value]) => value), id);
}

export function findJob(database: Database, id: string): JobRow | null {
  const row = database.prepare<[string], Stored>('SELECT * FROM jobs WHERE id = ?').get(id);
  return row === undefined ? null : fromStored(row);
}

/** Jobs, newest first, and how many there are in all. */
export function listJobs(
  database: Database,
  { limit, offset, active = false }: JobFilter,
): { jobs: JobRow[]; total: number } {
  const where = active ? `WHERE ${ACTIVE}` : '';
  const rows = database
    .prepare<[number, number], Stored>(`SELECT * FROM jobs ${where} ORDER BY ordinal DESC LIMIT ? OFFSET ?`)
    .all(limit, offset);
  const total = database.prepare<[], number>(`SELECT count(*) FROM jobs ${where}`).pluck().get() ?? 0;
  return { jobs: rows.map(fromStored), total };
}

/** Jobs in any of the given states, in order of arrival. */
export function jobsByStatus(database: Database, ...statuses: readonly JobStatus[]): JobRow[] {
  const marks = statuses.map(() => '?').join(', ');
  return database
    .prepare<JobStatus[], Stored>(`SELECT * FROM jobs WHERE status IN (${marks}) ORDER BY ordinal`)
    .all(...statuses)
    .map(fromStored);
}

/** Replaces the resumable state of a job. `state` is cloneable plain data, typed arrays included. */
export function saveCheckpoint(database: Database, job: string, at: number, state: unknown): void {
  database
    .prepare(
      'INSERT INTO checkpoints (job, at, state) VALUES (?, ?, ?) ON CONFLICT (job) DO UPDATE SET at = excluded.at, state = excluded.state',
    )
    .run(job, at, serialize(state));
}

/** The newest resumable state of a job; undefined where it has none. */
export function loadCheckpoint(database: Database, job: string): unknown {
  const state = database.prepare<[string], Buffer>('SELECT state FROM checkpoints WHERE job = ?').pluck().get(job);
  return state === undefined ? undefined : deserialize(state);
}

export function dropCheckpoint(database: Database, job: string): void {
  database.prepare('DELETE FROM checkpoints WHERE job = ?').run(job);
}
