/**
 * When a delivery is tried again: at once, after 5 s, 30 s, 2 min, then every 15 min, each with 20 % of jitter either way, for seven days.
 * A receiver that says when it wants to be asked again is believed, up to a day.
 */

const STEPS_MS = [5_000, 30_000, 120_000] as const;
const STEADY_MS = 900_000;
const JITTER = 0.2;
const GIVE_UP_MS = 7 * 86_400_000;
/** No delivery waits longer than this between two attempts, whatever a receiver or the clock says. */
export const LONGEST_WAIT_MS = 86_400_000;

export interface FailedAttempt {
  /** UTC milliseconds at which the delivery was queued, or queued again by a person. */
  readonly queuedAt: number;
  /** Attempts so far, with the one that has just failed. */
  readonly attempts: number;
  readonly now: number;
  /** What the receiver asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Uniform in [0, 1). */
  random(): number;
}

/** @returns UTC milliseconds of the next attempt; null where there is none, because a week has passed */
export function retryAt({ queuedAt, attempts, now, retryAfterMs = 0, random }: FailedAttempt): number | null {
  if (now - queuedAt >= GIVE_UP_MS) return null;
  const step = STEPS_MS[attempts - 1] ?? STEADY_MS;
  const wait = step * (1 - JITTER + 2 * JITTER * random());
  return Math.round(now + Math.max(wait, Math.min(retryAfterMs, LONGEST_WAIT_MS)));
}
