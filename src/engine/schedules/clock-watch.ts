/**
 * Notices when the wall clock moves otherwise than time does. A large step forward may be sleep or a wrong clock that is
 * about to be corrected, so nothing is decided for two minutes after it; a step back is put on record.
 * Whoever deletes by age asks first whether the clock can be believed.
 */
import type { Clock } from './clock';

const BACK_NOTED_MS = 60_000;
const LARGE_MS = 86_400_000;
const SETTLE_MS = 120_000;

export interface ClockStep {
  /** Wall clock before and after, UTC milliseconds. */
  readonly from: number;
  readonly to: number;
}

export interface ClockWatch {
  /** Looks at both clocks. @returns the step back since the last look, where it is worth a record */
  look(): ClockStep | null;
  /** Milliseconds until decisions may be made again; 0 where they may now. */
  heldMs(): number;
  /** False for a day of steady time after a step of more than a day in either direction. */
  trusted(): boolean;
}

/** @param lastSeen wall clock when an earlier host last looked, or null */
export function createClockWatch(clock: Clock, lastSeen: number | null): ClockWatch {
  let wall = lastSeen ?? clock.now();
  let steady = clock.monotonic();
  let isFirst = true;
  let heldUntil = steady;
  let doubtedUntil = steady;

  function look(): ClockStep | null {
    const now = clock.now();
    const monotonic = clock.monotonic();
    // Between two hosts the monotonic clock says nothing: time off is not a step forward, but going back is one.
    const passed = isFirst ? Math.max(0, now - wall) : monotonic - steady;
    const step = now - wall - passed;
    const before = wall;
    wall = now;
    steady = monotonic;
    isFirst = false;
    if (Math.abs(step) > LARGE_MS) doubtedUntil = monotonic + LARGE_MS;
    if (step > LARGE_MS) heldUntil = monotonic + SETTLE_MS;
    if (step < -LARGE_MS) heldUntil = monotonic;
    return step < -BACK_NOTED_MS ? { from: before, to: now } : null;
  }

  return {
    look,
    heldMs: () => Math.max(0, heldUntil - clock.monotonic()),
    trusted: () => clock.monotonic() >= doubtedUntil,
  };
}
