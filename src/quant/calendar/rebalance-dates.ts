/**
 * When a strategy decides: the last trading row of each calendar week, month, quarter or year.
 * A row counts as a period's last only when the data or the exchange calendar shows that the next trading day lies in another period.
 */
import { dayNumberOf, isoDayNumber, parseIsoDay, weekdayOf } from './iso-day';
import { nextTradingDay } from './nyse';

export type Frequency = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** A number that is equal exactly for days of the same period (ISO weeks run Monday to Sunday). */
export function periodKey(day: string, frequency: Frequency): number {
  const civil = parseIsoDay(day);
  switch (frequency) {
    case 'day':
      return dayNumberOf(civil);
    case 'week': {
      const dayNumber = dayNumberOf(civil);
      return dayNumber - weekdayOf(dayNumber);
    }
    case 'month':
      return civil.year * 12 + civil.month;
    case 'quarter':
      return civil.year * 4 + Math.floor((civil.month - 1) / 3);
    case 'year':
      return civil.year;
  }
}

/** Rows whose next row lies in another period; the last row of the data is never one. */
export function periodEndRows(dates: readonly string[], frequency: Frequency): number[] {
  const rows: number[] = [];
  let key = dates.length === 0 ? 0 : periodKey(dates[0], frequency);
  for (let t = 0; t + 1 < dates.length; t++) {
    const next = periodKey(dates[t + 1], frequency);
    if (next !== key) rows.push(t);
    key = next;
  }
  return rows;
}

/** True when no exchange trading day of the same period follows `day`. */
export function isPeriodEnd(day: string, frequency: Frequency): boolean {
  return periodKey(nextTradingDay(day), frequency) !== periodKey(day, frequency);
}

/** The first exchange trading day after `day` that is the last one of its period. */
export function nextRebalanceDate(day: string, frequency: Frequency): string {
  let candidate = nextTradingDay(day);
  while (!isPeriodEnd(candidate, frequency)) candidate = nextTradingDay(candidate);
  return candidate;
}

/** Calendar days between two ISO days. */
export function daysBetween(from: string, to: string): number {
  return isoDayNumber(to) - isoDayNumber(from);
}
