/** Rows of `flow_runs`, `flow_steps`, `flow_logs` and `flow_cache`, typed. */
import type { WireError } from '#base/errors';
import type { FlowName, FlowQueue, FlowRunStatus, FlowStepStatus } from '#contract/flows';
import type { Database } from '../store/database';

export interface FlowRunRow {
  readonly ordinal: number;
  readonly id: string;
  readonly flow: FlowName;
  readonly queue: FlowQueue;
  /** JSON. */
  readonly params: string;
  readonly status: FlowRunStatus;
  readonly schedule: string | null;
  readonly period: string | null;
  readonly late: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly note: string | null;
  readonly error: string | null;
}

export interface FlowStepRow {
  readonly run: string;
  readonly step: string;
  readonly status: FlowStepStatus;
  readonly attempt: number;
  readonly crashes: number;
  readonly job: string | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly retry_at: number | null;
  readonly output: string | null;
  readonly error: string | null;
}

export type NewFlowRun = Pick<
  FlowRunRow,
  'id' | 'flow' | 'queue' | 'params' | 'schedule' | 'period' | 'late' | 'created_at'
>;
export type StepChange = Partial<Omit<FlowStepRow, 'run' | 'step'>>;

export interface FlowRunFilter {
  readonly limit: number;
  readonly offset: number;
  readonly flow?: FlowName | undefined;
  readonly status?: FlowRunStatus | undefined;
  readonly schedule?: string | undefined;
}

export interface FlowLogRow {
  readonly seq: number;
  readonly step: string;
  readonly at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export function createFlowTable(database: Database) {
  const insertRun = database.prepare<[NewFlowRun]>(
    `INSERT INTO flow_runs (id, flow, queue, params, status, schedule, period, late, created_at)
     VALUES (@id, @flow, @queue, @params, 'queued', @schedule, @period, @late, @created_at)`,
  );
  const insertStep = database.prepare<[string, string]>(
    `INSERT INTO flow_steps (run, step, status) VALUES (?, ?, 'waiting')`,
  );
  const find = database.prepare<[string], FlowRunRow>('SELECT * FROM flow_runs WHERE id = ?');
  const unfinished = database.prepare<[], FlowRunRow>(
    `SELECT * FROM flow_runs WHERE status IN ('queued', 'running')
     ORDER BY CASE queue WHEN 'prod' THEN 0 WHEN 'staging' THEN 1 ELSE 2 END, ordinal`,
  );
  const steps = database.prepare<[string], FlowStepRow>('SELECT * FROM flow_steps WHERE run = ?');
  const begin = database.prepare<[number, string]>(
    `UPDATE flow_runs SET status = 'running', started_at = ? WHERE id = ?`,
  );
  const finish = database.prepare<[FlowRunStatus, number, string | null, string | null, string]>(
    'UPDATE flow_runs SET status = ?, finished_at = ?, note = ?, error = ? WHERE id = ?',
  );
  const lastOfSchedule = database.prepare<[string], FlowRunRow>(
    'SELECT * FROM flow_runs WHERE schedule = ? ORDER BY ordinal DESC LIMIT 1',
  );
  const nextLine = database
    .prepare<[string], number>('SELECT coalesce(max(seq), 0) + 1 FROM flow_logs WHERE run = ?')
    .pluck();
  const insertLine = database.prepare<[string, number, string, number, string, string]>(
    'INSERT INTO flow_logs (run, seq, step, at, level, message) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const lines = database.prepare<[string, number, string | null, string | null], FlowLogRow>(
    'SELECT seq, step, at, level, message FROM flow_logs WHERE run = ? AND seq > ? AND (? IS NULL OR step = ?) ORDER BY seq LIMIT 1000',
  );
  const cached = database.prepare<[string], string>('SELECT output FROM flow_cache WHERE key = ?').pluck();
  const remember = database.prepare<[string, string, number, string]>(
    `INSERT INTO flow_cache (key, run, created_at, output) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET run = excluded.run, created_at = excluded.created_at, output = excluded.output`,
  );

  function update(run: string, step: string, change: StepChange): void {
    const entries = Object.entries(change);
    database
      .prepare(`UPDATE flow_steps SET ${entries.map(([name]) => `${name} = ?`).join(', ')} WHERE run = ? AND step = ?`)
      .run(...entries.map(([, value]) => value), run, step);
  }

  function list({ limit, offset, flow, status, schedule }: FlowRunFilter): { rows: FlowRunRow[]; total: number } {
    const wanted = Object.entries({ flow, status, schedule }).filter(([, value]) => value !== undefined);
    const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(([name]) => `${name} = ?`).join(' AND ')}`;
    const values = wanted.map(([, value]) => value);
    return {
      rows: database
        .prepare<unknown[], FlowRunRow>(`SELECT * FROM flow_runs ${where} ORDER BY ordinal DESC LIMIT ? OFFSET ?`)
        .all(...values, limit, offset),
      total:
        database
          .prepare<unknown[], number>(`SELECT count(*) FROM flow_runs ${where}`)
          .pluck()
          .get(...values) ?? 0,
    };
  }

  return {
    insert(run: NewFlowRun, names: readonly string[]): void {
      insertRun.run(run);
      for (const name of names) insertStep.run(run.id, name);
    },
    find: (id: string) => find.get(id),
    unfinished: () => unfinished.all(),
    steps: (run: string) => steps.all(run),
    begin: (run: string, at: number): void => void begin.run(at, run),
    finish(run: string, status: FlowRunStatus, at: number, note: string | null, error: WireError | null): void {
      finish.run(status, at, note, error === null ? null : JSON.stringify(error), run);
    },
    update,
    list,
    lastOfSchedule: (name: string) => lastOfSchedule.get(name),
    say(run: string, step: string, at: number, level: FlowLogRow['level'], message: string): void {
      insertLine.run(run, nextLine.get(run) ?? 1, step, at, level, message);
    },
    lines: (run: string, after: number, step: string | null) => lines.all(run, after, step, step),
    cached: (key: string) => cached.get(key),
    remember: (key: string, run: string, at: number, output: string): void => void remember.run(key, run, at, output),
  };
}
export type FlowTable = ReturnType<typeof createFlowTable>;
