/**
 * Identifiers that sort by time: ULIDs (26 characters, Crockford base 32; 48 bits of milliseconds, 80 random bits).
 * Within one process they strictly increase, also within a millisecond and when the clock goes back.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_BITS = 80n;

let last = 0n;

/** @param now UTC milliseconds */
export function createUlid(now: number): string {
  const fresh = (BigInt(Math.floor(now)) << RANDOM_BITS) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  last = fresh > last ? fresh : last + 1n;
  let text = '';
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((last >> shift) & 31n)];
  return text;
}
