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

/** One kind of data that goes by age, wherever it is kept. `before` is in UTC milliseconds. */
export interface Retained {
  readonly title: string;
  /** Identifiers of what is older, in a fixed order. */
  due(before: number): readonly string[];
  countDue(before: number): number;
  count(): number;
  /** @returns how many are gone */
  remove(before: number): number;
}

/** Kinds that are no rows of a table. */
export type RetainedFiles = Readonly<Record<'logs', Retained>>;

interface Kind {
  readonly title: string;
  /** Identifiers of rows older than the bound parameter, in a fixed order. */
  readonly due: string;
  readonly all: string;
  readonly remove: string;
}

const DAY_MS = 86_400_000;
const SEEN = 'retention-seen';
const SETTLED = `NOT EXISTS (SELECT 1 FROM deliveries WHERE event = outbox.seq AND status = 'pending')`;
const ENDED = 'SELECT id FROM jobs WHERE finished_at < ?';

/** The audit log is not here: it is pruned behind a signed checkpoint. */
const TABLES: Readonly<Record<Exclude<RetentionKindId, 'audit' | keyof RetainedFiles>, Kind>> = {
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
  events: {
    title: 'Events',
    due: `SELECT seq FROM outbox WHERE at < ? AND ${SETTLED} ORDER BY seq`,
    all: 'SELECT count(*) FROM outbox',
    remove: `DELETE FROM outbox WHERE at < ? AND ${SETTLED}`,
  },
  signals: {
    title: 'Signals',
    due: 'SELECT id FROM signals WHERE received_at < ? ORDER BY id',
    all: 'SELECT count(*) FROM signals',
    remove: 'DELETE FROM signals WHERE received_at < ?',
  },
  traces: {
    title: 'Traces',
    due: "SELECT trace || ':' || span FROM spans WHERE start_us < ? * 1000 ORDER BY seq",
    all: 'SELECT count(*) FROM spans',
    remove: 'DELETE FROM spans WHERE start_us < ? * 1000',
  },
};

export interface RetentionOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly files: RetainedFiles;
  config(): PrivacyConfig;
  now(): number;
  /** False for a day after the clock leapt while this host ran. */
  clockTrusted(): boolean;
}

export function createRetention({ database, audit, files, config, now, clockTrusted }: RetentionOptions): Retention {
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

  function inTable({ title, due, all, remove }: Kind): Retained {
    const countDue = (before: number): number =>
      database.prepare<[number], number>(`SELECT count(*) FROM (${due})`).pluck().get(before) ?? 0;
    return {
      title,
      due: (before) => database.prepare<[number], string | number>(due).pluck().all(before).map(String),
      countDue,
      count: () => database.prepare<[], number>(all).pluck().get() ?? 0,
      remove(before) {
        const removed = countDue(before);
        if (removed > 0) database.prepare<[number]>(remove).run(before);
        return removed;
      },
    };
  }

  const inAudit: Retained = {
    title: 'Audit log',
    due: () => [], // its checkpoint says more than a list of rows
    countDue: (before) => audit.countBefore(before),
    count: () => database.prepare<[], number>('SELECT count(*) FROM audit').pluck().get() ?? 0,
    remove: (before) => audit.prune(before).removed,
  };

  function retained(kind: RetentionKindId): Retained {
    if (kind === 'audit') return inAudit;
    return kind === 'logs' ? files[kind] : inTable(TABLES[kind]);
  }

  function previewOf(kind: RetentionKindId): RetentionPreview {
    const days = config().retention[kind];
    const { title, countDue, count } = retained(kind);
    const due = countDue(days === null ? 0 : now() - days * DAY_MS);
    return { kind, title, days, due, kept: count() - due };
  }

  function deleteKind(kind: RetentionKindId): DeletionProof | null {
    const days = config().retention[kind];
    if (days === null) return null;
    const before = now() - days * DAY_MS;
    const { due, countDue, remove } = retained(kind);
    const ids = due(before);
    const removed = remove(before);
    if (removed === 0) return null;
    const proof: DeletionProof = {
      kind,
      removed,
      remaining: countDue(before),
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
