/**
 * Exact rate limit: in any window of one minute at most the allowance passes, never one more and never one less.
 * A ring of the last `allowance` passes per key, on a monotonic clock: the time of day may jump.
 */

export const RATE_WINDOW_MS = 60_000;

export type RateDecision = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

export interface RateLimiter {
  take(key: string, allowance: number): RateDecision;
}

interface Ring {
  readonly times: Float64Array;
  next: number;
}

export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  const rings = new Map<string, Ring>();
  return {
    take(key, allowance) {
      let ring = rings.get(key);
      if (ring === undefined || ring.times.length !== allowance) {
        ring = { times: new Float64Array(allowance).fill(-Infinity), next: 0 };
        rings.set(key, ring);
      }
      const time = now();
      const oldest = ring.times[ring.next];
      if (time - oldest < RATE_WINDOW_MS) {
        return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil((oldest + RATE_WINDOW_MS - time) / 1000)) };
      }
      ring.times[ring.next] = time;
      ring.next = (ring.next + 1) % allowance;
      return { allowed: true };
    },
  };
}
