/** Schedules: made, paused, resumed, removed and shown. What is due is the scheduler's business. */
import { AppError } from '#base/errors';
import type { z } from 'zod';
import type { Schedule, schedules } from '#contract/schedules';
import type { FlowService } from '../flows/flow-service';
import type { FlowEngine } from '../flows/flow-engine';
import type { AnyFlow } from '../flows/flow';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import type { Clock } from './clock';
import type { Scheduler } from './scheduler';
import { createScheduleTable, type ScheduleRow } from './schedule-table';
import { cronTrigger } from './trigger';

type NewSchedule = z.infer<NonNullable<(typeof schedules)['create']['~orpc']['inputSchema']>>;

export interface ScheduleServiceOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly definitions: readonly AnyFlow[];
  readonly flows: FlowService;
  readonly engine: Pick<FlowEngine, 'start'>;
  onChange(schedule: string): void;
}

export function createScheduleService(options: ScheduleServiceOptions) {
  const { database, clock, scheduler, flows, engine, onChange } = options;
  const table = createScheduleTable(database);

  function find(ref: string): ScheduleRow {
    const row = table.find(ref);
    if (row !== undefined) return row;
    throw new AppError(
      'NOT_FOUND',
      `Expected a schedule "${ref}", found none. List them with: sextant schedules list.`,
    );
  }

  function toSchedule(row: ScheduleRow): Schedule {
    const next = scheduler.nextAt(row);
    return {
      id: row.id,
      name: row.name,
      flow: row.flow,
      params: JSON.parse(row.params),
      queue: row.queue,
      cron: row.cron,
      everySeconds: row.every_seconds,
      timeZone: row.time_zone,
      days: row.days,
      catchUp: row.catch_up,
      paused: row.paused === 1,
      createdAt: new Date(row.created_at).toISOString(),
      nextAt: next === null ? null : new Date(next).toISOString(),
      last: flows.lastOfSchedule(row.name),
    };
  }

  /** Tells whoever watches, and lets the scheduler see what is different. */
  function changed(id: string): void {
    onChange(id);
    scheduler.tick();
  }

  function create(input: NewSchedule): Schedule {
    const { cron, everySeconds, timeZone, days } = input;
    if ((cron === undefined) === (everySeconds === undefined)) {
      throw new AppError(
        'BAD_REQUEST',
        `Expected either a cron pattern or an interval in seconds, found ${cron === undefined ? 'neither' : 'both'}.`,
      );
    }
    if (cron !== undefined) requireDue(cron, timeZone, days);
    const parsed = parameters(input);
    if (table.find(input.name) !== undefined) {
      throw new AppError(
        'CONFLICT',
        `Expected a new name for a schedule, found that "${input.name}" is taken. Remove that schedule first.`,
      );
    }
    const now = clock.now();
    const row: ScheduleRow = {
      id: createUlid(now),
      name: input.name,
      flow: input.flow,
      params: JSON.stringify(parsed),
      queue: input.queue,
      cron: cron ?? null,
      every_seconds: everySeconds ?? null,
      time_zone: timeZone,
      days,
      catch_up: input.catchUp,
      paused: 0,
      created_at: now,
      decided_through: now,
    };
    inTransaction(database, () => table.insert(row));
    changed(row.id);
    return toSchedule(find(row.id));
  }

  function requireDue(cron: string, timeZone: string, days: NewSchedule['days']): void {
    if (cronTrigger({ cron, timeZone, days }).next(clock.now()) !== null) return;
    throw new AppError(
      'BAD_REQUEST',
      `Expected a pattern that matches within ten years, found that "${cron}" on "${days}" never does.`,
      { data: { cron, days } },
    );
  }

  /** Checked now, with the defaults filled in, so that a mistake shows when the schedule is made and not at night. */
  function parameters({ flow, params }: NewSchedule): unknown {
    const parsed = options.definitions.find((definition) => definition.flow === flow)?.params.safeParse(params);
    if (parsed?.success === true) return parsed.data;
    const problems =
      parsed?.error?.issues.map(({ path, message }) => `${path.join('.') || 'params'}: ${message}`) ?? [];
    throw new AppError('BAD_REQUEST', `Expected parameters for the flow ${flow}, found: ${problems.join('; ')}.`, {
      data: { problems },
    });
  }

  function setPaused(ref: string, paused: boolean): Schedule {
    const { id } = find(ref);
    inTransaction(database, () => table.setPaused(id, paused, clock.now()));
    changed(id);
    return toSchedule(find(id));
  }

  function upcoming(days: number, limit: number) {
    const from = clock.now();
    const to = from + days * 86_400_000;
    return table
      .all()
      .flatMap((row) => scheduler.upcoming(row, from, to).map(({ at }) => ({ schedule: row.name, flow: row.flow, at })))
      .sort((a, b) => a.at - b.at)
      .slice(0, limit)
      .map(({ at, ...due }) => ({ ...due, dueAt: new Date(at).toISOString() }));
  }

  return {
    create,
    upcoming,
    list() {
      const held = scheduler.heldUntil();
      return { schedules: table.all().map(toSchedule), heldUntil: held === null ? null : new Date(held).toISOString() };
    },
    run(ref: string) {
      const row = find(ref);
      const { flow, queue, name } = row;
      return flows.summary(engine.start({ flow, queue, schedule: name, params: JSON.parse(row.params) }));
    },
    pause: (ref: string) => setPaused(ref, true),
    resume: (ref: string) => setPaused(ref, false),
    remove(ref: string): string {
      const { id } = find(ref);
      inTransaction(database, () => table.remove(id));
      changed(id);
      return id;
    },
  };
}
export type ScheduleService = ReturnType<typeof createScheduleService>;
