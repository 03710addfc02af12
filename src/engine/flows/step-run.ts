/**
 * One attempt at one step: cache, job, work, rows. It never throws: whatever goes wrong becomes the step's status.
 * Everything that is stored is stored in two transactions, the one that begins the step and the one that ends it.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError, fromWire, toWire, type ErrorCode } from '#base/errors';
import type { Log } from '#base/log';
import type { StepResource } from '#contract/flows';
import type { Queue } from '../jobs/queue';
import type { Clock } from '../schedules/clock';
import { inTransaction, type Database } from '../store/database';
import type { JobRow } from '../store/jobs-table';
import { sha256 } from '../store/sha256';
import { asStoreError } from '../store/store-error';
import { NothingToDo, type Step, type StepContext } from './flow';
import type { FlowRunRow, FlowStepRow, FlowTable } from './flow-table';

export interface StepRunOptions {
  readonly database: Database;
  readonly table: FlowTable;
  readonly jobs: Pick<Queue, 'waitFor' | 'cancel'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: FlowRunRow;
  readonly step: Step<never>;
  readonly row: FlowStepRow;
}

/** What another attempt cannot change. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'INVALID_CONFIG',
  'INVALID_DATA',
  'NOT_FOUND',
  'NOT_ENOUGH_DATA',
  'CONFLICT',
  'FORBIDDEN',
  'CANCELLED',
]);

/** How long to wait after a status could not be stored. */
const STORE_RETRY_MS = 2_000;

export class StepRun {
  readonly run: string;
  readonly resource: StepResource;
  readonly #options: StepRunOptions;
  readonly #abort = new AbortController();
  #job: string | null;
  #isInterrupted = false;

  constructor(options: StepRunOptions) {
    this.#options = options;
    this.run = options.run.id;
    this.resource = options.step.resource;
    this.#job = options.row.job;
  }

