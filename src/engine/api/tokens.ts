/**
 * Tokens of the API: 32 random bytes, kept as SHA-256 only, compared in constant time.
 * Also the proof by which a host shows that it knows a token before the caller gives it away.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '#contract/operation';

export interface TokenRecord {
  /** Public name of the token; tells nothing about it. */
  readonly id: string;
  /** Who acts with it, for the log. */
  readonly actor: string;
  readonly hash: Uint8Array;
  readonly scopes: ReadonlySet<Scope>;
  /** Requests per minute. */
  readonly perMinute: number;
}

/** Where tokens are looked up; a store in the database has the same form. */
export interface TokenStore {
  all(): Iterable<TokenRecord>;
}

export interface MemoryTokenStore extends TokenStore {
  add(record: TokenRecord): void;
  remove(id: string): void;
}

/** Tokens that die with the process: screen sessions and the token file of a running host. */
export function createTokenStore(): MemoryTokenStore {
  const records = new Map<string, TokenRecord>();
  return {
    all: () => records.values(),
    add: (record) => void records.set(record.id, record),
    remove: (id) => void records.delete(id),
  };
}

/** A new token, once in clear for its owner and once as the record to keep. */
export function mintToken(
  actor: string,
  scopes: ReadonlySet<Scope>,
  perMinute: number,
): { readonly token: string; readonly record: TokenRecord } {
  const token = randomBytes(32).toString('base64url');
  return { token, record: { id: tokenId(token), actor, hash: hashToken(token), scopes, perMinute } };
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
