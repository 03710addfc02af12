/**
 * Works on flow runs: admits them by queue, starts every step whose needs are met and whose resource is free, retries with
 * growing delays, and stores each fact before it is told. Making an engine is recovery: a step that an earlier host had begun
 * waits for its job again, or is done again where it had none.
 */
import { AppError, toWire } from '#base/errors';
import type { Log } from '#base/log';
import type { FlowName, FlowQueue, StepResource } from '#contract/flows';
import type { Queue } from '../jobs/queue';
import type { Clock } from '../schedules/clock';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import type { AnyFlow, Step } from './flow';
import { createFlowTable, type FlowRunRow, type FlowStepRow } from './flow-table';
import { StepRun } from './step-run';

export interface FlowRequest {
  readonly flow: FlowName;
  readonly params: unknown;
  readonly queue: FlowQueue;
  readonly schedule?: string;
  readonly period?: string;
  readonly late?: boolean;
}

export interface FlowLimits {
  /** Flow runs at a time, by queue. */
  readonly runs: Readonly<Record<FlowQueue, number>>;
  /** Steps at a time, by what they hold. */
  readonly steps: Readonly<Record<StepResource, number>>;
}

/** There is one GPU. */
const DEFAULT_LIMITS: FlowLimits = {
  runs: { prod: 4, staging: 2, dev: 2 },
  steps: { none: 8, cpu: 2, gpu: 1, disk: 2 },
};

export interface FlowEngineOptions {
  readonly database: Database;
  readonly flows: readonly AnyFlow[];
  readonly jobs: Pick<Queue, 'waitFor' | 'cancel'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: FlowLimits;
  /** Nothing is taken up or begun. */
  readonly isHeld?: boolean;
  /** Called after something of a flow run was stored. */
  onChange?(run: string): void;
  /** Runs work on behalf of a flow run, for example under its correlation identifier. */
  readonly around?: <T>(run: string, work: () => T) => T;
}

export interface FlowEngine {
  /** Stores a flow run, within the transaction of the caller where there is one. Errors: NOT_FOUND, BAD_REQUEST for the parameters. */
  start(request: FlowRequest): string;
  /** Errors: NOT_FOUND. A flow run that has ended stays as it is. */
  cancel(run: string): void;
  /** Resolves when nothing is being worked on and nothing can be begun before a delay has passed. */
  idle(): Promise<void>;
  /** Stops beginning steps, interrupts what waits, and resolves when every step has let go. */
  close(): Promise<void>;
}

/** Ends of a host in the middle of a step, after which the step is not tried again. */
const MOST_CRASHES = 5;

