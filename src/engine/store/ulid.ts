/**
 * Identifiers that sort by time: ULIDs (26 characters, Crockford base 32; 48 bits of milliseconds, 80 random bits).
 * Within one process they strictly increase, also within a millisecond and when the clock goes back.
 */
import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** @param now UTC milliseconds */
export function createUlid(now: number): string {
  return next(Math.floor(now));
}
