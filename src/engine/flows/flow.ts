/**
 * What a flow is: parameters as a schema, and typed steps that depend on each other.
 *
 * A step touches the world in three places, and each has its promise. `enqueue` runs in the transaction that marks the step
 * started: a job it queues exists exactly once. `perform` does what cannot be undone (files, answers of a job) and may be
 * repeated after a kill. What `perform` returns runs in the transaction that marks the step succeeded: rows it writes are
 * written exactly once.
 */
import type { z } from 'zod';
import type { FlowName, FlowQueue, StepResource } from '#contract/flows';
import type { JobRow } from '../store/jobs-table';

export interface StepContext<Params> {
  readonly params: Params;
  /** Identifier of the flow run. */
  readonly run: string;
  readonly queue: FlowQueue;
  /** Name of the due period, where a schedule started it. */
  readonly period: string | null;
  /** Fires when the flow run is cancelled or the host closes. */
  readonly signal: AbortSignal;
  /** UTC milliseconds. */
  now(): number;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** What a step before this one gave. Errors: INTERNAL where `step` is not among the needs. */
  outputOf<Output extends z.ZodType>(step: Step<never, Output>): z.infer<Output>;
}

export interface Retries {
  /** Attempts in all. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** By which the delay grows from one attempt to the next. */
  readonly factor: number;
}

export interface Step<Params, Output extends z.ZodType = z.ZodType> {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Step<never>[];
  readonly resource: StepResource;
  readonly retries: Retries;
  readonly output: Output;
  /** Everything that decides the output, as plain data; equal data takes the output that it gave before. */
  readonly cacheKey: ((context: StepContext<Params>) => Promise<unknown>) | null;
  /** Whether what an earlier run gave still exists. */
  stillThere(output: z.infer<Output>): boolean;
  /** Queues a job and returns its identifier; synchronous, in the transaction that marks the step started. */
  readonly enqueue: ((context: StepContext<Params>) => string) | null;
  /**
   * After the job, if there is one, has succeeded. The returned function is synchronous and gives the output.
   * Errors: `NothingToDo` ends the flow run well; AppErrors of the input are final, others are tried again.
   */
  perform(context: StepContext<Params>, job: JobRow | null): Promise<() => z.infer<Output>>;
}

export interface FlowDefinition<Params = unknown> {
  readonly flow: FlowName;
  readonly title: string;
  readonly summary: string;
  /** Runs of this flow at a time. */
  readonly atOnce: number;
  readonly params: z.ZodType<Params>;
  /** In an order in which each step comes after its needs. */
  readonly steps: readonly Step<Params>[];
}

/** A flow whose parameters are known to itself alone. */
export type AnyFlow = FlowDefinition<never>;

/** Thrown by a step: nothing is wrong and nothing is to be done; the steps after it are skipped. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo';
}

const NO_RETRY: Retries = { attempts: 1, firstDelayMs: 0, factor: 1 };
export const THREE_TIMES: Retries = { attempts: 3, firstDelayMs: 2_000, factor: 5 };

type Optional = 'needs' | 'resource' | 'retries' | 'cacheKey' | 'stillThere' | 'enqueue';

/** A step with what most steps leave unsaid. */
export function step<Params, Output extends z.ZodType>(
  given: Omit<Step<Params, Output>, Optional> & Partial<Pick<Step<Params, Output>, Optional>>,
): Step<Params, Output> {
  return {
    needs: [],
    resource: 'none',
    retries: NO_RETRY,
    cacheKey: null,
    enqueue: null,
    stillThere: () => true,
    ...given,
  };
}
