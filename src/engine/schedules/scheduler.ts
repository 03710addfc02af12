/**
 * Starts flows when they are due. Each due period is decided exactly once: the mark that says so, and the flow run that it
 * starts, are one transaction, so a kill at any moment leaves both or neither. Start-up is catching up.
 *
 * - Patterns are read on the wall clock; intervals are counted on the monotonic one, which no jump touches.
 * - A clock that goes back makes nothing due again: the period is in the table.
 * - A clock that leaps forward is believed after two minutes; see `clock-watch.ts`.
 */
import type { Log } from '#base/log';
import { toWire } from '#base/errors';
import { inTransaction, type Database } from '../store/database';
import type { FlowRequest } from '../flows/flow-engine';
import type { Clock } from './clock';
import { createClockWatch, type ClockStep } from './clock-watch';
import { createScheduleTable, type ScheduleRow } from './schedule-table';
import { cronTrigger, type Due, type Trigger } from './trigger';

export interface SchedulerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Stores a flow run within the caller's transaction and returns its identifier. */
  startFlow(request: FlowRequest): string;
  /** Puts a step back of the clock on record, within no transaction. */
  recordStepBack(step: ClockStep): void;
  /** Called after a schedule was decided. */
  onDecided?(schedule: ScheduleRow): void;
  /** Only a sabotage test passes another. */
  readonly atomically?: (work: () => void) => void;
}

export interface Scheduler {
  /** Decides everything that is due now, then waits for the next. */
  tick(): void;
  /** The next due moment of a schedule, UTC milliseconds; null where there is none. */
  nextAt(schedule: ScheduleRow): number | null;
  /** Due moments of a schedule after `from`, up to `to`, in order. */
  upcoming(schedule: ScheduleRow, from: number, to: number): Due[];
  /** Active schedules with a period that is due and not decided. */
  overdue(): number;
  /** When decisions are made again, UTC milliseconds; null where they are made now. */
  heldUntil(): number | null;
  /** Whether ages can be told from the wall clock. */
  clockTrusted(): boolean;
  close(): void;
}

