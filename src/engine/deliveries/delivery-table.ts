/** Rows of `deliveries`, typed. Of the deliveries of one key only the oldest that is pending may be sent, so that order is kept. */
import type { Database } from '../store/database';
import type { OutboxRow } from '../topics/outbox';

export interface DeliveryRow {
  readonly destination: string;
  /** Number of the event in the outbox. */
  readonly event: number;
  /** Events of one key are delivered in their order. */
  readonly key: string;
  readonly status: 'pending' | 'delivered' | 'dead';
  readonly queued_at: number;
  readonly due_at: number;
  readonly attempts: number;
  readonly last_at: number | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_ms: number | null;
}

/** A delivery with the event that it carries. */
export type LoadedDelivery = DeliveryRow & Pick<OutboxRow, 'id' | 'topic' | 'version' | 'at' | 'payload'>;

type NewDelivery = Pick<DeliveryRow, 'destination' | 'event' | 'key' | 'queued_at'>;
type Attempt = Pick<
  DeliveryRow,
  'destination' | 'event' | 'status' | 'due_at' | 'last_at' | 'last_status' | 'last_error' | 'last_ms'
>;

const LOADED = `SELECT d.*, o.id, o.topic, o.version, o.at, o.payload
  FROM deliveries d JOIN outbox o ON o.seq = d.event`;
const IS_FIRST = `NOT EXISTS (SELECT 1 FROM deliveries e
  WHERE e.destination = d.destination AND e.key = d.key AND e.event < d.event AND e.status = 'pending')`;

export function createDeliveryTable(database: Database) {
  const insert = database.prepare<[NewDelivery]>(
    `INSERT INTO deliveries (destination, event, key, status, queued_at, due_at)
     VALUES (@destination, @event, @key, 'pending', @queued_at, @queued_at) ON CONFLICT DO NOTHING`,
  );
  const requeue = database.prepare<[NewDelivery]>(
    `INSERT INTO deliveries (destination, event, key, status, queued_at, due_at)
     VALUES (@destination, @event, @key, 'pending', @queued_at, @queued_at)
     ON CONFLICT DO UPDATE SET status = 'pending', queued_at = excluded.queued_at, due_at = excluded.due_at, attempts = 0`,
  );
  // A due moment that is further off than any wait was set by a clock that has gone back since.
  const due = database.prepare<[{ destination: string; now: number; latest: number; limit: number }], LoadedDelivery>(
    `${LOADED} WHERE d.destination = @destination AND d.status = 'pending' AND ${IS_FIRST}
     AND (d.due_at <= @now OR d.due_at > @latest) ORDER BY d.due_at, d.event LIMIT @limit`,
  );
  const next = database
    .prepare<[string, number], number | null>(
      `SELECT min(d.due_at) FROM deliveries d
       WHERE d.destination = ? AND d.status = 'pending' AND d.due_at > ? AND ${IS_FIRST}`,
    )
    .pluck();
  const record = database.prepare<[Attempt]>(
    `UPDATE deliveries SET status = @status, due_at = @due_at, attempts = attempts + 1, last_at = @last_at,
     last_status = @last_status, last_error = @last_error, last_ms = @last_ms
     WHERE destination = @destination AND event = @event AND status = 'pending'`,
  );
  const where = 'd.destination = @destination AND (@status IS NULL OR d.status = @status)';
  const page = database.prepare<[Page], LoadedDelivery>(
    `${LOADED} WHERE ${where} ORDER BY d.event DESC LIMIT @limit OFFSET @offset`,
  );
  const total = database.prepare<[Page], number>(`SELECT count(*) FROM deliveries d WHERE ${where}`).pluck();
  const counts = database.prepare<[string], { status: DeliveryRow['status']; n: number }>(
    'SELECT status, count(*) AS n FROM deliveries WHERE destination = ? GROUP BY status',
  );

  return {
    /** Queues an event for a destination unless that has been done. */
    insert: (row: NewDelivery): void => void insert.run(row),
    /** Queues an event for a destination, again where it was queued before. */
    requeue: (row: NewDelivery): void => void requeue.run(row),
    due: (destination: string, now: number, latest: number, limit: number): LoadedDelivery[] =>
      due.all({ destination, now, latest, limit }),
    /** The next due moment after `now`; null where there is none. */
    nextDue: (destination: string, now: number): number | null => next.get(destination, now) ?? null,
    record: (attempt: Attempt): void => void record.run(attempt),
    list: (filter: Page) => ({ rows: page.all(filter), total: total.get(filter) ?? 0 }),
    counts(destination: string): Record<DeliveryRow['status'], number> {
      const found = { pending: 0, delivered: 0, dead: 0 };
      for (const { status, n } of counts.all(destination)) found[status] = n;
      return found;
    },
  };
}

interface Page {
  readonly destination: string;
  readonly status: DeliveryRow['status'] | null;
  readonly limit: number;
  readonly offset: number;
}
