/** Rows of `job_events`: what readers of a job see, numbered from 1 without gaps, in the order in which it happened. */
import type { JobEvent, TrainedEpoch } from '#contract/jobs';
import type { Database } from './database';

/** An event before it has its number and time. */
export type NewJobEvent = JobEvent extends infer Event
  ? Event extends JobEvent
    ? Omit<Event, 'seq' | 'at' | 'correlation'>
    : never
  : never;

interface Stored {
  seq: number;
  at: number;
  type: JobEvent['type'];
  body: string;
  correlation: string | null;
}

/**
 * Appends an event.
 * @param at UTC milliseconds
 * @returns its number
 */
export function appendJobEvent(database: Database, job: string, at: number, event: NewJobEvent): number {
  const { type, ...body } = event;
  const seq =
    (database.prepare<[string], number>('SELECT max(seq) FROM job_events WHERE job = ?').pluck().get(job) ?? 0) + 1;
  database
    .prepare('INSERT INTO job_events (job, seq, at, type, body) VALUES (?, ?, ?, ?, ?)')
    .run(job, seq, at, type, JSON.stringify(body));
  return seq;
}

/** Events of a job with a number above `after`, in order, at most `limit`. */
export function readJobEvents(database: Database, job: string, after: number, limit: number): JobEvent[] {
  return database
    .prepare<[string, number, number], Stored>(
      `SELECT seq, at, type, body, correlation FROM job_events
       JOIN jobs ON jobs.id = job WHERE job = ? AND seq > ? ORDER BY seq LIMIT ?`,
    )
    .all(job, after, limit)
    .map(({ seq, at, type, body, correlation }) => {
      const origin = correlation === null ? {} : { correlation };
      return { type, seq, at: new Date(at).toISOString(), ...origin, ...JSON.parse(body) } as JobEvent; // written by appendJobEvent in this shape
    });
}

/** Every epoch that a job said had ended, in the order in which it was said, with the UTC milliseconds; some twice, after an interruption. */
export function readEpochsEnded(database: Database, job: string): (TrainedEpoch & { readonly at: number })[] {
  return database
    .prepare<[string], { at: number; epochs: string }>(
      `SELECT at, json_extract(body, '$.progress.epochsEnded') AS epochs FROM job_events
       WHERE job = ? AND type = 'progress' AND json_extract(body, '$.progress.epochsEnded') IS NOT NULL ORDER BY seq`,
    )
    .all(job)
    .flatMap(({ at, epochs }) => (JSON.parse(epochs) as TrainedEpoch[]).map((epoch) => ({ ...epoch, at }))); // written by appendJobEvent in this shape
}