/** A moment this much later than due is late. */
const LATE_MS = 5 * 60_000;
/** Sleep and clock changes are noticed within this time. */
const LONGEST_WAIT_MS = 30_000;
/** Missed periods that are made up in one go; older ones are dropped, and the log says so. */
const MOST_CAUGHT_UP = 500;
/** How often the wall clock is remembered, for the next host. */
const REMEMBER_MS = 60_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { database, clock, log } = options;
  const atomically = options.atomically ?? ((work) => inTransaction(database, work));
  const table = createScheduleTable(database);
  const seen = createSeenClock(database);
  const watch = createClockWatch(clock, seen.last());
  const triggers = new Map<string, Trigger>();
  const nextDue = new Map<string, { readonly after: number; readonly due: Due | null }>();
  /** Monotonic moment at which an interval schedule is due. */
  const intervals = new Map<string, number>();
  let cancelTimer: (() => void) | null = null;
  let remembered = -Infinity;
  let closed = false;

  function triggerOf(schedule: ScheduleRow): Trigger | null {
    if (schedule.cron === null) return null;
    const key = `${schedule.cron}|${schedule.time_zone}|${schedule.days}`;
    const trigger =
      triggers.get(key) ?? cronTrigger({ cron: schedule.cron, timeZone: schedule.time_zone, days: schedule.days });
    triggers.set(key, trigger);
    return trigger;
  }

  /** The first due moment after `after`; remembered, because a calendar is slow to read and asked every half minute. */
  function firstDue(schedule: ScheduleRow, trigger: Trigger, after: number): Due | null {
    const known = nextDue.get(schedule.id);
    if (known !== undefined && known.after <= after && (known.due === null || known.due.at > after)) return known.due;
    const due = trigger.next(after);
    nextDue.set(schedule.id, { after, due });
    return due;
  }

  function duesUntil(schedule: ScheduleRow, trigger: Trigger, now: number): Due[] {
    const dues: Due[] = [];
    let due = firstDue(schedule, trigger, undecidedFrom(schedule));
    while (due !== null && due.at <= now) {
      dues.push(due);
      if (dues.length > MOST_CAUGHT_UP) dues.shift();
      due = trigger.next(due.at);
    }
    return dues;
  }

  function chosen(schedule: ScheduleRow, dues: readonly Due[], now: number): readonly Due[] {
    switch (schedule.catch_up) {
      case 'each':
        return dues;
      case 'latest':
        return dues.slice(-1);
      case 'none':
        return dues.slice(-1).filter(({ at }) => now - at <= LATE_MS);
    }
  }

  function decide(schedule: ScheduleRow, due: Due, late: boolean): void {
    const isNew = table.insertPeriod({
      schedule: schedule.id,
      period: due.period,
      due_at: due.at,
      decided_at: clock.now(),
      flow_run: null,
    });
    if (!isNew) return;
    const run = options.startFlow({
      flow: schedule.flow,
      params: JSON.parse(schedule.params),
      queue: schedule.queue,
      schedule: schedule.name,
      period: due.period,
      late,
    });
    table.attachRun(schedule.id, due.period, run);
  }

  function decideCron(id: string, now: number): void {
    atomically(() => {
      const schedule = table.find(id);
      if (schedule === undefined || schedule.paused === 1) return;
      const trigger = triggerOf(schedule);
      if (trigger === null) return;
      const dues = duesUntil(schedule, trigger, now);
      if (dues.length > 1)
        log.warn('Periods of a schedule were missed.', { schedule: schedule.name, missed: dues.length });
      for (const due of chosen(schedule, dues, now)) decide(schedule, due, now - due.at > LATE_MS);
      table.decideThrough(id, now);
    });
  }

  function intervalDueAt(schedule: ScheduleRow, seconds: number): number {
    const known = intervals.get(schedule.id);
    if (known !== undefined) return known;
    const elapsed = Math.max(0, clock.now() - schedule.decided_through);
    const at = clock.monotonic() + Math.max(0, seconds * 1000 - elapsed);
    intervals.set(schedule.id, at);
    return at;
  }

  function decideInterval(id: string, seconds: number): void {
    atomically(() => {
      const schedule = table.find(id);
      if (schedule === undefined || schedule.paused === 1) return;
      const now = clock.now();
      decide(schedule, { at: now, period: `#${table.countPeriods(id) + 1}` }, false);
      table.decideThrough(id, now);
    });
    intervals.set(id, clock.monotonic() + seconds * 1000);
  }

  /** Decides what is due of one schedule. @returns milliseconds until it is due again */
  function work(schedule: ScheduleRow, now: number): number {
    if (schedule.every_seconds !== null) {
      if (intervalDueAt(schedule, schedule.every_seconds) <= clock.monotonic()) {
        decideInterval(schedule.id, schedule.every_seconds);
        options.onDecided?.(schedule);
      }
      return intervalDueAt(schedule, schedule.every_seconds) - clock.monotonic();
    }
    const trigger = triggerOf(schedule);
    if (trigger === null) return LONGEST_WAIT_MS;
    if (schedule.decided_through > now) {
      // The clock went back. What was decided stays decided; what is due from here on is looked at again.
      atomically(() => table.decideThrough(schedule.id, now));
      nextDue.delete(schedule.id);
    } else if ((firstDue(schedule, trigger, undecidedFrom(schedule))?.at ?? Infinity) <= now) {
      decideCron(schedule.id, now);
      options.onDecided?.(schedule);
    }
    return (firstDue(schedule, trigger, now)?.at ?? Infinity) - now;
  }

  function look(): void {
    const back = watch.look();
    if (back !== null) options.recordStepBack(back);
    if (clock.monotonic() - remembered < REMEMBER_MS && back === null) return;
    seen.remember(clock.now());
    remembered = clock.monotonic();
  }

  function tick(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (closed) return;
    let wait = LONGEST_WAIT_MS;
    try {
      look();
      const now = clock.now();
      if (watch.heldMs() > 0) wait = Math.min(wait, watch.heldMs());
      else
        for (const schedule of table.all()) if (schedule.paused === 0) wait = Math.min(wait, workSafely(schedule, now));
    } catch (error) {
      log.error('The schedules could not be read.', { error: toWire(error).message });
    }
    cancelTimer = clock.after(Math.max(1, wait), tick);
  }

  /** One schedule that cannot be decided (a full disk, a damaged row) does not keep the others from it. */
  function workSafely(schedule: ScheduleRow, now: number): number {
    try {
      return work(schedule, now);
    } catch (error) {
      log.error('A schedule could not be decided; it is tried again.', {
        schedule: schedule.name,
        error: toWire(error).message,
      });
      return LONGEST_WAIT_MS;
    }
  }

  function upcoming(schedule: ScheduleRow, from: number, to: number): Due[] {
    if (schedule.paused === 1) return [];
    if (schedule.every_seconds !== null) {
      const at = clock.now() + intervalDueAt(schedule, schedule.every_seconds) - clock.monotonic();
      return at <= to ? [{ at, period: '' }] : [];
    }
    const dues: Due[] = [];
    const trigger = triggerOf(schedule);
    for (let due = trigger?.next(from) ?? null; due !== null && due.at <= to && dues.length < 1000;) {
      dues.push(due);
      due = trigger?.next(due.at) ?? null;
    }
    return dues;
  }

  function isOverdue(schedule: ScheduleRow): boolean {
    if (schedule.paused === 1) return false;
    if (schedule.every_seconds !== null) {
      return intervalDueAt(schedule, schedule.every_seconds) <= clock.monotonic();
    }
    const trigger = triggerOf(schedule);
    return trigger !== null && (firstDue(schedule, trigger, undecidedFrom(schedule))?.at ?? Infinity) <= clock.now();
  }

  return {
    tick,
    upcoming,
    overdue: () => table.all().filter(isOverdue).length,
    nextAt: (schedule) => {
      if (schedule.paused === 1) return null;
      const trigger = triggerOf(schedule);
      if (trigger !== null) return trigger.next(clock.now())?.at ?? null;
      return upcoming(schedule, 0, Infinity)[0]?.at ?? null;
    },
    heldUntil: () => (watch.heldMs() > 0 ? clock.now() + watch.heldMs() : null),
    clockTrusted: () => watch.trusted(),
    close() {
      closed = true;
      cancelTimer?.();
    },
  };
}

/** Nothing was due before the schedule was made, however far the clock went back meanwhile. */
function undecidedFrom({ decided_through, created_at }: ScheduleRow): number {
  return Math.max(decided_through, created_at);
}

/** When a host last looked at the clock, kept for the next one. */
function createSeenClock(database: Database) {
  const read = database.prepare<[], string>(`SELECT value FROM settings WHERE name = 'clock.seen'`).pluck();
  const write = database.prepare<[string, number]>(
    `INSERT INTO settings (name, value, updated_at) VALUES ('clock.seen', ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  return {
    last(): number | null {
      const text = read.get();
      const at = text === undefined ? NaN : Number(text);
      return Number.isFinite(at) ? at : null;
    },
    remember: (now: number): void => void write.run(JSON.stringify(now), now),
  };
}
