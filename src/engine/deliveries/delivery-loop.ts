/**
 * Brings events from the outbox to destinations, at least once, each with one identifier: fans out, sends what is due, records what came of
 * it. Destinations do not wait for each other; events of one key keep their order; what fails for a week becomes a dead letter and an alert.
 */
import { toWire } from '#base/errors';
import type { Log } from '#base/log';
import { topicMatches, topicSpec, type TopicEvent } from '#contract/topics';
import type { AlertService } from '../alerts/alert-service';
import type { Clock } from '../schedules/clock';
import { inTransaction, type Database } from '../store/database';
import { toTopicEvent } from '../topics/event-stream';
import type { Outbox, OutboxRow } from '../topics/outbox';
import { createDeliveryTable, type LoadedDelivery } from './delivery-table';
import { createDestinationTable, type DestinationKind, type DestinationRow } from './destination-table';
import { LONGEST_WAIT_MS, retryAt } from './retry-schedule';

/** What became of one attempt. */
export type Outcome =
  | { readonly ok: true; readonly status: number | null }
  | {
      readonly ok: false;
      /** HTTP status where there was an answer. */
      readonly status: number | null;
      readonly error: string;
      readonly retryAfterMs?: number | undefined;
      /** The receiver says that it is gone for good. */
      readonly gone?: boolean;
    };

/** Sends one event to one destination. Throwing counts as a failure that is tried again. */
export type Transport = (destination: DestinationRow, event: TopicEvent, signal: AbortSignal) => Promise<Outcome>;

export interface DeliveryLoop {
  /** Looks at what is due, now. */
  tick(): void;
  /** Queues events of a destination again, oldest first. @returns how many */
  requeue(destination: DestinationRow, events: readonly OutboxRow[]): number;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Stops sending; what is under way is cut off and sent again at the next start. */
  close(): Promise<void>;
}

export interface DeliveryLoopOptions {
  readonly database: Database;
  readonly outbox: Pick<Outbox, 'after' | 'onPublished'>;
  readonly clock: Clock;
  readonly transports: Readonly<Record<DestinationKind, Transport>>;
  readonly alerts: Pick<AlertService, 'raise' | 'resolve'>;
  readonly log: Log;
  readonly random?: () => number;
  onChange(destination: string): void;
}

/** Sent at once to one destination. */
const AT_ONCE = 4;
const PAGE = 500;
const LOOK_MS = 60_000;

/** What orders events among each other: the field that its topic names, or the topic. */
export function keyOf({ topic, payload }: Pick<OutboxRow, 'topic' | 'payload'>): string {
  const field = topicSpec(topic)?.orderedBy;
  const value: unknown = field === undefined ? undefined : JSON.parse(payload)[field];
  return typeof value === 'string' ? value : topic;
}

