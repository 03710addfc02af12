/**
 * Every read of a sensitive kind (what is held, what is to be traded): who, by which road, when. On a full disk reading goes on: entries
 * are kept in memory, in order and with their times, and stored as soon as there is room.
 */
import { inTransaction, type Database } from '../store/database';
import { isFullDisk } from '../store/store-error';

export interface Access {
  readonly actor: string;
  readonly transport: string;
  readonly operation: string;
  readonly object: string;
}

export interface StoredAccess extends Access {
  readonly seq: number;
  /** UTC milliseconds. */
  readonly at: number;
}

export interface AccessLog {
  append(access: Access): void;
  /** Stores what had to wait; what still has to wait stays. */
  flush(): void;
  list(page: { readonly limit: number; readonly offset: number }): {
    readonly rows: readonly StoredAccess[];
    readonly total: number;
  };
}

/** Reads beyond these are refused until there is room. */
const MOST_WAITING = 10_000;

export function createAccessLog(database: Database, now: () => number): AccessLog {
  const insert = database.prepare<[Access & { at: number }]>(
    'INSERT INTO accesses (at, actor, transport, operation, object) VALUES (@at, @actor, @transport, @operation, @object)',
  );
  const list = database.prepare<[number, number], StoredAccess>(
    'SELECT * FROM accesses ORDER BY seq DESC LIMIT ? OFFSET ?',
  );
  const count = database.prepare<[], number>('SELECT count(*) FROM accesses').pluck();
  let waiting: (Access & { at: number })[] = [];

  function store(rows: readonly (Access & { at: number })[]): void {
    inTransaction(database, () => {
      for (const row of rows) insert.run(row);
    });
  }

  function flush(): void {
    if (waiting.length === 0) return;
    try {
      store(waiting);
      waiting = [];
    } catch (error) {
      if (!isFullDisk(error)) throw error;
    }
  }

  return {
    append(access) {
      const row = { ...access, at: now() };
      try {
        store([...waiting, row]);
        waiting = [];
      } catch (error) {
        if (!isFullDisk(error) || waiting.length >= MOST_WAITING) throw error;
        waiting.push(row);
      }
    },
    flush,
    list: ({ limit, offset }) => ({ rows: list.all(limit, offset), total: count.get() ?? 0 }),
  };
}
