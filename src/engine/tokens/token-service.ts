/**
 * Tokens that outlive the host. The live ones are held in memory beside their rows, so that a request costs no query; what
 * changes is stored first. A revoked, rotated or expired secret is gone before the next request, and its streams end.
 */
import { AppError } from '#base/errors';
import type { ApiConfig } from '#contract/api';
import type { Scope } from '#contract/operation';
import type { Token } from '#contract/tokens';
import { mintSecret, type TokenRecord, type TokenStore } from '../api/tokens';
import type { Database } from '../store/database';
import { createUlid } from '../store/ulid';
import { createTokenTable, type TokenRow } from './token-table';

/** Begins every secret, so that scanners for leaked secrets can know one. */
const PREFIX = 'sxt_';
/** Each request compares with all of them. */
const MOST_STANDING = 200;
const DAY_MS = 86_400_000;
/** How far the stored last use may lag behind. */
const USE_STORED_EVERY_MS = 60_000;
const LONGEST_TIMER_MS = 3_600_000;

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly perMinute?: number | undefined;
  /** Undefined: as configured; null: without end. */
  readonly days?: number | null | undefined;
}

export interface TokenService extends TokenStore {
  list(page: { readonly limit: number; readonly offset: number }): { tokens: Token[]; total: number };
  /** Errors: CONFLICT (name taken, too many), FORBIDDEN (a scope that the caller does not hold). */
  create(token: NewToken, caller: ReadonlySet<Scope>): { secret: string; issued: Token };
  /** Errors: NOT_FOUND, CONFLICT (revoked), FORBIDDEN. */
  rotate(ref: string, caller: ReadonlySet<Scope>): { secret: string; issued: Token };
  /** Errors: NOT_FOUND, CONFLICT (revoked). */
  limit(ref: string, perMinute: number | null): Token;
  /** Revoking twice is no error. Errors: NOT_FOUND. */
  revoke(ref: string): Token;
  /** Revokes every token in use that `known` does not hold with the same secret. @returns how many */
  keepOnly(known: Iterable<TokenRecord>): number;
  close(): void;
}

export interface TokenServiceOptions {
  readonly database: Database;
  /** UTC milliseconds. */
  now(): number;
  config(): Pick<ApiConfig, 'perMinute' | 'tokenDays'>;
  onChange(id: string): void;
}

/** A token that can be used now. */
interface Live {
  readonly record: TokenRecord;
  readonly end: AbortController;
  readonly expiresAt: number | null;
  /** Null: as configured. */
  perMinute: number | null;
  usedAt: number | null;
  storedUse: number;
}

