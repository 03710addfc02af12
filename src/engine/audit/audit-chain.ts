/**
 * The chain of the audit log, as functions of its rows: each row is authenticated together with the code of the row before it
 * (HMAC-SHA-256), so that an edited, removed, inserted or moved row breaks every code behind it. What a chain alone cannot show, a cut tail
 * or an old file put back (Ma, Tsudik 2009), the anchors outside the database show.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Name of the secret in `meta`. It lies in the encrypted database and survives a change of the workspace key. */
export const AUDIT_SECRET = 'audit-secret';
/** What the first row follows. */
export const GENESIS: Uint8Array = new Uint8Array(32);

export interface AuditRow {
  readonly seq: number;
  /** UTC milliseconds. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  /** JSON text. */
  readonly detail: string;
  readonly prev: Uint8Array;
  readonly mac: Uint8Array;
}

/** Rows up to `upto` were removed by age; `head` is the code of the last of them. */
export interface AuditCheckpoint {
  readonly upto: number;
  readonly at: number;
  readonly removed: number;
  readonly head: Uint8Array;
  readonly mac: Uint8Array;
}

/** The head of the chain as it was written outside the database. */
export interface AuditAnchor {
  readonly seq: number;
  readonly at: number;
  readonly mac: Uint8Array;
}

export interface AuditFault {
  /** Null where it is about the log as a whole. */
  readonly seq: number | null;
  readonly problem: string;
}

export function rowMac(secret: Uint8Array, row: Omit<AuditRow, 'mac'>): Uint8Array {
  const { seq, at, actor, action, object, detail, prev } = row;
  return createHmac('sha256', secret)
    .update('row\n')
    .update(prev)
    .update(JSON.stringify([seq, at, actor, action, object, detail]))
    .digest();
}

export function checkpointMac(
  secret: Uint8Array,
  { upto, at, removed, head }: Omit<AuditCheckpoint, 'mac'>,
): Uint8Array {
  return createHmac('sha256', secret)
    .update('checkpoint\n')
    .update(head)
    .update(JSON.stringify([upto, at, removed]))
    .digest();
}

export function anchorMac(secret: Uint8Array, { seq, at, mac }: AuditAnchor): Uint8Array {
  return createHmac('sha256', secret)
    .update('anchor\n')
    .update(mac)
    .update(JSON.stringify([seq, at]))
    .digest();
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Follows the chain row by row; the first break is what is wrong, everything behind it follows from that. */
export class ChainCheck {
  readonly #secret: Uint8Array;
  readonly #start: number;
  readonly #anchors: ReadonlyMap<number, Uint8Array>;
  #prev: Uint8Array;
  #seq: number;
  #fault: AuditFault | null = null;
  #rows = 0;

  constructor(secret: Uint8Array, checkpoints: readonly AuditCheckpoint[], anchors: readonly AuditAnchor[]) {
    this.#secret = secret;
    for (const checkpoint of checkpoints) {
      if (!equalBytes(checkpoint.mac, checkpointMac(secret, checkpoint))) {
        this.#fail(checkpoint.upto, 'The checkpoint of a pruning was not written by this workspace.');
      }
    }
    const last = checkpoints.reduce<AuditCheckpoint | null>(
      (newest, each) => (newest === null || each.upto > newest.upto ? each : newest),
      null,
    );
    this.#seq = last?.upto ?? 0;
    this.#start = this.#seq;
    this.#prev = last?.head ?? GENESIS;
    this.#anchors = new Map(anchors.map(({ seq, mac }) => [seq, mac]));
  }

  /** False once a break was found: the rest needs no reading. */
  add(row: AuditRow): boolean {
    if (this.#fault !== null) return false;
    if (row.seq !== this.#seq + 1) return this.#fail(row.seq, `Expected row ${this.#seq + 1}, found row ${row.seq}.`);
    if (!equalBytes(row.prev, this.#prev)) return this.#fail(row.seq, 'The row does not follow the one before it.');
    if (!equalBytes(row.mac, rowMac(this.#secret, row))) return this.#fail(row.seq, 'The row was changed.');
    const anchored = this.#anchors.get(row.seq);
    if (anchored !== undefined && !equalBytes(anchored, row.mac)) {
      return this.#fail(row.seq, 'The row is not the one that was anchored outside the database.');
    }
    this.#seq = row.seq;
    this.#prev = row.mac;
    this.#rows++;
    return true;
  }

  /** @param lastAnchored what the database remembers of its own last anchor */
  finish(lastAnchored: number): { readonly rows: number; readonly head: number; readonly fault: AuditFault | null } {
    const newest = Math.max(0, ...this.#anchors.keys());
    if (newest > this.#seq) {
      this.#fail(
        null,
        `Expected rows up to ${newest}, which were anchored; found ${this.#seq}. The end was cut off or an old file put back.`,
      );
    } else if (newest < lastAnchored && lastAnchored > this.#start) {
      this.#fail(
        null,
        `Expected anchors up to row ${lastAnchored}, found ${newest}. The file of anchors was cut or removed.`,
      );
    }
    return { rows: this.#rows, head: this.#seq, fault: this.#fault };
  }

  #fail(seq: number | null, problem: string): false {
    this.#fault ??= { seq, problem };
    return false;
  }
}