export function createFlowEngine(options: FlowEngineOptions): FlowEngine {
  const { database, clock, log } = options;
  const limits = options.limits ?? DEFAULT_LIMITS;
  const definitions = new Map(options.flows.map((flow) => [flow.flow, flow]));
  const table = createFlowTable(database);
  const active = new Map<string, StepRun>();
  const idleWaiters = new Set<() => void>();
  let cancelTimer: (() => void) | null = null;
  let scheduled = false;
  let closed = false;

  function definitionOf(name: FlowName): AnyFlow {
    const flow = definitions.get(name);
    if (flow !== undefined) return flow;
    throw new AppError(
      'NOT_FOUND',
      `Expected a flow of this build, found "${name}". List them with: sextant flows list.`,
    );
  }

  function tell(run: string): void {
    options.onChange?.(run);
  }

  function start({ flow, params, queue, schedule, period, late }: FlowRequest): string {
    const definition = definitionOf(flow);
    const parsed = definition.params.safeParse(params);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'params'}: ${message}`);
      throw new AppError(
        'BAD_REQUEST',
        `Expected parameters for the flow ${flow}, found: ${problems.join('; ')}. See: sextant flows list --json.`,
        { data: { problems } },
      );
    }
    const at = clock.now();
    const id = createUlid(at);
    inTransaction(database, () => {
      table.insert(
        {
          id,
          flow,
          queue,
          params: JSON.stringify(parsed.data),
          schedule: schedule ?? null,
          period: period ?? null,
          late: late === true ? 1 : 0,
          created_at: at,
        },
        definition.steps.map((step) => step.id),
      );
    });
    tell(id);
    wake();
    return id;
  }

  function cancel(id: string): void {
    const run = table.find(id);
    if (run === undefined) {
      throw new AppError('NOT_FOUND', `Expected a flow run ${id}, found none. List them with: sextant flows runs.`);
    }
    if (run.status !== 'queued' && run.status !== 'running') return;
    inTransaction(database, () => {
      const at = clock.now();
      for (const step of table.steps(id)) {
        if (step.status === 'waiting' || step.status === 'running') {
          table.update(id, step.step, { status: 'cancelled', finished_at: at, retry_at: null });
        }
      }
      table.finish(id, 'cancelled', at, null, { code: 'CANCELLED', message: 'Cancelled.' });
    });
    for (const step of active.values()) if (step.run === id) step.cancel();
    tell(id);
    wake();
  }

  function recover(): void {
    for (const run of table.unfinished()) {
      for (const step of table.steps(run.id)) {
        if (step.status !== 'running' || step.job !== null) continue;
        inTransaction(database, () => {
          const crashes = step.crashes + 1;
          const at = clock.now();
          table.say(run.id, step.step, at, 'warn', 'Sextant ended during this step; it is done again.');
          if (crashes < MOST_CRASHES) table.update(run.id, step.step, { status: 'waiting', crashes });
          else {
            const message = `Expected the step to end; Sextant ended during it ${crashes} times. It is not tried again.`;
            const error = JSON.stringify({ code: 'WORKER_CRASHED', message });
            table.update(run.id, step.step, { status: 'failed', crashes, finished_at: at, error });
          }
        });
      }
    }
  }

  /** Looks for work after the current transaction of the caller, if there is one. */
  function wake(): void {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (closed) return;
      try {
        dispatch();
      } catch (error) {
        log.error('Flows could not be looked at; they are tried again.', { error: toWire(error).message });
        wakeAfter(5_000);
      }
      if (active.size === 0 && !scheduled) for (const resolve of idleWaiters) resolve();
    });
  }

  function wakeAfter(ms: number): void {
    cancelTimer?.();
    cancelTimer = clock.after(Math.max(1, ms), wake);
  }

  function dispatch(): void {
    const runs = table.unfinished();
    const running = runs.filter(({ status }) => status === 'running');
    for (const run of runs) {
      if (run.status !== 'queued' || !isAdmitted(run, running)) continue;
      inTransaction(database, () => table.begin(run.id, clock.now()));
      running.push(run);
      tell(run.id);
    }
    let nextRetry = Infinity;
    for (const run of running) nextRetry = Math.min(nextRetry, advance(run));
    if (nextRetry < Infinity) wakeAfter(nextRetry - clock.now());
  }

  function isAdmitted(run: FlowRunRow, running: readonly FlowRunRow[]): boolean {
    const sameQueue = running.filter(({ queue }) => queue === run.queue).length;
    const sameFlow = running.filter(({ flow }) => flow === run.flow).length;
    return sameQueue < limits.runs[run.queue] && sameFlow < (definitions.get(run.flow)?.atOnce ?? 1);
  }

  /** Begins what can be begun of a run, or ends it. @returns when a step is to be tried again, or Infinity */
  function advance(run: FlowRunRow): number {
    const definition = definitions.get(run.flow);
    const rows = new Map(table.steps(run.id).map((row) => [row.step, row]));
    if (definition === undefined || definition.steps.some(({ id }) => !rows.has(id))) {
      finish(
        run,
        'failed',
        null,
        new AppError('UNAVAILABLE', `Expected the flow ${run.flow} as it was begun; this build has another.`),
      );
      return Infinity;
    }
    let nextRetry = Infinity;
    let isOpen = false;
    for (const step of definition.steps) {
      const row = rows.get(step.id);
      if (row === undefined || (row.status !== 'waiting' && row.status !== 'running')) continue;
      const needs = step.needs.map(({ id }) => rows.get(id)?.status);
      if (needs.some((status) => status === 'failed' || status === 'skipped' || status === 'cancelled')) {
        inTransaction(database, () => table.update(run.id, step.id, { status: 'skipped', finished_at: clock.now() }));
        rows.set(step.id, { ...row, status: 'skipped' });
        continue;
      }
      isOpen = true;
      if (active.has(keyOf(run.id, step.id)) || needs.some((status) => status !== 'succeeded' && status !== 'cached'))
        continue;
      if (row.retry_at !== null && row.retry_at > clock.now()) nextRetry = Math.min(nextRetry, row.retry_at);
      else if (hasRoom(step)) begin(run, step, row);
    }
    if (!isOpen) conclude(run, [...rows.values()]);
    return nextRetry;
  }

  function conclude(run: FlowRunRow, rows: readonly FlowStepRow[]): void {
    const failed = rows.find(({ status }) => status === 'failed');
    if (failed !== undefined) {
      const { code, message } = JSON.parse(failed.error ?? '{"code":"INTERNAL","message":""}');
      finish(run, 'failed', null, new AppError(code, `${failed.step}: ${message}`));
    } else {
      const idle = rows.find(({ status, output }) => status === 'skipped' && output !== null);
      finish(run, 'succeeded', idle?.output == null ? null : String(JSON.parse(idle.output).reason), null);
    }
  }

  function finish(run: FlowRunRow, status: 'succeeded' | 'failed', note: string | null, error: AppError | null): void {
    inTransaction(database, () =>
      table.finish(run.id, status, clock.now(), note, error === null ? null : toWire(error)),
    );
    const say = status === 'failed' ? 'warn' : 'info';
    log[say]('A flow has ended.', {
      status,
      flow: run.flow,
      flowRun: run.id,
      ...(error === null ? {} : { error: error.message }),
    });
    tell(run.id);
    wake();
  }

  function hasRoom(step: Step<never>): boolean {
    const taken = [...active.values()].filter(({ resource }) => resource === step.resource).length;
    return taken < limits.steps[step.resource];
  }

  function begin(run: FlowRunRow, step: Step<never>, row: FlowStepRow): void {
    const stepRun = new StepRun({ database, table, jobs: options.jobs, clock, log, run, step, row });
    active.set(keyOf(run.id, step.id), stepRun);
    const work = (): Promise<void> => stepRun.work(() => tell(run.id));
    const done = options.around === undefined ? work() : options.around(run.id, work);
    void done.finally(() => {
      active.delete(keyOf(run.id, step.id));
      tell(run.id);
      wake();
      if (closed && active.size === 0) for (const resolve of idleWaiters) resolve();
    });
  }

  function idle(): Promise<void> {
    if (active.size === 0 && !scheduled) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        idleWaiters.delete(done);
        resolve();
      };
      idleWaiters.add(done);
    });
  }

  if (options.isHeld !== true) {
    recover();
    wake();
  }
  return {
    start,
    cancel,
    idle,
    async close() {
      closed = true;
      cancelTimer?.();
      for (const step of active.values()) step.interrupt();
      scheduled = false;
      await idle();
    },
  };
}

function keyOf(run: string, step: string): string {
  return `${run}/${step}`;
}
