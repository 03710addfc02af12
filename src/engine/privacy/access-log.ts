/** Every read of a sensitive kind (what is held, what is to be traded): who, by which road, when. */
import type { Database } from '../store/database';

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
  list(page: { readonly limit: number; readonly offset: number }): {
    readonly rows: readonly StoredAccess[];
    readonly total: number;
  };
}

export function createAccessLog(database: Database, now: () => number): AccessLog {
  const insert = database.prepare<[Access & { at: number }]>(
    'INSERT INTO accesses (at, actor, transport, operation, object) VALUES (@at, @actor, @transport, @operation, @object)',
  );
  const list = database.prepare<[number, number], StoredAccess>(
    'SELECT * FROM accesses ORDER BY seq DESC LIMIT ? OFFSET ?',
  );
  const count = database.prepare<[], number>('SELECT count(*) FROM accesses').pluck();
  return {
    append: (access) => void insert.run({ ...access, at: now() }),
    list: ({ limit, offset }) => ({ rows: list.all(limit, offset), total: count.get() ?? 0 }),
  };
}
