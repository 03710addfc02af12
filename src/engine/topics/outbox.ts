/**
 * The outbox: what other programs are told, written in the transaction of the change itself, so that a crash leaves both or neither.
 * Readers see rows in order and only after their transaction has ended; a row never changes.
 */
import { AppError } from '#base/errors';
import { topicSpec, type PayloadOf, type Topic } from '#contract/topics';
import type { Database } from '../store/database';
import { createUlid } from '../store/ulid';

/** Publishes inside the caller's transaction. @returns the event's identifier. Errors: INTERNAL where the payload is not the topic's, or no transaction is open. */
export type Publish = <T extends Topic>(topic: T, payload: PayloadOf<T>) => string;

export interface OutboxRow {
  /** Ascending, without the numbers of what was rolled back being missed by a reader. */
  readonly seq: number;
  readonly id: string;
  readonly topic: string;
  readonly version: number;
  /** UTC milliseconds. */
  readonly at: number;
  /** JSON. */
  readonly payload: string;
}

export interface Outbox {
  readonly publish: Publish;
  /** Rows behind `seq`, in order. */
  after(seq: number, limit: number): OutboxRow[];
  /** Number of the newest row; 0 where there is none. */
  head(): number;
  /** Calls back, in a later turn, after rows were published. @returns stops it */
  onPublished(listener: () => void): () => void;
}

export interface OutboxOptions {
  readonly database: Database;
  now(): number;
}

export function createOutbox({ database, now }: OutboxOptions): Outbox {
  const insert = database.prepare<[Omit<OutboxRow, 'seq'>]>(
    'INSERT INTO outbox (id, topic, version, at, payload) VALUES (@id, @topic, @version, @at, @payload)',
  );
  const page = database.prepare<[number, number], OutboxRow>('SELECT * FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?');
  const newest = database.prepare<[], number | null>('SELECT max(seq) FROM outbox').pluck();
  const listeners = new Set<() => void>();
  let isTelling = false;

  function publish(topic: Topic, payload: unknown): string {
    const spec = topicSpec(topic);
    const parsed = spec?.payload.safeParse(payload);
    if (spec === null || parsed?.success !== true) {
      const found =
        spec === null
          ? 'no such topic'
          : parsed?.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
      throw new AppError('INTERNAL', `Expected a payload of the topic ${topic}, found ${found}. Nothing was stored.`);
    }
    if (!database.inTransaction) {
      throw new AppError('INTERNAL', `Expected ${topic} to be published in the transaction of its change, found none.`);
    }
    const at = now();
    const id = createUlid(at);
    insert.run({ id, topic, version: spec.version, at, payload: JSON.stringify(parsed.data) });
    tellLater();
    return id;
  }

  /** In a later turn, when the transaction has ended one way or the other; listeners read what is there then. */
  function tellLater(): void {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      for (const listener of listeners) listener();
    });
  }

  return {
    publish,
    after: (seq, limit) => page.all(seq, limit),
    head: () => newest.get() ?? 0,
    onPublished(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
