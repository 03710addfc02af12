/** What a noun tells the queue about its jobs: how the input is made, and how a result becomes rows. */
import type { WireError } from '#base/errors';
import type { JobKind } from '#contract/jobs';
import type { WorkerJobName } from '#contract/worker-messages';
import type { JobRow } from '../store/jobs-table';
import type { WorkerTimes } from './worker-process';

/** What a job occupies. There is one GPU, so one job holds it at a time. */
export type Resource = 'cpu' | 'gpu';

export interface Runner {
  /** The same for every job of the kind, or as the frozen payload says. */
  readonly resource: Resource | ((job: JobRow) => Resource);
  /**
   * Bytes on the card that a job with `resource: 'gpu'` is known to need; it starts only where they fit the budget. Without it a job is
   * told what is free and plans within that.
   */
  vramBytes?(job: JobRow): number;
  /** Limits other than the usual ones, for example a deadline. */
  readonly times?: Partial<WorkerTimes>;
  /**
   * Makes the worker's input from the frozen payload. Called anew for every attempt, so it must give the same input
   * each time, but for the room that there is on the card. Its failure fails the job.
   */
  prepare(job: JobRow): Promise<{ readonly name: WorkerJobName; readonly input: unknown }>;
  /**
   * Checks the result and writes what is large (objects) first; objects without a row are swept after a crash.
   * The returned function writes the rows, synchronously, in the same transaction that marks the job succeeded.
   * A failure of either fails the job.
   */
  complete(job: JobRow, result: unknown): Promise<() => void>;
  /** Called in the transaction that marks the job failed or cancelled (`error.code` tells); synchronous. */
  fail?(job: JobRow, error: WireError): void;
}

export type Runners = { readonly [Kind in JobKind]?: Runner };
