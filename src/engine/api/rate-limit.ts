/**
 * Exact rate limit: in any window of one minute at most the allowance passes, never one more and never one less, also when
 * the allowance changes in between. The passes of the last minute are kept per key, on a monotonic clock: the time of day may jump.
 */

export const RATE_WINDOW_MS = 60_000;

export type RateDecision = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

export interface RateLimiter {
  take(key: string, allowance: number): RateDecision;
}

/** Passes in order of time; those before `first` are out of the window. */
interface Passes {
  times: number[];
  first: number;
}

/** Keys that are looked at for being idle, at most once per this many new keys. */
const KEYS_BEFORE_SWEEP = 1_000;

export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  const keys = new Map<string, Passes>();
  let sweepAt = KEYS_BEFORE_SWEEP;

  function passesOf(key: string, time: number): Passes {
    const known = keys.get(key);
    if (known !== undefined) return known;
    if (keys.size >= sweepAt) {
      for (const [other, { times }] of keys) {
        if (times.length === 0 || time - times[times.length - 1] >= RATE_WINDOW_MS) keys.delete(other);
      }
      sweepAt = keys.size + KEYS_BEFORE_SWEEP;
    }
    const passes: Passes = { times: [], first: 0 };
    keys.set(key, passes);
    return passes;
  }

  return {
    take(key, allowance) {
      const time = now();
      const passes = passesOf(key, time);
      while (passes.first < passes.times.length && time - passes.times[passes.first] >= RATE_WINDOW_MS) passes.first++;
      if (passes.first > 64 && passes.first * 2 > passes.times.length) {
        passes.times = passes.times.slice(passes.first);
        passes.first = 0;
      }
      const { times, first } = passes;
      if (times.length - first >= allowance) {
        const opens = times[times.length - allowance] + RATE_WINDOW_MS;
        return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil((opens - time) / 1000)) };
      }
      times.push(time);
      return { allowed: true };
    },
  };
}
