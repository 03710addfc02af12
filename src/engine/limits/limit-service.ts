/**
 * The limits in force, their waivers and violations. `judge` only measures and says what would be done; `record` writes violations with their audit entry
 * and raises alerts, in one transaction. Nothing here decides silently: what a waiver lets pass is written down too.
 */
import { AppError } from '#base/errors';
import {
  breachSchema,
  limitAnswerSchema,
  limitsConfigSchema,
  type Breach,
  type ConfiguredLimit,
  type LimitAnswer,
  type LimitsConfig,
  type Waiver,
} from '#contract/limits';
import { measureLimits, type Book } from '#quant/limits/limits';
import type { AlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';

const SETTING = 'limits';
export const LIMIT_RULE = 'limits.breach';

export type Stage = Breach['stage'];

export interface LimitServiceOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: Pick<AlertService, 'raise' | 'resolve'>;
  now(): number;
}

interface WaiverRow {
  readonly id: string;
  readonly limit_id: string;
  readonly account: string;
  readonly reason: string;
  readonly requested_by: string;
  readonly approved_by: string;
  readonly from_at: number;
  readonly until_at: number;
  readonly revoked_at: number | null;
}

interface BreachRow {
  readonly id: string;
  readonly account: string;
  readonly portfolio: string;
  readonly stage: Stage;
  readonly at: number;
  readonly document: string;
}

export interface NewWaiver {
  readonly limit: string;
  readonly account: string;
  /** ISO time. */
  readonly until: string;
  readonly reason: string;
  readonly requestedBy: string;
}

