/**
 * When a schedule is due: a cron pattern in a time zone, on the days of the exchange calendar that it names.
 * Daylight saving: a time inside a gap is the first moment after it, a time that occurs twice is the first of the two.
 * A period has one name, so that whoever decides it twice is noticed.
 */
import { Cron } from 'croner';
import { AppError } from '#base/errors';
import type { ScheduleDays } from '#contract/schedules';
import { isPeriodEnd, periodKey, type Frequency } from '#quant/calendar/rebalance-dates';
import { isTradingDay } from '#quant/calendar/nyse';

export interface Due {
  /** UTC milliseconds. */
  readonly at: number;
  /** Unique within the schedule: the period's first name wins where a pattern matches twice in it. */
  readonly period: string;
}

export interface Trigger {
  /** The first due moment after `after`; null where there is none within ten years. */
  next(after: number): Due | null;
}

export interface CronTiming {
  readonly cron: string;
  readonly timeZone: string;
  readonly days: ScheduleDays;
}

/** Pattern matches looked at for one due moment: ten years of one a day. */
const MOST_LOOKED_AT = 3700;

const FREQUENCY: Readonly<Partial<Record<ScheduleDays, Frequency>>> = {
  'last-of-week': 'week',
  'last-of-month': 'month',
  'last-of-quarter': 'quarter',
  'last-of-year': 'year',
};

/** Errors: BAD_REQUEST for a pattern or time zone that does not exist. */
export function cronTrigger({ cron, timeZone, days }: CronTiming): Trigger {
  const pattern = parse(cron, timeZone);
  const dayOf = isoDays(timeZone);
  const frequency = FREQUENCY[days];

  function dueAt(at: number): Due | null {
    if (days === 'every-day') return { at, period: new Date(at).toISOString() };
    const day = dayOf(at);
    if (!isTradingDay(day)) return null;
    if (frequency === undefined) return { at, period: new Date(at).toISOString() };
    return isPeriodEnd(day, frequency) ? { at, period: `${frequency} ${periodKey(day, frequency)}` } : null;
  }

  return {
    next(after) {
      let at = after;
      for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
        const match = pattern.nextRun(new Date(at));
        if (match === null) return null;
        at = match.getTime();
        const due = dueAt(at);
        if (due !== null) return due;
      }
      return null;
    },
  };
}

function parse(cron: string, timeZone: string): Cron {
  if (!isTimeZone(timeZone)) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected the IANA name of a time zone such as America/New_York or UTC, found "${timeZone}".`,
      { data: { timeZone } },
    );
  }
  try {
    return new Cron(cron, { timezone: timeZone, paused: true });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'BAD_REQUEST',
      `Expected a cron pattern such as "30 16 * * *", found "${cron}" (${found}). Fields: minute hour day month weekday.`,
      { data: { cron }, cause },
    );
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The calendar day of a moment in a time zone, as an ISO day. */
function isoDays(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}
