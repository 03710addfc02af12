/**
 * The audit log: who did what, chained and anchored. A row is appended inside the transaction of what it tells about, or right after it;
 * nothing here changes a row, and rows leave only by age, behind a signed checkpoint.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '#base/async';
import type { Log } from '#base/log';
import { inTransaction, type Database } from '../store/database';
import { openAnchorFile } from './anchor-file';
import {
  AUDIT_SECRET,
  ChainCheck,
  ChainKey,
  checkpointMac,
  GENESIS,
  rowMac,
  type AuditCheckpoint,
  type AuditFault,
  type AuditRow,
} from './audit-chain';

export interface AuditEntry {
  readonly actor: string;
  /** `runs.start`, `holdout-opened`, `model.promoted`, … */
  readonly action: string;
  /** What it was done to; '' where there is no one thing. */
  readonly object: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditHead {
  readonly seq: number;
  /** Code of the newest row, hexadecimal: what a backup or a receiver keeps to prove the log later. */
  readonly mac: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  readonly rows: number;
  readonly anchors: number;
  readonly head: number;
  readonly fault: AuditFault | null;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly object?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface AuditLog {
  append(entry: AuditEntry): void;
  list(filter: AuditFilter): { readonly rows: readonly AuditRow[]; readonly total: number };
  head(): AuditHead;
  /** Lets other work in between; one million rows take a few seconds. */
  verify(signal?: AbortSignal): Promise<AuditVerdict>;
  /** Rows older than `before` (UTC milliseconds). */
  countBefore(before: number): number;
  prune(before: number): { readonly removed: number };
  /** Anchors the head, as closing does. */
  anchor(): void;
  close(): void;
}

export interface AuditLogOptions {
  readonly database: Database;
  readonly folder: string;
  readonly log: Log;
  now(): number;
}

const ANCHOR_ROWS = 100;
const ANCHOR_MS = 60_000;
const PAGE = 5_000;
const ANCHORED = 'audit-anchored';

export function createAuditLog({ database, folder, log, now }: AuditLogOptions): AuditLog {
  const meta = database.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
  const key = new ChainKey(Buffer.from(meta.get(AUDIT_SECRET) ?? '', 'hex'));
  const anchors = openAnchorFile(folder, key);
  const newest = database.prepare<[], Pick<AuditRow, 'seq' | 'mac'>>(
    'SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1',
  );
  const checkpoints = database.prepare<[], AuditCheckpoint>('SELECT * FROM audit_checkpoints ORDER BY upto');
  const insert = database.prepare<[AuditRow]>(
    `INSERT INTO audit (seq, at, actor, action, object, detail, prev, mac)
     VALUES (@seq, @at, @actor, @action, @object, @detail, @prev, @mac)`,
  );
  const page = database.prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
  const before = database
    .prepare<[number], number>(
      // Only what lies before the first young row: a clock that jumped leaves no gap.
      'SELECT coalesce((SELECT min(seq) FROM audit WHERE at >= ?), (SELECT max(seq) + 1 FROM audit), 1) - 1',
    )
    .pluck();
  const count = database.prepare<[number], number>('SELECT count(*) FROM audit WHERE seq <= ?').pluck();
  const macOf = database.prepare<[number], Uint8Array>('SELECT mac FROM audit WHERE seq = ?').pluck();
  const remember = database.prepare<[string, string]>(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  let anchored = Number(meta.get(ANCHORED) ?? 0);
  let isAnchoring = false;
  let isClosed = false;
  const timer = setInterval(anchorSoon, ANCHOR_MS);
  timer.unref();

  function headRow(): Pick<AuditRow, 'seq' | 'mac'> {
    const row = newest.get();
    if (row !== undefined) return row;
    const last = checkpoints.all().at(-1);
    return last === undefined ? { seq: 0, mac: GENESIS } : { seq: last.upto, mac: last.head };
  }

  function append({ actor, action, object, detail = {} }: AuditEntry): void {
    inTransaction(database, () => {
      const { seq: last, mac: prev } = headRow();
      const row = { seq: last + 1, at: now(), actor, action, object, detail: JSON.stringify(detail), prev };
      insert.run({ ...row, mac: rowMac(key, row) });
      if (row.seq - anchored >= ANCHOR_ROWS) anchorSoon();
    });
  }

  /** In a later turn, when the transaction around the newest row has ended one way or the other. */
  function anchorSoon(): void {
    if (isAnchoring) return;
    isAnchoring = true;
    setImmediate(() => {
      isAnchoring = false;
      if (isClosed) return;
      try {
        anchor();
      } catch (error) {
        log.error('The audit log could not be anchored outside the database.', { error: String(error) });
      }
    });
  }

  function anchor(): void {
    const { seq, mac } = headRow();
    if (seq <= anchored) return;
    anchors.append({ seq, at: now(), mac });
    remember.run(ANCHORED, String(seq));
    anchored = seq;
  }

  async function verify(signal?: AbortSignal): Promise<AuditVerdict> {
    const lastAnchored = anchored;
    const { anchors: known, forged } = anchors.read();
    const check = new ChainCheck(key, checkpoints.all(), known);
    let last = 0;
    for (;;) {
      const rows = page.all(last, PAGE);
      if (rows.length === 0 || !rows.every((row) => check.add(row))) break;
      last = rows[rows.length - 1].seq;
      await nextTurn();
      throwIfCancelled(signal);
    }
    const { rows, head, fault: broken } = check.finish(lastAnchored);
    const fault =
      broken ?? (forged === 0 ? null : { seq: null, problem: `${forged} anchors were not written by this workspace.` });
    return { intact: fault === null, rows, anchors: known.length, head, fault };
  }

  function prune(cutoff: number): { readonly removed: number } {
    const upto = before.get(cutoff) ?? 0;
    const removed = count.get(upto) ?? 0;
    const head = macOf.get(upto);
    if (removed === 0 || head === undefined) return { removed: 0 };
    anchor();
    inTransaction(database, () => {
      const checkpoint = { upto, at: now(), removed, head };
      database
        .prepare('INSERT INTO audit_checkpoints (upto, at, removed, head, mac) VALUES (?, ?, ?, ?, ?)')
        .run(upto, checkpoint.at, removed, head, checkpointMac(key, checkpoint));
      database.prepare('DELETE FROM audit WHERE seq <= ?').run(upto);
      append({ actor: 'sextant', action: 'audit.pruned', object: '', detail: { upto, removed } });
    });
    return { removed };
  }

  function list({ action, actor, object, limit, offset }: AuditFilter) {
    const where =
      '(@action IS NULL OR action = @action) AND (@actor IS NULL OR actor = @actor) AND (@object IS NULL OR object = @object)';
    const given = { action: action ?? null, actor: actor ?? null, object: object ?? null };
    const rows = database
      .prepare<[unknown], AuditRow>(`SELECT * FROM audit WHERE ${where} ORDER BY seq DESC LIMIT @limit OFFSET @offset`)
      .all({ ...given, limit, offset });
    const total =
      database.prepare<[unknown], number>(`SELECT count(*) FROM audit WHERE ${where}`).pluck().get(given) ?? 0;
    return { rows, total };
  }

  return {
    append,
    list,
    verify,
    prune,
    anchor,
    head() {
      const { seq, mac } = headRow();
      return { seq, mac: Buffer.from(mac).toString('hex') };
    },
    countBefore: (cutoff) => count.get(before.get(cutoff) ?? 0) ?? 0,
    close() {
      clearInterval(timer);
      isClosed = true;
      anchor();
    },
  };
}