export function createLimitService({ database, audit, alerts, now }: LimitServiceOptions) {
  const read = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const write = database.prepare<[string, string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  const insertBreach = database.prepare<[BreachRow]>(
    `INSERT INTO limit_breaches (id, account, portfolio, stage, at, document)
     VALUES (@id, @account, @portfolio, @stage, @at, @document)`,
  );
  const breachPage = database.prepare<[number, number], BreachRow>(
    'SELECT * FROM limit_breaches ORDER BY at DESC, id DESC LIMIT ? OFFSET ?',
  );
  const breachCount = database.prepare<[], number>('SELECT count(*) FROM limit_breaches').pluck();
  const insertWaiver = database.prepare<[WaiverRow]>(
    `INSERT INTO limit_waivers (id, limit_id, account, reason, requested_by, approved_by, from_at, until_at, revoked_at)
     VALUES (@id, @limit_id, @account, @reason, @requested_by, @approved_by, @from_at, @until_at, @revoked_at)`,
  );
  const oneWaiver = database.prepare<[string], WaiverRow>('SELECT * FROM limit_waivers WHERE id = ?');
  const activeWaivers = database.prepare<[string, number], WaiverRow>(
    'SELECT * FROM limit_waivers WHERE account = ? AND until_at > ? AND revoked_at IS NULL',
  );
  const waiverPage = database.prepare<[number, number], WaiverRow>(
    'SELECT * FROM limit_waivers ORDER BY from_at DESC, id DESC LIMIT ? OFFSET ?',
  );
  const waiverCount = database.prepare<[], number>('SELECT count(*) FROM limit_waivers').pluck();
  const revokeWaiver = database.prepare<[number, string]>('UPDATE limit_waivers SET revoked_at = ? WHERE id = ?');

  const config = (): LimitsConfig => limitsConfigSchema.parse(JSON.parse(read.get(SETTING) ?? '{}'));

  /** What is done about a violation before trades; after them nothing can be blocked or scaled, so it is told. */
  function outcomeOf(limit: ConfiguredLimit, holds: boolean, waived: boolean, stage: Stage): LimitAnswer['outcome'] {
    if (holds) return 'holds';
    if (waived) return 'waived';
    if (stage === 'post-trade') return limit.severity === 'hard' ? 'escalates' : 'warns';
    if (limit.handling === 'escalate') return limit.severity === 'hard' ? 'escalates' : 'warns';
    return limit.severity === 'hard' ? 'blocks' : 'warns';
  }

  const limitsOf = (stage: Stage): ConfiguredLimit[] => config().limits.filter(({ stages }) => stages.includes(stage));

  function judge(account: string, stage: Stage, book: Book): LimitAnswer[] {
    const limits = limitsOf(stage);
    const waived = new Set(activeWaivers.all(account, now()).map(({ limit_id }) => limit_id));
    return measureLimits(limits, book).map((measured, i) => {
      const { severity, handling, id } = limits[i];
      return { ...measured, severity, handling, outcome: outcomeOf(limits[i], measured.holds, waived.has(id), stage) };
    });
  }

  /** Stores what does not hold, warns of it, and takes back alerts of what holds again. */
  function record(account: string, portfolio: string, stage: Stage, answers: readonly LimitAnswer[]): void {
    inTransaction(database, () => {
      for (const answer of answers) {
        const subject = `${account} ${stage} ${answer.limit}`;
        if (answer.outcome === 'holds') {
          alerts.resolve(LIMIT_RULE, subject);
          continue;
        }
        const at = now();
        insertBreach.run({ id: createUlid(at), account, portfolio, stage, at, document: JSON.stringify(answer) });
        const found =
          answer.value === null
            ? `that it cannot be evaluated: ${answer.reason}`
            : `${answer.value.toPrecision(6)} ${answer.subject === '' ? '' : `of ${answer.subject}`}`;
        audit.append({
          actor: 'sextant',
          action: 'limit.breached',
          object: account,
          detail: { stage, limit: answer.limit, outcome: answer.outcome, value: answer.value, max: answer.max },
        });
        if (answer.outcome === 'waived' || answer.outcome === 'scaled') continue;
        alerts.raise({
          rule: LIMIT_RULE,
          severity: answer.severity === 'hard' ? 'error' : 'warning',
          subject,
          message: `Expected ${answer.kind} of ${account} at most ${answer.max}, found ${found}. The limit ${answer.limit} ${answer.outcome}.`,
        });
      }
    });
  }

  const toWaiver = (row: WaiverRow): Waiver => ({
    id: row.id,
    limit: row.limit_id,
    account: row.account,
    reason: row.reason,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
    from: new Date(row.from_at).toISOString(),
    until: new Date(row.until_at).toISOString(),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at).toISOString(),
    active: row.revoked_at === null && row.until_at > now(),
  });

  function waive({ limit, account, until, reason, requestedBy }: NewWaiver, actor: string): Waiver {
    if (!config().limits.some(({ id }) => id === limit)) {
      throw new AppError('NOT_FOUND', `Expected a limit "${limit}", found none. Show them with: sextant limits show.`);
    }
    if (requestedBy === actor) {
      throw new AppError('FORBIDDEN', `Expected another person than ${actor}, who asks for it, to approve a waiver.`);
    }
    const from = now();
    if (!(Date.parse(until) > from))
      throw new AppError('BAD_REQUEST', `Expected an end later than now, found ${until}.`);
    const row: WaiverRow = {
      id: createUlid(from),
      limit_id: limit,
      account,
      reason,
      requested_by: requestedBy,
      approved_by: actor,
      from_at: from,
      until_at: Date.parse(until),
      revoked_at: null,
    };
    inTransaction(database, () => {
      insertWaiver.run(row);
      audit.append({ actor, action: 'limit.waived', object: account, detail: { limit, until, reason, requestedBy } });
    });
    return toWaiver(row);
  }

  function revoke(id: string, actor: string): Waiver {
    return inTransaction(database, () => {
      const row = oneWaiver.get(id);
      if (row === undefined)
        throw new AppError(
          'NOT_FOUND',
          `Expected a waiver "${id}", found none. List them with: sextant limits waivers.`,
        );
      if (!toWaiver(row).active)
        throw new AppError('CONFLICT', `Expected a waiver in force, found that ${id} has ended.`);
      revokeWaiver.run(now(), id);
      audit.append({ actor, action: 'limit.waiver-revoked', object: row.account, detail: { limit: row.limit_id } });
      return toWaiver({ ...row, revoked_at: now() });
    });
  }

  return {
    config,
    configure(next: LimitsConfig, actor: string): LimitsConfig {
      inTransaction(database, () => {
        const before = config();
        write.run(SETTING, JSON.stringify(next), now());
        audit.append({ actor, action: 'setting.changed', object: SETTING, detail: { before, after: next } });
      });
      return config();
    },
    limitsOf,
    judge,
    record,
    waive,
    revoke,
    waivers: (limit: number, offset: number) => ({
      waivers: waiverPage.all(limit, offset).map(toWaiver),
      total: waiverCount.get() ?? 0,
    }),
    breaches: (limit: number, offset: number) => ({
      breaches: breachPage.all(limit, offset).map(({ document, at, ...row }) =>
        breachSchema.parse({
          ...limitAnswerSchema.parse(JSON.parse(document)),
          ...row,
          at: new Date(at).toISOString(),
        }),
      ),
      total: breachCount.get() ?? 0,
    }),
  };
}
export type LimitService = ReturnType<typeof createLimitService>;
