/** Rows of `tokens`, typed. A row is never deleted: who could call, and until when, stays known. */
import type { Database } from '../store/database';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly proof_id: string;
  /** JSON. */
  readonly scopes: string;
  /** Null: as configured. */
  readonly per_minute: number | null;
  /** What a rotation grants anew; null without end. */
  readonly lifetime_days: number | null;
  /** UTC milliseconds, like the others. */
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

export function createTokenTable(database: Database) {
  const page = database.prepare<[number, number], TokenRow>('SELECT * FROM tokens ORDER BY id DESC LIMIT ? OFFSET ?');
  const count = database.prepare<[], number>('SELECT count(*) FROM tokens').pluck();
  const standing = database.prepare<[], TokenRow>('SELECT * FROM tokens WHERE revoked_at IS NULL ORDER BY id');
  // A name may have belonged to revoked tokens before; the one that stands comes first.
  const one = database.prepare<[string, string], TokenRow>(
    'SELECT * FROM tokens WHERE id = ? OR name = ? ORDER BY revoked_at IS NOT NULL, id DESC LIMIT 1',
  );
  const insert = database.prepare<[TokenRow]>(
    `INSERT INTO tokens (id, name, hash, proof_id, scopes, per_minute, lifetime_days, created_at, rotated_at, expires_at,
       last_used_at, revoked_at)
     VALUES (@id, @name, @hash, @proof_id, @scopes, @per_minute, @lifetime_days, @created_at, @rotated_at, @expires_at,
       @last_used_at, @revoked_at)`,
  );
  const rotate = database.prepare<[Uint8Array, string, number, number | null, string]>(
    'UPDATE tokens SET hash = ?, proof_id = ?, rotated_at = ?, expires_at = ? WHERE id = ?',
  );
  const limit = database.prepare<[number | null, string]>('UPDATE tokens SET per_minute = ? WHERE id = ?');
  const revoke = database.prepare<[number, string]>('UPDATE tokens SET revoked_at = ? WHERE id = ?');
  const use = database.prepare<[number, string]>('UPDATE tokens SET last_used_at = ? WHERE id = ?');

  return {
    page: (limitRows: number, offset: number) => ({ rows: page.all(limitRows, offset), total: count.get() ?? 0 }),
    /** Those that are not revoked; some may be at their end. */
    standing: () => standing.all(),
    find: (ref: string) => one.get(ref, ref),
    insert: (row: TokenRow): void => void insert.run(row),
    rotate: (id: string, hash: Uint8Array, proofId: string, at: number, expiresAt: number | null): void =>
      void rotate.run(hash, proofId, at, expiresAt, id),
    limit: (id: string, perMinute: number | null): void => void limit.run(perMinute, id),
    revoke: (id: string, at: number): void => void revoke.run(at, id),
    use: (id: string, at: number): void => void use.run(at, id),
  };
}
