/**
 * The chain of the audit log, as functions of its rows: each row is authenticated together with the code of the row before it
 * (HMAC-SHA-256), so that an edited, removed, inserted or moved row breaks every code behind it. What a chain alone cannot show, a cut tail
 * or an old file put back (Ma, Tsudik 2009), the anchors outside the database show.
 */
import { hash, timingSafeEqual } from 'node:crypto';

/** Name of the secret in `meta`. It lies in the encrypted database and survives a change of the workspace key. */
export const AUDIT_SECRET = 'audit-secret';
/** What the first row follows. */
export const GENESIS: Uint8Array = new Uint8Array(32);
const BLOCK_BYTES = 64;

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

/**
 * HMAC-SHA-256 (RFC 2104) from two one-shot hashes: fifteen times faster on short messages than the streaming object, which counts when a
 * million rows are proved.
 */
export class ChainKey {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @param secret at most 64 bytes */
  constructor(secret: Uint8Array) {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(secret);
    this.#inner = block.map((byte) => byte ^ 0x36) as Buffer; // a Buffer maps to a Buffer
    this.#outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  }

  sign(...parts: readonly (string | Uint8Array)[]): Uint8Array {
    const message = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
    this.#outer.set(hash('sha256', Buffer.concat([this.#inner, ...message]), 'buffer'), BLOCK_BYTES);
    return hash('sha256', this.#outer, 'buffer');
  }
}

export function rowMac(key: ChainKey, row: Omit<AuditRow, 'mac'>): Uint8Array {
  const { seq, at, actor, action, object, detail, prev } = row;
  return key.sign('row\n', prev, JSON.stringify([seq, at, actor, action, object, detail]));
}

export function checkpointMac(key: ChainKey, { upto, at, removed, head }: Omit<AuditCheckpoint, 'mac'>): Uint8Array {
  return key.sign('checkpoint\n', head, JSON.stringify([upto, at, removed]));
}

export function anchorMac(key: ChainKey, { seq, at, mac }: AuditAnchor): Uint8Array {
  return key.sign('anchor\n', mac, JSON.stringify([seq, at]));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Follows the chain row by row; the first break is what is wrong, everything behind it follows from that. */
export class ChainCheck {
  readonly #key: ChainKey;
  readonly #start: number;
  readonly #anchors: ReadonlyMap<number, Uint8Array>;
  #prev: Uint8Array;
  #seq: number;
  #fault: AuditFault | null = null;
  #rows = 0;

  constructor(key: ChainKey, checkpoints: readonly AuditCheckpoint[], anchors: readonly AuditAnchor[]) {
    this.#key = key;
    for (const checkpoint of checkpoints) {
      if (!equalBytes(checkpoint.mac, checkpointMac(key, checkpoint))) {
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
    if (!equalBytes(row.mac, rowMac(this.#key, row))) return this.#fail(row.seq, 'The row was changed.');
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
