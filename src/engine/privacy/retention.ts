/**
 * Deletion by age, one rule per kind of data: previewed, done in one transaction, and proved by counting again. A clock that moved by more
 * than a day since the last run deletes nothing that day: a wrong clock must not cost a year of history.
 */
import { createHash } from 'node:crypto';
import { RETENTION_KINDS, type DeletionProof, type PrivacyConfig, type RetentionKindId } from '#contract/privacy';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';

export interface RetentionPreview {
  readonly kind: RetentionKindId;
  readonly title: string;
  readonly days: number | null;
  readonly due: number;
  readonly kept: number;
}

export interface Retention {
  preview(): { readonly kinds: readonly RetentionPreview[]; readonly blocked: string | null };
  /** Errors: DISK_FULL, IO; then nothing was deleted. */
  delete(): { readonly proofs: readonly DeletionProof[]; readonly blocked: string | null };
}

interface Kind {
  readonly title: string;
  /** Identifiers of rows older than the bound parameter, in a fixed order. */
  readonly due: string;
  readonly all: string;
  readonly remove: string;
}

const DAY_MS = 86_400_000;
const SEEN = 'retention-seen';
const ENDED = 'SELECT id FROM jobs WHERE finished_at < ?';

/** The audit log is not here: it is pruned behind a signed checkpoint. */
const KINDS: Readonly<Record<Exclude<RetentionKindId, 'audit'>, Kind>> = {
  jobs: {
    title: 'Job history',
    due: `SELECT job || ':' || seq FROM job_events WHERE job IN (${ENDED}) ORDER BY job, seq`,
    all: 'SELECT count(*) FROM job_events',
    remove: `DELETE FROM job_events WHERE job IN (${ENDED})`,
  },
  uploads: {
    title: 'Uploaded files',
    due: 'SELECT id FROM uploads WHERE created_at < ? ORDER BY id',
    all: 'SELECT count(*) FROM uploads',
    remove: 'DELETE FROM uploads WHERE created_at < ?',
  },
  rejects: {
    title: 'Refused rows',
    due: `SELECT dataset || ':' || seq FROM rejects WHERE dataset IN (SELECT subject FROM jobs WHERE finished_at < ?) ORDER BY dataset, seq`,
    all: 'SELECT count(*) FROM rejects',
    remove: 'DELETE FROM rejects WHERE dataset IN (SELECT subject FROM jobs WHERE finished_at < ?)',
  },
  accesses: {
    title: 'Access log',
    due: 'SELECT seq FROM accesses WHERE at < ? ORDER BY seq',
    all: 'SELECT count(*) FROM accesses',
    remove: 'DELETE FROM accesses WHERE at < ?',
  },
  connections: {
    title: 'Network log',
    due: 'SELECT seq FROM connections WHERE at < ? ORDER BY seq',
    all: 'SELECT count(*) FROM connections',
    remove: 'DELETE FROM connections WHERE at < ?',
  },
};

export interface RetentionOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  config(): PrivacyConfig;
  now(): number;
  /** False for a day after the clock leapt while this host ran. */
  clockTrusted(): boolean;
}

export function createRetention({ database, audit, config, now, clockTrusted }: RetentionOptions): Retention {
  const meta = database.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
  const remember = database.prepare<[string, string]>(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  // A removed row must not survive in a free page of the file.
  database.pragma('secure_delete = ON');

  /** What a host saw itself, and what its time off between two looks may hide. */
  function clockProblem(): string | null {
    if (!clockTrusted())
      return 'The clock leapt by more than a day; nothing is deleted until it has run steadily for one.';
    const seen = Number(meta.get(SEEN) ?? 0);
    if (seen === 0) return 'This is the first look at the clock; deletion starts tomorrow.';
    const moved = now() - seen;
    if (moved < -60_000)
      return `The clock went back by ${Math.round(-moved / 60_000)} minutes; nothing is deleted today.`;
    if (moved > 2 * DAY_MS)
      return `The clock is ${Math.round(moved / DAY_MS)} days ahead of the last look; deletion starts with the next run.`;
    return null;
  }

  function dueOf(kind: RetentionKindId, before: number): readonly string[] {
    if (kind === 'audit') return [];
    return database.prepare<[number], string | number>(KINDS[kind].due).pluck().all(before).map(String);
  }

  function countDue(kind: Exclude<RetentionKindId, 'audit'>, before: number): number {
    return database.prepare<[number], number>(`SELECT count(*) FROM (${KINDS[kind].due})`).pluck().get(before) ?? 0;
  }

  function count(sql: string): number {
    return database.prepare<[], number>(sql).pluck().get() ?? 0;
  }

  function previewOf(kind: RetentionKindId): RetentionPreview {
    const days = config().retention[kind];
    const before = days === null ? 0 : now() - days * DAY_MS;
    const title = kind === 'audit' ? 'Audit log' : KINDS[kind].title;
    const due = kind === 'audit' ? audit.countBefore(before) : countDue(kind, before);
    const all = count(kind === 'audit' ? 'SELECT count(*) FROM audit' : KINDS[kind].all);
    return { kind, title, days, due, kept: all - due };
  }

  function deleteKind(kind: RetentionKindId): DeletionProof | null {
    const days = config().retention[kind];
    if (days === null) return null;
    const before = now() - days * DAY_MS;
    const ids = dueOf(kind, before);
    const removed = kind === 'audit' ? audit.prune(before).removed : ids.length;
    if (removed === 0) return null;
    if (kind !== 'audit') database.prepare<[number]>(KINDS[kind].remove).run(before);
    const proof: DeletionProof = {
      kind,
      removed,
      remaining: kind === 'audit' ? audit.countBefore(before) : countDue(kind, before),
      before: new Date(before).toISOString(),
      digest: createHash('sha256').update(ids.join('\n')).digest('hex'),
    };
    audit.append({ actor: 'sextant', action: 'retention.deleted', object: kind, detail: { ...proof } });
    return proof;
  }

  return {
    preview: () => ({ kinds: RETENTION_KINDS.map(previewOf), blocked: clockProblem() }),
    delete() {
      const blocked = clockProblem();
      if (blocked !== null) {
        audit.append({ actor: 'sextant', action: 'retention.waits', object: '', detail: { reason: blocked } });
        remember.run(SEEN, String(now()));
        return { proofs: [], blocked };
      }
      const proofs = inTransaction(database, () => {
        remember.run(SEEN, String(now()));
        return RETENTION_KINDS.map(deleteKind).filter((proof) => proof !== null);
      });
      if (proofs.length > 0) database.pragma('wal_checkpoint(TRUNCATE)');
      return { proofs, blocked: null };
    },
  };
}
