/**
 * Tokens of the API as the door sees them: 32 random bytes, kept as SHA-256 only, compared in constant time.
 * Also the proof by which a host shows that it knows a token before the caller gives it away.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '#contract/operation';

export interface TokenRecord {
  /** What the rate and the idempotency keys of a caller hang on: it stays when the secret is rotated. */
  readonly id: string;
  /** Public name of the secret; its owner can compute it and nobody can turn it back. */
  readonly proofId: string;
  /** Who acts with it, for the log. */
  readonly actor: string;
  readonly hash: Uint8Array;
  readonly scopes: ReadonlySet<Scope>;
  /** Requests per minute, asked for at every request. */
  readonly perMinute: number;
  /** Fires when the token is revoked, rotated or at its end: open streams end then. */
  readonly ended?: AbortSignal;
  /** Told of every request that the token was good for. */
  readonly used?: () => void;
}

/** Where tokens are looked up. */
export interface TokenStore {
  all(): Iterable<TokenRecord>;
}

export interface MemoryTokenStore extends TokenStore {
  add(record: TokenRecord): void;
  remove(id: string): void;
}

/** Tokens that die with the process: screen sessions and the token file of a running host; `lasting` ones are found too. */
export function createTokenStore(lasting?: TokenStore): MemoryTokenStore {
  const records = new Map<string, TokenRecord>();
  return {
    *all() {
      yield* records.values();
      if (lasting !== undefined) yield* lasting.all();
    },
    add: (record) => void records.set(record.id, record),
    remove: (id) => void records.delete(id),
  };
}

/** A new secret, once in clear for its owner and once as what is kept of it. */
export function mintSecret(prefix = ''): {
  readonly secret: string;
  readonly hash: Uint8Array;
  readonly proofId: string;
} {
  const secret = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashToken(secret), proofId: tokenId(secret) };
}

/**
 * A token for as long as the process lives.
 * @param perMinute a function where the rate may change meanwhile
 */
export function mintToken(
  actor: string,
  scopes: ReadonlySet<Scope>,
  perMinute: number | (() => number),
  id?: string,
): { readonly token: string; readonly record: TokenRecord } {
  const { secret, hash, proofId } = mintSecret();
  const record: TokenRecord = {
    id: id ?? proofId,
    proofId,
    actor,
    hash,
    scopes,
    get perMinute() {
      return typeof perMinute === 'number' ? perMinute : perMinute();
    },
  };
  return { token: secret, record };
}

export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** A public name that the owner of a token can compute and nobody can turn back. */
export function tokenId(token: string): string {
  return createHash('sha256').update('sextant-token-id\n').update(token).digest('hex').slice(0, 16);
}

/** The record of a presented token. Looks at every record, so that time tells nothing. */
export function findToken(store: TokenStore, presented: string): TokenRecord | undefined {
  const hash = hashToken(presented);
  let found: TokenRecord | undefined;
  for (const record of store.all()) {
    if (record.hash.length === hash.length && timingSafeEqual(record.hash, hash)) found = record;
  }
  return found;
}

/** What only a holder of the token's hash can answer to a nonce; the address is part of it, so that a relay fails. */
export function proofOf(hash: Uint8Array, host: string, nonce: string): string {
  return createHmac('sha256', hash).update(`sextant-proof\n${host}\n${nonce}`).digest('hex');
}
