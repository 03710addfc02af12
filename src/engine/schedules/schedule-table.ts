/** Rows of `schedules` and `schedule_periods`, typed. */
import type { CatchUp, ScheduleDays } from '#contract/schedules';
import type { FlowName, FlowQueue } from '#contract/flows';
import type { Database } from '../store/database';

export interface ScheduleRow {
  readonly id: string;
  readonly name: string;
  readonly flow: FlowName;
  /** JSON. */
  readonly params: string;
  readonly queue: FlowQueue;
  readonly cron: string | null;
  readonly every_seconds: number | null;
  readonly time_zone: string;
  readonly days: ScheduleDays;
  readonly catch_up: CatchUp;
  readonly paused: number;
  readonly created_at: number;
  readonly decided_through: number;
}

export interface PeriodRow {
  readonly schedule: string;
  readonly period: string;
  readonly due_at: number;
  readonly decided_at: number;
  readonly flow_run: string | null;
}

export function createScheduleTable(database: Database) {
  const all = database.prepare<[], ScheduleRow>('SELECT * FROM schedules ORDER BY name');
  const one = database.prepare<[string, string], ScheduleRow>('SELECT * FROM schedules WHERE id = ? OR name = ?');
  const insert = database.prepare<[ScheduleRow]>(
    `INSERT INTO schedules (id, name, flow, params, queue, cron, every_seconds, time_zone, days, catch_up, paused,
       created_at, decided_through)
     VALUES (@id, @name, @flow, @params, @queue, @cron, @every_seconds, @time_zone, @days, @catch_up, @paused,
       @created_at, @decided_through)`,
  );
  const decide = database.prepare<[number, string]>('UPDATE schedules SET decided_through = ? WHERE id = ?');
  const pause = database.prepare<[number, number, string]>(
    'UPDATE schedules SET paused = ?, decided_through = ? WHERE id = ?',
  );
  const remove = database.prepare<[string]>('DELETE FROM schedules WHERE id = ?');
  const insertPeriod = database.prepare<[PeriodRow]>(
    `INSERT INTO schedule_periods (schedule, period, due_at, decided_at, flow_run)
     VALUES (@schedule, @period, @due_at, @decided_at, @flow_run) ON CONFLICT DO NOTHING`,
  );
  const attach = database.prepare<[string, string, string]>(
    'UPDATE schedule_periods SET flow_run = ? WHERE schedule = ? AND period = ?',
  );
  const countPeriods = database
    .prepare<[string], number>('SELECT count(*) FROM schedule_periods WHERE schedule = ?')
    .pluck();

  return {
    all: () => all.all(),
    find: (ref: string) => one.get(ref, ref),
    insert: (row: ScheduleRow): void => void insert.run(row),
    decideThrough: (id: string, at: number): void => void decide.run(at, id),
    setPaused: (id: string, paused: boolean, at: number): void => void pause.run(paused ? 1 : 0, at, id),
    remove: (id: string): void => void remove.run(id),
    /** @returns false where the period was decided before */
    insertPeriod: (row: PeriodRow): boolean => insertPeriod.run(row).changes === 1,
    attachRun: (schedule: string, period: string, run: string): void => void attach.run(run, schedule, period),
    countPeriods: (id: string): number => countPeriods.get(id) ?? 0,
  };
}
