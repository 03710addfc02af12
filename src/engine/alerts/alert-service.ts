/**
 * Alerts: everything that a person must be warned of goes through `raise`. The same rule about the same subject is one alert until it is
 * resolved, however often it is raised; the row, its audit entry and its event are one transaction, so a crash loses none and doubles none.
 */
import { AppError } from '#base/errors';
import type { Alert } from '#contract/alerts';
import { alertSeveritySchema, type AlertSeverity, type PayloadOf } from '#contract/topics';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import type { Publish } from '../topics/outbox';
import { createAlertTable, type AlertRow } from './alert-table';

export interface NewAlert {
  /** What was checked, as a stable name: `risk.max-drawdown`, `webhooks.dead-letter`. */
  readonly rule: string;
  readonly severity: AlertSeverity;
  /** What it is about: an account, a run, an endpoint; '' where there is no one thing. */
  readonly subject: string;
  /** For a person: what was expected, what was found, what to do. */
  readonly message: string;
  /** Where given, the alert is raised once for this period (a day, a month), also after it was resolved. */
  readonly period?: string;
}

/** @returns the alert, and whether it is new */
export type Raise = (alert: NewAlert) => { readonly alert: string; readonly isNew: boolean };

export interface AlertServiceOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly publish: Publish;
  now(): number;
  onChange(alert: string): void;
}

export interface AlertFilter {
  /** Also resolved ones. */
  readonly all: boolean;
  readonly severity?: AlertSeverity | undefined;
  readonly rule?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** An error or worse that nobody has acknowledged or put off for so long is told again, louder. */
const ESCALATE_AFTER_MS = 15 * 60_000;
const MOST_SUBJECT = 200;
const MOST_MESSAGE = 4_000;
const RANK = alertSeveritySchema.options;

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function stateOf({ resolved_at, acknowledged_at, snoozed_until }: AlertRow, now: number): Alert['state'] {
  if (resolved_at !== null) return 'resolved';
  if (acknowledged_at !== null) return 'acknowledged';
  return snoozed_until !== null && snoozed_until > now ? 'snoozed' : 'open';
}

export function createAlertService({ database, audit, publish, now, onChange }: AlertServiceOptions) {
  const table = createAlertTable(database);

  function find(id: string): AlertRow {
    const row = table.find(id);
    if (row !== undefined) return row;
    throw new AppError('NOT_FOUND', `Expected an alert "${id}", found none. List them with: sextant alerts list.`);
  }

  function tell(row: AlertRow, state: PayloadOf<'risk.alerts'>['state'], at: number): void {
    const { id, rule, severity, subject, message } = row;
    publish('risk.alerts', { alert: id, state, rule, severity, subject, message, at: new Date(at).toISOString() });
  }

  function raise({ rule, severity, subject: given, message: text, period = '' }: NewAlert): ReturnType<Raise> {
    const subject = given.slice(0, MOST_SUBJECT);
    const message = text.slice(0, MOST_MESSAGE);
    const at = now();
    const result = inTransaction(database, () => {
      const known = table.current(rule, subject, period);
      if (known !== undefined) {
        if (known.resolved_at !== null) return { alert: known.id, isNew: false };
        const isWorse = RANK.indexOf(severity) > RANK.indexOf(known.severity);
        const row = { ...known, message, severity: isWorse ? severity : known.severity };
        table.repeat(row, at);
        if (isWorse) {
          // Whoever acknowledged it acknowledged something milder.
          table.reopen(row.id);
          audit.append({ actor: 'sextant', action: 'alert.worsened', object: row.id, detail: { rule, severity } });
          tell(row, 'worsened', at);
        }
        return { alert: row.id, isNew: false };
      }
      const id = createUlid(at);
      table.insert({ id, rule, subject, period, severity, message, raised_at: at });
      audit.append({ actor: 'sextant', action: 'alert.raised', object: id, detail: { rule, severity, subject } });
      tell(find(id), 'raised', at);
      return { alert: id, isNew: true };
    });
    onChange(result.alert);
    return result;
  }

  /** Ends the open alerts of a rule about a subject, because what they warn of is over. @returns how many there were */
  function resolve(rule: string, subject: string, actor = 'sextant'): number {
    const at = now();
    const resolved = inTransaction(database, () => {
      const open = table.open(rule, subject.slice(0, MOST_SUBJECT));
      for (const row of open) {
        table.resolve(row.id, actor, at);
        audit.append({ actor, action: 'alert.resolved', object: row.id, detail: { rule } });
        tell(row, 'resolved', at);
      }
      return open;
    });
    for (const { id } of resolved) onChange(id);
    return resolved.length;
  }

  function toAlert(row: AlertRow): Alert {
    return {
      id: row.id,
      rule: row.rule,
      severity: row.severity,
      subject: row.subject,
      message: row.message,
      state: stateOf(row, now()),
      raisedAt: new Date(row.raised_at).toISOString(),
      lastRaisedAt: new Date(row.last_raised_at).toISOString(),
      times: row.times,
      acknowledgedAt: instant(row.acknowledged_at),
      acknowledgedBy: row.acknowledged_by,
      snoozedUntil: instant(row.snoozed_until),
      escalatedAt: instant(row.escalated_at),
      resolvedAt: instant(row.resolved_at),
      resolvedBy: row.resolved_by,
    };
  }

  /** Changes an alert that is open. Errors: NOT_FOUND, CONFLICT. */
  function change(id: string, actor: string, action: string, write: (row: AlertRow) => void): Alert {
    const changed = inTransaction(database, () => {
      const row = find(id);
      if (row.resolved_at !== null) {
        throw new AppError('CONFLICT', `Expected an open alert, found that ${id} was resolved by ${row.resolved_by}.`);
      }
      write(row);
      audit.append({ actor, action, object: id, detail: { rule: row.rule } });
      return toAlert(find(id));
    });
    onChange(id);
    return changed;
  }

  /** Escalates what is urgent and was left alone too long, and tells again of what was put off until now. */
  function look(): void {
    const at = now();
    const changed = inTransaction(database, () => {
      const left = table.leftAlone(at - ESCALATE_AFTER_MS, at);
      for (const row of left) {
        table.escalate(row.id, at);
        audit.append({ actor: 'sextant', action: 'alert.escalated', object: row.id, detail: { rule: row.rule } });
        tell(row, 'escalated', at);
      }
      const woken = table.snoozedUntil(at);
      for (const row of woken) {
        table.snooze(row.id, null);
        tell(row, 'reminded', at);
      }
      return [...left, ...woken];
    });
    for (const { id } of changed) onChange(id);
  }

  return {
    raise: raise satisfies Raise,
    resolve,
    look,
    show: (id: string): Alert => toAlert(find(id)),
    list({ all, severity, rule, limit, offset }: AlertFilter) {
      const { rows, total } = table.list({
        all: all ? 1 : 0,
        rank: severity === undefined ? 0 : RANK.indexOf(severity),
        rule: rule ?? null,
        limit,
        offset,
      });
      return { alerts: rows.map(toAlert), total };
    },
    acknowledge: (id: string, actor: string): Alert =>
      change(id, actor, 'alert.acknowledged', () => table.acknowledge(id, actor, now())),
    snooze: (id: string, minutes: number, actor: string): Alert =>
      change(id, actor, 'alert.snoozed', () => table.snooze(id, now() + minutes * 60_000)),
    close: (id: string, actor: string): Alert =>
      change(id, actor, 'alert.resolved', (row) => {
        table.resolve(id, actor, now());
        tell(row, 'resolved', now());
      }),
  };
}
export type AlertService = ReturnType<typeof createAlertService>;
