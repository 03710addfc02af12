/** Rows of `holdings`, typed: written once, never changed. */
import type { Database } from '../store/database';

export interface HoldingsRow {
  readonly id: string;
  readonly account: string;
  readonly version: number;
  /** ISO day. */
  readonly as_of: string;
  readonly content_hash: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly source: string;
  readonly document: string;
}

export function createHoldingsTable(database: Database) {
  const byId = database.prepare<[string], HoldingsRow>('SELECT * FROM holdings WHERE id = ?');
  const newest = database.prepare<[string, string], HoldingsRow>(
    'SELECT * FROM holdings WHERE account = ? AND as_of <= ? ORDER BY as_of DESC, version DESC LIMIT 1',
  );
  const next = database
    .prepare<[string], number>('SELECT coalesce(max(version), 0) + 1 FROM holdings WHERE account = ?')
    .pluck();
  const insert = database.prepare<[HoldingsRow]>(
    `INSERT INTO holdings (id, account, version, as_of, content_hash, created_at, created_by, source, document)
     VALUES (@id, @account, @version, @as_of, @content_hash, @created_at, @created_by, @source, @document)`,
  );
  const where = '(@account IS NULL OR account = @account)';
  const page = database.prepare<[{ account: string | null; limit: number; offset: number }], HoldingsRow>(
    `SELECT * FROM holdings WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT @limit OFFSET @offset`,
  );
  const count = database
    .prepare<[{ account: string | null }], number>(`SELECT count(*) FROM holdings WHERE ${where}`)
    .pluck();

  return {
    find: (id: string): HoldingsRow | undefined => byId.get(id),
    /** The newest book of a day at or before `on`. */
    newest: (account: string, on = '9999-12-31'): HoldingsRow | undefined => newest.get(account, on),
    nextVersion: (account: string): number => next.get(account) ?? 1,
    insert: (row: HoldingsRow): void => void insert.run(row),
    list(account: string | undefined, limit: number, offset: number) {
      const filter = { account: account ?? null };
      return { rows: page.all({ ...filter, limit, offset }), total: count.get(filter) ?? 0 };
    },
  };
}
