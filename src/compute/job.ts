/**
 * What a job is, and where the jobs of the product are found: `compute/jobs/<name>.ts` exports `run`.
 * A job is a pure function of its input: no database, key or socket reaches it, and everything it makes leaves
 * through its context or as its result. A job's code is loaded only in the worker that runs it.
 */
import { AppError } from '#base/errors';
import type { Progress } from '#contract/jobs';
import type { WorkerJobName } from '#contract/worker-messages';
import type { AnswerQuestion } from './questions';

/** The only way in which a running job touches the world. */
export interface JobContext {
  /** Reports progress and counts as a heartbeat. */
  emit(progress: Progress): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** Fires when the user cancels; a synchronous stretch sees it only after `breathe`. */
  readonly signal: AbortSignal;
  /** Says that the work loop is alive. Cheap: at most one message per heartbeat interval leaves the process. */
  heartbeat(): void;
  /**
   * Lets waiting messages in and counts as a heartbeat. Call it between batches of no more than about 50 ms.
   * Most calls return without giving up the turn, so it may stand in a tight loop.
   * Errors: CANCELLED once the signal has fired.
   */
  breathe(): Promise<void>;
  /**
   * Waits for work that happens outside the work loop (a native library, a device), and keeps the heartbeat going
   * meanwhile, for `limitMs` at most (10 minutes unless told): after that the silence is a hang like any other.
   * Errors: CANCELLED as soon as the signal fires; the native work itself must be stopped by the caller.
   */
  whilePending<T>(pending: Promise<T>, limitMs?: number): Promise<T>;
  /** Says how many bytes the job holds on the card from now on. */
  holdsVram(bytes: number): void;
  /** Answers what the engine asks, one question after the other, until the signal fires. A handler that throws refuses its question. */
  answerUntilCancelled(handler: AnswerQuestion): Promise<void>;
  /** Hands over a state from which an identical result can be reached; cloneable plain data, typed arrays included. */
  checkpoint(state: unknown): void;
  /** The last checkpoint that was stored by an earlier attempt, or undefined. */
  readonly resumeFrom: unknown;
}

export type JobFunction<Input, Result> = (input: Input, context: JobContext) => Promise<Result>;

/** A job whose input type is known only to itself and to the engine code that prepares it. */
export type AnyJob = (input: never, context: JobContext) => Promise<unknown>;

/** Finds the function behind a name; names that are not in the table are refused by the caller. */
export type LoadJob = (name: WorkerJobName) => Promise<AnyJob>;

const modules = import.meta.glob<{ run: AnyJob }>(['./jobs/*.ts', '!./jobs/*.test.ts']);

/** Loads one of the product's jobs. Errors: UNAVAILABLE where this build has no job of that name. */
export async function loadProductJob(name: WorkerJobName): Promise<AnyJob> {
  const load = modules[`./jobs/${name}.ts`];
  if (load === undefined) {
    throw new AppError('UNAVAILABLE', `This build has no job named "${name}". Reinstall, or report it.`);
  }
  return (await load()).run;
}
