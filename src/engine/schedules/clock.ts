/**
 * Time as the scheduler sees it: a wall clock that people and daylight saving may move, a monotonic one that nothing moves, and timers.
 * Tests hand over a virtual one.
 */
export interface Clock {
  /** UTC milliseconds. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Calls back once after `ms`. @returns cancels it */
  after(ms: number, act: () => void): () => void;
}

export function systemClock(now: () => number): Clock {
  return {
    now,
    monotonic: () => performance.now(),
    after(ms, act) {
      const timer = setTimeout(act, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