  /** Resolves when the attempt has been stored, or when the host closes. */
  async work(tell: () => void): Promise<void> {
    try {
      await this.#attempt(tell);
    } catch (error) {
      if (!this.#store(() => this.#recordEnd(error))) await this.#pause();
    }
  }

  /** The flow run was cancelled; its rows say so already. */
  cancel(): void {
    if (this.#job !== null) this.#options.jobs.cancel(this.#job);
    this.#abort.abort();
  }

  /** The host closes; the rows stay as they are and the next host goes on. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#abort.abort();
  }

  async #attempt(tell: () => void): Promise<void> {
    const { step, table, run, clock, jobs } = this.#options;
    const context = this.#context() as StepContext<never>; // the definition has parsed the parameters when the run was stored
    const key = this.#job === null && step.cacheKey !== null ? await this.#cacheKey(context) : null;
    if (key !== null && this.#takeFromCache(key)) return;
    if (this.#job === null) {
      const isBegun = this.#ifOpen(() => {
        const job = step.enqueue?.(context) ?? null;
        const attempt = this.#options.row.attempt + 1;
        const at = clock.now();
        table.update(run.id, step.id, { status: 'running', attempt, job, started_at: at, retry_at: null, error: null });
        this.#job = job;
      });
      if (!isBegun) return;
      tell();
    }
    const job = this.#job === null ? null : await this.#finished(jobs, this.#job);
    const commit = await step.perform(context, job);
    this.#ifOpen(() => {
      const output = JSON.stringify(step.output.parse(commit()));
      const at = clock.now();
      table.update(run.id, step.id, { status: 'succeeded', finished_at: at, output });
      if (key !== null) table.remember(key, run.id, at, output);
    });
  }

  async #cacheKey(context: StepContext<never>): Promise<string> {
    const { step, run } = this.#options;
    return sha256(canonicalJson([run.flow, step.id, await step.cacheKey?.(context)]));
  }

  #takeFromCache(key: string): boolean {
    const { table, step, run, clock } = this.#options;
    const text = table.cached(key);
    if (text === undefined) return false;
    const output = step.output.safeParse(JSON.parse(text));
    if (!output.success || !step.stillThere(output.data)) return false;
    this.#ifOpen(() => {
      const at = clock.now();
      table.say(run.id, step.id, at, 'info', 'Nothing has changed since this was made; it is taken from the cache.');
      table.update(run.id, step.id, { status: 'cached', started_at: at, finished_at: at, output: text });
    });
    return true;
  }

  async #finished(jobs: StepRunOptions['jobs'], id: string): Promise<JobRow> {
    const job = await jobs.waitFor(id, this.#abort.signal);
    if (job.status === 'succeeded') return job;
    throw fromWire(job.error ?? { code: 'INTERNAL', message: `The job ${id} ended ${job.status}.` });
  }

  #recordEnd(error: unknown): void {
    const { step, table, run, clock, row, log } = this.#options;
    if (this.#isInterrupted) return;
    const at = clock.now();
    if (error instanceof NothingToDo) {
      this.#ifOpen(() => {
        table.say(run.id, step.id, at, 'info', error.message);
        const output = JSON.stringify({ reason: error.message });
        table.update(run.id, step.id, { status: 'skipped', finished_at: at, output });
      });
      return;
    }
    const wire = toWire(asStoreError(error, 'the workspace'));
    const attempt = row.attempt + 1;
    const { attempts, firstDelayMs, factor } = step.retries;
    const again = attempt < attempts && !FINAL.has(wire.code);
    if (wire.code === 'INTERNAL') log.error('a step failed', { flowRun: run.id, step: step.id, stack: stackOf(error) });
    this.#ifOpen(() => {
      table.say(run.id, step.id, at, again ? 'warn' : 'error', `${wire.code}: ${wire.message}`);
      if (again) {
        const retryAt = at + Math.round(firstDelayMs * factor ** (attempt - 1));
        table.update(run.id, step.id, {
          status: 'waiting',
          attempt,
          job: null,
          retry_at: retryAt,
          error: JSON.stringify(wire),
        });
      } else {
        table.update(run.id, step.id, { status: 'failed', attempt, finished_at: at, error: JSON.stringify(wire) });
      }
    });
  }

  /** Runs `write` in one transaction, unless somebody has cancelled the flow run. */
  #ifOpen(write: () => void): boolean {
    const { database, table, run } = this.#options;
    return inTransaction(database, () => {
      if (table.find(run.id)?.status !== 'running') return false;
      write();
      return true;
    });
  }

  /** @returns false where it could not be stored (a full disk): the step is still `running` and is done again */
  #store(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      const { log, run, step } = this.#options;
      log.error('The status of a step could not be stored.', {
        flowRun: run.id,
        step: step.id,
        error: toWire(error).message,
      });
      return false;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(STORE_RETRY_MS, resolve);
      const stop = (): void => {
        cancel();
        resolve();
      };
      if (this.#abort.signal.aborted) stop();
      else this.#abort.signal.addEventListener('abort', stop, { once: true });
    });
  }

  #context(): StepContext<unknown> {
    const { table, run, step, clock, log } = this.#options;
    return {
      params: JSON.parse(run.params),
      run: run.id,
      queue: run.queue,
      period: run.period,
      signal: this.#abort.signal,
      now: () => clock.now(),
      log: (level, message) => {
        log[level]('A step says:', { line: message, flow: run.flow, flowRun: run.id, step: step.id });
        this.#store(() => table.say(run.id, step.id, clock.now(), level, message));
      },
      outputOf: (needed) => {
        const row = table.steps(run.id).find((other) => other.step === needed.id);
        if (row?.output == null || !step.needs.some(({ id }) => id === needed.id)) {
          throw new AppError('INTERNAL', `Expected the step ${step.id} to name ${needed.id} among its needs.`);
        }
        return needed.output.parse(JSON.parse(row.output)) as never; // parsed by the schema that names its type
      },
    };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error);
}