export function createTokenService({ database, now, config, onChange }: TokenServiceOptions): TokenService {
  const table = createTokenTable(database);
  const live = new Map<string, Live>();
  let timer: NodeJS.Timeout | undefined;

  function admit(row: TokenRow): void {
    if (isOver(row, now())) return;
    const end = new AbortController();
    const entry: Live = {
      end,
      expiresAt: row.expires_at,
      perMinute: row.per_minute,
      usedAt: row.last_used_at,
      storedUse: row.last_used_at ?? 0,
      record: {
        id: row.id,
        proofId: row.proof_id,
        actor: `token:${row.name}`,
        hash: row.hash,
        scopes: new Set(scopesOf(row)),
        get perMinute() {
          return entry.perMinute ?? config().perMinute;
        },
        ended: end.signal,
        used: () => noteUse(entry),
      },
    };
    live.set(row.id, entry);
  }

  function dismiss(id: string): void {
    const entry = live.get(id);
    if (entry === undefined) return;
    live.delete(id);
    storeUse(entry);
    entry.end.abort();
  }

  function noteUse(entry: Live): void {
    entry.usedAt = now();
    if (Math.abs(entry.usedAt - entry.storedUse) >= USE_STORED_EVERY_MS) storeUse(entry);
  }

  function storeUse(entry: Live): void {
    if (entry.usedAt === null || entry.usedAt === entry.storedUse) return;
    table.use(entry.record.id, entry.usedAt);
    entry.storedUse = entry.usedAt;
  }

  /** Takes those out that are at their end, and comes back for the next. */
  function sweep(): void {
    clearTimeout(timer);
    let next = Infinity;
    for (const [id, { expiresAt }] of live) {
      if (expiresAt === null) continue;
      if (expiresAt <= now()) {
        dismiss(id);
        onChange(id);
      } else next = Math.min(next, expiresAt);
    }
    if (next === Infinity) return;
    timer = setTimeout(sweep, Math.min(Math.max(1, next - now()), LONGEST_TIMER_MS));
    timer.unref();
  }

  function find(ref: string): TokenRow {
    const row = table.find(ref);
    if (row !== undefined) return row;
    throw new AppError('NOT_FOUND', `Expected a token, found none that is "${ref}". See sextant tokens list.`);
  }

  function findStanding(ref: string): TokenRow {
    const row = find(ref);
    if (row.revoked_at === null) return row;
    throw new AppError(
      'CONFLICT',
      `Expected a token that stands, found that "${row.name}" was revoked. Make a new one.`,
    );
  }

  /** After a change was stored: only the new form of the token is let in. */
  function changed(id: string): Token {
    const row = find(id);
    dismiss(id);
    admit(row);
    sweep();
    onChange(id);
    return describe(find(id));
  }

  function describe(row: TokenRow): Token {
    const usedAt = live.get(row.id)?.usedAt ?? row.last_used_at;
    return {
      id: row.id,
      name: row.name,
      scopes: scopesOf(row),
      perMinute: row.per_minute ?? config().perMinute,
      status: row.revoked_at !== null ? 'revoked' : isOver(row, now()) ? 'expired' : 'active',
      createdAt: instant(row.created_at),
      rotatedAt: orNull(row.rotated_at),
      expiresAt: orNull(row.expires_at),
      lastUsedAt: orNull(usedAt),
      revokedAt: orNull(row.revoked_at),
    };
  }

  for (const row of table.standing()) admit(row);
  sweep();

  return {
    *all() {
      for (const { record, expiresAt } of live.values()) {
        // The timer may be late, and the clock may have been set forward.
        if (expiresAt === null || expiresAt > now()) yield record;
      }
    },
    list({ limit, offset }) {
      const { rows, total } = table.page(limit, offset);
      return { tokens: rows.map(describe), total };
    },
    create({ name, scopes, perMinute, days }, caller) {
      requireHeld(scopes, caller);
      const standing = table.standing();
      if (standing.some((row) => row.name === name)) {
        throw new AppError('CONFLICT', `Expected a new name, found a token "${name}". Rotate or revoke that one.`);
      }
      if (standing.length >= MOST_STANDING) {
        throw new AppError('CONFLICT', `Expected at most ${MOST_STANDING} tokens, found as many. Revoke some first.`);
      }
      const { secret, hash, proofId } = mintSecret(PREFIX);
      const lifetime = days === undefined ? config().tokenDays : days;
      const at = now();
      const id = createUlid(at);
      table.insert({
        id,
        name,
        hash,
        proof_id: proofId,
        scopes: JSON.stringify([...new Set(scopes)]),
        per_minute: perMinute ?? null,
        lifetime_days: lifetime,
        created_at: at,
        rotated_at: null,
        expires_at: lifetime === null ? null : at + lifetime * DAY_MS,
        last_used_at: null,
        revoked_at: null,
      });
      return { secret, issued: changed(id) };
    },
    rotate(ref, caller) {
      const row = findStanding(ref);
      requireHeld(scopesOf(row), caller);
      const { secret, hash, proofId } = mintSecret(PREFIX);
      const at = now();
      table.rotate(row.id, hash, proofId, at, row.lifetime_days === null ? null : at + row.lifetime_days * DAY_MS);
      return { secret, issued: changed(row.id) };
    },
    limit(ref, perMinute) {
      const { id } = findStanding(ref);
      table.limit(id, perMinute);
      const entry = live.get(id);
      if (entry !== undefined) entry.perMinute = perMinute;
      onChange(id);
      return describe(find(id));
    },
    revoke(ref) {
      const row = find(ref);
      if (row.revoked_at !== null) return describe(row);
      table.revoke(row.id, now());
      return changed(row.id);
    },
    keepOnly(known) {
      const secrets = new Set([...known].map(({ hash }) => Buffer.from(hash).toString('hex')));
      const strange = [...live.values()].filter(({ record }) => !secrets.has(Buffer.from(record.hash).toString('hex')));
      for (const { record } of strange) {
        table.revoke(record.id, now());
        changed(record.id);
      }
      return strange.length;
    },
    close() {
      clearTimeout(timer);
      for (const entry of live.values()) storeUse(entry);
    },
  };
}

/** Errors: FORBIDDEN. */
function requireHeld(scopes: readonly Scope[], caller: ReadonlySet<Scope>): void {
  const missing = scopes.filter((scope) => !caller.has(scope));
  if (missing.length === 0) return;
  throw new AppError(
    'FORBIDDEN',
    `Expected only scopes that the caller holds (${[...caller].join(', ')}), found ${missing.join(', ')}.`,
    { data: { missing } },
  );
}

function scopesOf(row: TokenRow): Scope[] {
  return JSON.parse(row.scopes) as Scope[]; // written by this file alone
}

function isOver({ revoked_at, expires_at }: TokenRow, at: number): boolean {
  return revoked_at !== null || (expires_at !== null && expires_at <= at);
}

const instant = (at: number): string => new Date(at).toISOString();
const orNull = (at: number | null): string | null => (at === null ? null : instant(at));
