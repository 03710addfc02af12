/**
 * Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a write that is sent twice with the same key works once and
 * is answered twice. The key is stored before the work begins and the answer when it has ended, so this holds over
 * restarts and kills too: where a kill fell between the two, a repeat is told that the outcome is unknown, and nothing runs.
 */
import { AppError } from '#base/errors';
import { inTransaction, type Database } from '../store/database';

export interface StoredAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

export interface KeyedRequest {
  /** Who asks: keys of different callers have nothing to do with each other. */
  readonly caller: string;
  readonly key: string;
  /** SHA-256 of everything that the request asks for. */
  readonly request: Uint8Array;
}

export interface IdempotencyKeys {
  /**
   * The answer of the first time, or null: then the caller works, and calls `finish` or `release`.
   * Errors: CONFLICT (in work; outcome unknown; answer not kept), INVALID_DATA (the key belongs to another request).
   */
  begin(request: KeyedRequest): StoredAnswer | null;
  /** `body` is null where the answer must not be kept. */
  finish(request: KeyedRequest, status: number, body: string | null): void;
  /** Nothing was done: the next request with this key is a first one. */
  release(request: KeyedRequest): void;
}

interface Row {
  readonly request: Uint8Array;
  readonly status: number | null;
  readonly answer: string | null;
}

/** Answers beyond this are not kept: they are documents, and can be asked for again. */
const LONGEST_ANSWER = 1_000_000;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

export interface IdempotencyOptions {
  readonly database: Database;
  /** UTC milliseconds. */
  now(): number;
  days(): number;
}

export function createIdempotencyKeys({ database, now, days }: IdempotencyOptions): IdempotencyKeys {
  const find = database.prepare<[string, string], Row>(
    'SELECT request, status, answer FROM idempotency_keys WHERE caller = ? AND key = ?',
  );
  const insert = database.prepare<[string, string, Uint8Array, number]>(
    'INSERT INTO idempotency_keys (caller, key, request, started_at) VALUES (?, ?, ?, ?)',
  );
  const finish = database.prepare<[string, string, Uint8Array, number, number, string | null]>(
    `INSERT INTO idempotency_keys (caller, key, request, started_at, status, answer) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (caller, key) DO UPDATE SET status = excluded.status, answer = excluded.answer`,
  );
  const remove = database.prepare<[string, string]>('DELETE FROM idempotency_keys WHERE caller = ? AND key = ?');
  const prune = database.prepare<[number]>('DELETE FROM idempotency_keys WHERE started_at < ?');
  /** What this process has begun; a row without an answer that is not among it was left by a kill. */
  const working = new Set<string>();
  let prunedAt = -Infinity;

  function pruneSometimes(): void {
    if (Math.abs(now() - prunedAt) < PRUNE_EVERY_MS) return;
    prunedAt = now();
    prune.run(now() - days() * DAY_MS);
  }

  return {
    begin({ caller, key, request }) {
      pruneSometimes();
      const row = inTransaction(database, () => {
        const known = find.get(caller, key);
        if (known === undefined) insert.run(caller, key, request, now());
        return known;
      });
      if (row === undefined) {
        working.add(nameOf({ caller, key }));
        return null;
      }
      if (Buffer.compare(row.request, request) !== 0) {
        throw new AppError(
          'INVALID_DATA',
          'Expected the same request as before under this Idempotency-Key, found another. Use a new key for a new request.',
        );
      }
      if (row.status === null) throw unanswered(working.has(nameOf({ caller, key })));
      if (row.answer === null) {
        throw new AppError(
          'CONFLICT',
          'The first request with this Idempotency-Key was done; its answer was a secret or a large document and was not kept. Nothing was done again.',
          { data: { status: row.status } },
        );
      }
      return { status: row.status, body: row.answer };
    },
    finish({ caller, key, request }, status, body) {
      const kept = body !== null && body.length > LONGEST_ANSWER ? null : body;
      finish.run(caller, key, request, now(), status, kept);
      working.delete(nameOf({ caller, key }));
    },
    release({ caller, key }) {
      remove.run(caller, key);
      working.delete(nameOf({ caller, key }));
    },
  };
}

function unanswered(isWorking: boolean): AppError {
  if (isWorking) {
    return new AppError(
      'CONFLICT',
      'The first request with this Idempotency-Key is still in work. Ask again in a moment.',
      {
        data: { retryAfterSeconds: 1 },
      },
    );
  }
  return new AppError(
    'CONFLICT',
    'Sextant stopped while it worked on the first request with this Idempotency-Key, so its outcome is unknown. Nothing was done again: look at what there is, and send what is still wanted under a new key.',
    { data: { outcome: 'unknown' } },
  );
}

const nameOf = ({ caller, key }: { caller: string; key: string }): string => `${caller}\n${key}`;
