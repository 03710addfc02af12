/** What every kind of destination has in common: found by name, listed with its deliveries, switched on and off, replayed, removed. */
import { AppError } from '#base/errors';
import { topicMatches } from '#contract/topics';
import type { Delivery } from '#contract/webhooks';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import type { Outbox, OutboxRow } from '../topics/outbox';
import type { DeliveryLoop } from './delivery-loop';
import { createDeliveryTable, type DeliveryRow, type LoadedDelivery } from './delivery-table';
import { createDestinationTable, type DestinationKind, type DestinationRow } from './destination-table';

export interface DestinationsOptions {
  readonly database: Database;
  readonly outbox: Pick<Outbox, 'after' | 'head'>;
  readonly loop: Pick<DeliveryLoop, 'tick' | 'requeue'>;
  readonly audit: Pick<AuditLog, 'append'>;
  now(): number;
  onChange(destination: string, action: 'created' | 'updated' | 'removed'): void;
}

export interface Replay {
  readonly event?: number | undefined;
  readonly since?: string | undefined;
}

const PAGE = 500;

/** @param noun how people call one, for messages and commands: `webhook` */
export function createDestinations(
  { database, outbox, loop, audit, now, onChange }: DestinationsOptions,
  noun: 'webhook' | 'channel',
  kinds: readonly DestinationKind[],
) {
  const table = createDestinationTable(database);
  const deliveries = createDeliveryTable(database);

  function find(ref: string): DestinationRow {
    const row = table.find(ref);
    if (row !== undefined && kinds.includes(row.kind)) return row;
    throw new AppError('NOT_FOUND', `Expected a ${noun} "${ref}", found none. List them with: sextant ${noun}s list.`);
  }

  function note(action: string, row: DestinationRow, actor: string): void {
    audit.append({ actor, action: `${noun}.${action}`, object: row.id, detail: { name: row.name, kind: row.kind } });
  }

  function create(given: Pick<DestinationRow, 'kind' | 'name' | 'topics' | 'config'>, actor: string): DestinationRow {
    const row: DestinationRow = {
      ...given,
      id: createUlid(now()),
      created_at: now(),
      disabled_at: null,
      disabled_reason: null,
      offered_through: outbox.head(),
    };
    inTransaction(database, () => {
      if (table.find(row.name) !== undefined) {
        throw new AppError('CONFLICT', `Expected a new name, found that "${row.name}" is taken. Choose another.`);
      }
      table.insert(row);
      note('created', row, actor);
    });
    onChange(row.id, 'created');
    return row;
  }

  function change(ref: string, actor: string, action: string, write: (row: DestinationRow) => void): DestinationRow {
    const { id } = find(ref);
    inTransaction(database, () => {
      write(find(id));
      note(action, find(id), actor);
    });
    onChange(id, 'updated');
    loop.tick();
    return find(id);
  }

  function replay(ref: string, { event, since }: Replay, actor: string): number {
    const row = find(ref);
    const events = event !== undefined ? one(event) : since !== undefined ? after(row, Date.parse(since)) : dead(row);
    note('replayed', row, actor);
    return loop.requeue(row, events);
  }

  function one(seq: number): OutboxRow[] {
    const found = outbox.after(seq - 1, 1).filter((row) => row.seq === seq);
    if (found.length > 0) return found;
    throw new AppError('NOT_FOUND', `Expected an event number ${seq}, found none. It may have been deleted by age.`);
  }

  /** Events for this destination since a moment, whatever became of them. */
  function after(row: DestinationRow, at: number): OutboxRow[] {
    const patterns = topicsOf(row);
    const found: OutboxRow[] = [];
    for (let last = 0; ;) {
      const rows = outbox.after(last, PAGE);
      if (rows.length === 0) return found;
      last = rows[rows.length - 1].seq;
      found.push(...rows.filter((e) => e.at >= at && patterns.some((pattern) => topicMatches(pattern, e.topic))));
    }
  }

  function dead(row: DestinationRow): OutboxRow[] {
    const found: OutboxRow[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const { rows } = deliveries.list({ destination: row.id, status: 'dead', limit: PAGE, offset });
      found.push(...rows.map(({ event, ...rest }) => ({ ...rest, seq: event })));
      if (rows.length < PAGE) return found.sort((a, b) => a.seq - b.seq);
    }
  }

  return {
    find,
    create,
    replay,
    change,
    all: (): DestinationRow[] => table.all().filter(({ kind }) => kinds.includes(kind)),
    counts: (row: DestinationRow) => deliveries.counts(row.id),
    update: (ref: string, next: (row: DestinationRow) => DestinationRow, actor: string, action = 'updated') =>
      change(ref, actor, action, (row) => table.update(next(row))),
    disable: (ref: string, actor: string) =>
      change(ref, actor, 'disabled', ({ id }) => table.disable(id, `Disabled by ${actor}.`, now())),
    enable: (ref: string, actor: string) => change(ref, actor, 'enabled', ({ id }) => table.enable(id, outbox.head())),
    remove(ref: string, actor: string): string {
      const row = find(ref);
      inTransaction(database, () => {
        table.remove(row.id);
        note('removed', row, actor);
      });
      onChange(row.id, 'removed');
      return row.id;
    },
    list(ref: string, status: DeliveryRow['status'] | undefined, limit: number, offset: number) {
      const { rows, total } = deliveries.list({ destination: find(ref).id, status: status ?? null, limit, offset });
      return { deliveries: rows.map(toDelivery), total };
    },
  };
}
export type Destinations = ReturnType<typeof createDestinations>;

export function topicsOf(row: DestinationRow): string[] {
  return JSON.parse(row.topics) as string[]; // written by `create` and `update`, from the contract
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export function headingOf(row: DestinationRow) {
  return {
    id: row.id,
    name: row.name,
    topics: topicsOf(row),
    createdAt: new Date(row.created_at).toISOString(),
    disabledAt: instant(row.disabled_at),
    disabledReason: row.disabled_reason,
  };
}

function toDelivery(row: LoadedDelivery): Delivery {
  return {
    event: row.event,
    id: row.id,
    topic: row.topic,
    publishedAt: new Date(row.at).toISOString(),
    status: row.status,
    attempts: row.attempts,
    dueAt: row.status === 'pending' ? instant(row.due_at) : null,
    lastAt: instant(row.last_at),
    lastStatus: row.last_status,
    lastError: row.last_error,
    lastMs: row.last_ms,
  };
}
