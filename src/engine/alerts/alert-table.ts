/** Rows of `alerts`, typed. */
import type { AlertSeverity } from '#contract/topics';
import type { Database } from '../store/database';

export interface AlertRow {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  /** '' for an alert that may be raised again after it was resolved. */
  readonly period: string;
  readonly severity: AlertSeverity;
  readonly message: string;
  readonly raised_at: number;
  readonly last_raised_at: number;
  readonly times: number;
  readonly acknowledged_at: number | null;
  readonly acknowledged_by: string | null;
  readonly snoozed_until: number | null;
  readonly escalated_at: number | null;
  readonly resolved_at: number | null;
  readonly resolved_by: string | null;
}

type NewRow = Pick<AlertRow, 'id' | 'rule' | 'subject' | 'period' | 'severity' | 'message' | 'raised_at'>;

interface Filter {
  /** 1 for resolved ones too. */
  readonly all: 0 | 1;
  /** Lowest severity, counted from 0. */
  readonly rank: number;
  readonly rule: string | null;
  readonly limit: number;
  readonly offset: number;
}

export function createAlertTable(database: Database) {
  const byId = database.prepare<[string], AlertRow>('SELECT * FROM alerts WHERE id = ?');
  const current = database.prepare<[string, string, string], AlertRow>(
    `SELECT * FROM alerts WHERE rule = ? AND subject = ? AND period = ? AND (resolved_at IS NULL OR period <> '')`,
  );
  const open = database.prepare<[string, string], AlertRow>(
    'SELECT * FROM alerts WHERE rule = ? AND subject = ? AND resolved_at IS NULL',
  );
  const insert = database.prepare<[NewRow]>(
    `INSERT INTO alerts (id, rule, subject, period, severity, message, raised_at, last_raised_at)
     VALUES (@id, @rule, @subject, @period, @severity, @message, @raised_at, @raised_at)`,
  );
  const repeat = database.prepare<[AlertSeverity, string, number, string]>(
    'UPDATE alerts SET severity = ?, message = ?, last_raised_at = ?, times = times + 1 WHERE id = ?',
  );
  const resolve = database.prepare<[number, string, string]>(
    'UPDATE alerts SET resolved_at = ?, resolved_by = ? WHERE id = ?',
  );

  const acknowledge = database.prepare<[number, string, string]>(
    'UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ?',
  );
  const reopen = database.prepare<[string]>(
    'UPDATE alerts SET acknowledged_at = NULL, acknowledged_by = NULL, snoozed_until = NULL, escalated_at = NULL WHERE id = ?',
  );
  const snooze = database.prepare<[number | null, string]>('UPDATE alerts SET snoozed_until = ? WHERE id = ?');
  const escalate = database.prepare<[number, string]>('UPDATE alerts SET escalated_at = ? WHERE id = ?');
  const leftAlone = database.prepare<[number, number], AlertRow>(
    `SELECT * FROM alerts WHERE resolved_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL
     AND severity IN ('error', 'critical') AND raised_at <= ? AND (snoozed_until IS NULL OR snoozed_until <= ?)`,
  );
  const woken = database.prepare<[number], AlertRow>(
    'SELECT * FROM alerts WHERE resolved_at IS NULL AND acknowledged_at IS NULL AND snoozed_until <= ?',
  );
  const rank = `CASE severity WHEN 'critical' THEN 3 WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END`;
  const where = `(@all = 1 OR resolved_at IS NULL) AND ${rank} >= @rank AND (@rule IS NULL OR rule = @rule)`;
  const page = database.prepare<[Filter], AlertRow>(
    `SELECT * FROM alerts WHERE ${where}
     ORDER BY resolved_at IS NOT NULL, CASE WHEN resolved_at IS NULL THEN ${rank} END DESC, raised_at DESC, id DESC
     LIMIT @limit OFFSET @offset`,
  );
  const count = database.prepare<[Filter], number>(`SELECT count(*) FROM alerts WHERE ${where}`).pluck();

  return {
    list: (filter: Filter) => ({ rows: page.all(filter), total: count.get(filter) ?? 0 }),
    acknowledge: (id: string, by: string, at: number): void => void acknowledge.run(at, by, id),
    reopen: (id: string): void => void reopen.run(id),
    escalate: (id: string, at: number): void => void escalate.run(at, id),
    /** Urgent, open since before a moment, and neither acknowledged, put off nor escalated. */
    leftAlone: (before: number, now: number): AlertRow[] => leftAlone.all(before, now),
    snoozedUntil: (now: number): AlertRow[] => woken.all(now),
    snooze: (id: string, until: number | null): void => void snooze.run(until, id),
    find: (id: string): AlertRow | undefined => byId.get(id),
    /** The alert that another raise of the same would repeat. */
    current: (rule: string, subject: string, period: string): AlertRow | undefined =>
      current.get(rule, subject, period),
    open: (rule: string, subject: string): AlertRow[] => open.all(rule, subject),
    insert: (row: NewRow): void => void insert.run(row),
    repeat: ({ id, severity, message }: AlertRow, at: number): void => void repeat.run(severity, message, at, id),
    resolve: (id: string, by: string, at: number): void => void resolve.run(at, by, id),
  };
}