export function createDeliveryLoop(options: DeliveryLoopOptions): DeliveryLoop {
  const { database, outbox, clock, transports, alerts, log, random = Math.random, onChange } = options;
  const destinations = createDestinationTable(database);
  const deliveries = createDeliveryTable(database);
  const closing = new AbortController();
  const inFlight = new Map<string, Promise<void>>();
  let cancelTimer: (() => void) | null = null;
  const stopListening = outbox.onPublished(tick);

  function topicsOf(row: DestinationRow): string[] {
    return JSON.parse(row.topics) as string[]; // written by the services, from the contract
  }

  /** Makes deliveries of what was published since the last time; repeating it changes nothing. */
  function fanOut(row: DestinationRow): void {
    for (let last = row.offered_through; ;) {
      const events = outbox.after(last, PAGE);
      if (events.length === 0) return;
      last = events[events.length - 1].seq;
      const wanted = events.filter(({ topic }) => topicsOf(row).some((pattern) => topicMatches(pattern, topic)));
      inTransaction(database, () => {
        for (const event of wanted) deliveries.insert({ ...queued(row.id, event), queued_at: clock.now() });
        destinations.offeredThrough(row.id, last);
      });
    }
  }

  const queued = (destination: string, event: OutboxRow) => ({ destination, event: event.seq, key: keyOf(event) });

  function startDue(row: DestinationRow): void {
    const now = clock.now();
    const under = [...inFlight.keys()].filter((name) => name.startsWith(`${row.id}/`)).length;
    const found = deliveries.due(row.id, now, now + 2 * LONGEST_WAIT_MS, AT_ONCE + under);
    for (const delivery of found) {
      const name = `${row.id}/${delivery.event}`;
      if (inFlight.has(name) || countOf(row.id) >= AT_ONCE) continue;
      const attempt = send(row, delivery).finally(() => {
        inFlight.delete(name);
        tick();
      });
      inFlight.set(name, attempt);
    }
  }

  const countOf = (destination: string): number =>
    [...inFlight.keys()].filter((name) => name.startsWith(`${destination}/`)).length;

  async function send(row: DestinationRow, delivery: LoadedDelivery): Promise<void> {
    const started = clock.monotonic();
    const event = toTopicEvent({ ...delivery, seq: delivery.event });
    const outcome = await transports[row.kind](row, event, closing.signal).catch((error: unknown): Outcome => ({
      ok: false,
      status: null,
      error: toWire(error).message,
    }));
    if (closing.signal.aborted) return;
    try {
      record(row, delivery, outcome, Math.round(clock.monotonic() - started));
    } catch (error) {
      // It stays due and is sent again with the same identifier.
      log.error('What became of a delivery could not be stored.', {
        destination: row.name,
        error: toWire(error).message,
      });
    }
  }

  function record(row: DestinationRow, delivery: LoadedDelivery, outcome: Outcome, ms: number): void {
    const now = clock.now();
    const attempts = delivery.attempts + 1;
    const next = outcome.ok
      ? now
      : retryAt({ queuedAt: delivery.queued_at, attempts, now, random, retryAfterMs: outcome.retryAfterMs });
    const status = outcome.ok ? 'delivered' : next === null ? 'dead' : 'pending';
    inTransaction(database, () => {
      deliveries.record({
        destination: row.id,
        event: delivery.event,
        status,
        due_at: next ?? now,
        last_at: now,
        last_status: outcome.status,
        last_error: outcome.ok ? null : outcome.error.slice(0, 500),
        last_ms: ms,
      });
      if (status === 'dead') {
        alerts.raise({
          rule: 'deliveries.dead-letter',
          severity: 'error',
          subject: row.name,
          message: `Events could not be delivered to ${row.name} for seven days (${outcome.ok ? '' : outcome.error}). They are kept; send them again when it answers: replay.`,
        });
      }
      if (!outcome.ok && outcome.gone === true) {
        destinations.disable(row.id, 'The receiver answered 410 Gone.', now);
        alerts.raise({
          rule: 'deliveries.disabled',
          severity: 'warning',
          subject: row.name,
          message: `${row.name} answered that it is gone (410) and was disabled. Enable it again when its address is right.`,
        });
      }
    });
    onChange(row.id);
  }

  function tick(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (closing.signal.aborted) return;
    let wait = LOOK_MS;
    for (const row of destinations.all()) {
      if (row.disabled_at !== null) continue;
      try {
        fanOut(row);
        startDue(row);
        const next = deliveries.nextDue(row.id, clock.now());
        if (next !== null) wait = Math.min(wait, Math.max(1, next - clock.now()));
      } catch (error) {
        log.error('Deliveries could not be looked at; they are tried again.', {
          destination: row.name,
          error: toWire(error).message,
        });
      }
    }
    cancelTimer = clock.after(wait, tick);
  }

  async function settled(): Promise<void> {
    while (inFlight.size > 0) await Promise.all(inFlight.values());
  }

  return {
    tick,
    settled,
    requeue(row, events) {
      inTransaction(database, () => {
        for (const event of events) deliveries.requeue({ ...queued(row.id, event), queued_at: clock.now() });
      });
      alerts.resolve('deliveries.dead-letter', row.name);
      tick();
      return events.length;
    },
    async close() {
      closing.abort();
      cancelTimer?.();
      stopListening();
      await settled();
    },
  };
}
