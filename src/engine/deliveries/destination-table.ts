/** Rows of `destinations`, typed: who is told of events. */
import type { Database } from '../store/database';

export const DESTINATION_KINDS = ['webhook', 'desktop', 'slack', 'pagerduty', 'email', 'redis'] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

export interface DestinationRow {
  readonly id: string;
  readonly kind: DestinationKind;
  readonly name: string;
  /** JSON: patterns of topics. */
  readonly topics: string;
  /** JSON: address, secrets and choices of the kind. */
  readonly config: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly disabled_reason: string | null;
  /** Events up to this number have become deliveries. */
  readonly offered_through: number;
}

export function createDestinationTable(database: Database) {
  const all = database.prepare<[], DestinationRow>('SELECT * FROM destinations ORDER BY name');
  const find = database.prepare<[string, string], DestinationRow>(
    'SELECT * FROM destinations WHERE id = ? OR name = ?',
  );
  const insert = database.prepare<[DestinationRow]>(
    `INSERT INTO destinations (id, kind, name, topics, config, created_at, disabled_at, disabled_reason, offered_through)
     VALUES (@id, @kind, @name, @topics, @config, @created_at, @disabled_at, @disabled_reason, @offered_through)`,
  );
  const update = database.prepare<[string, string, string, string]>(
    'UPDATE destinations SET name = ?, topics = ?, config = ? WHERE id = ?',
  );
  const disable = database.prepare<[number, string, string]>(
    'UPDATE destinations SET disabled_at = ?, disabled_reason = ? WHERE id = ?',
  );
  const enable = database.prepare<[number, string]>(
    'UPDATE destinations SET disabled_at = NULL, disabled_reason = NULL, offered_through = ? WHERE id = ?',
  );
  const offer = database.prepare<[number, string]>('UPDATE destinations SET offered_through = ? WHERE id = ?');
  const remove = database.prepare<[string]>('DELETE FROM destinations WHERE id = ?');

  return {
    all: (): DestinationRow[] => all.all(),
    find: (ref: string): DestinationRow | undefined => find.get(ref, ref),
    insert: (row: DestinationRow): void => void insert.run(row),
    update: ({ id, name, topics, config }: DestinationRow): void => void update.run(name, topics, config, id),
    disable: (id: string, reason: string, at: number): void => void disable.run(at, reason, id),
    /** What was published while it was disabled is not made up; `from` is where it goes on. */
    enable: (id: string, from: number): void => void enable.run(from, id),
    offeredThrough: (id: string, seq: number): void => void offer.run(seq, id),
    remove: (id: string): void => void remove.run(id),
  };
}
