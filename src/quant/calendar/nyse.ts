/**
 * The New York Stock Exchange's trading days, by rule: full-day closures since 1971 (Uniform Monday Holiday Act),
 * the one-off closures since 1985, and no early closes (prices are daily). Outside the known one-off closures it can be wrong
 * about days of national mourning that had not been declared when this was written.
 */
import { dayNumberOf, formatIsoDay, isoDayNumber, weekdayOf, civilDayOf } from './iso-day';

const MONDAY = 0;
const THURSDAY = 3;
const SATURDAY = 5;
const SUNDAY = 6;

/** Closures that no rule gives: hurricane Gloria, Nixon, 11 September, Reagan, Ford, hurricane Sandy, Bush, Carter. */
const SPECIAL_CLOSURES: ReadonlySet<string> = new Set([
  '1985-09-27',
  '1994-04-27',
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
]);

/** Day number of the n-th given weekday of a month (n = 1 … 4), or of the last one (n = −1). */
function nthWeekday(year: number, month: number, weekday: number, n: number): number {
  if (n > 0) {
    const first = dayNumberOf({ year, month, day: 1 });
    return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
  }
  const last =
    dayNumberOf(month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 }) - 1;
  return last - ((weekdayOf(last) - weekday + 7) % 7);
}

/** Easter Sunday, Gregorian (Meeus 1991, Astronomical Algorithms, ch. 8). */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return dayNumberOf({ year, month: Math.floor(n / 31), day: (n % 31) + 1 });
}

/** Saturday holidays are kept on Friday, Sunday ones on Monday (NYSE rule 7.2). */
function observed(dayNumber: number): number {
  const weekday = weekdayOf(dayNumber);
  if (weekday === SATURDAY) return dayNumber - 1;
  return weekday === SUNDAY ? dayNumber + 1 : dayNumber;
}

/** Day numbers of the scheduled full-day holidays of a year, ascending. */
export function nyseHolidays(year: number): readonly number[] {
  const fixed = (month: number, day: number) => observed(dayNumberOf({ year, month, day }));
  const newYear = dayNumberOf({ year, month: 1, day: 1 });
  const holidays = [
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    nthWeekday(year, 5, MONDAY, -1),
    fixed(7, 4),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    fixed(12, 25),
  ];
  // A Saturday New Year is not kept on Friday: that would be the last business day of the accounting year.
  if (weekdayOf(newYear) !== SATURDAY) holidays.push(observed(newYear));
  if (year >= 1998) holidays.push(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) holidays.push(fixed(6, 19));
  return holidays.sort((a, b) => a - b);
}

const holidaysOfYear = new Map<number, ReadonlySet<number>>();

/** True when the exchange is scheduled to be open on that day number. */
export function isTradingDayNumber(dayNumber: number): boolean {
  if (weekdayOf(dayNumber) >= SATURDAY) return false;
  const { year } = civilDayOf(dayNumber);
  let holidays = holidaysOfYear.get(year);
  if (!holidays) {
    holidays = new Set(nyseHolidays(year));
    holidaysOfYear.set(year, holidays);
  }
  return !holidays.has(dayNumber) && !SPECIAL_CLOSURES.has(formatIsoDay(dayNumber));
}

/** True when the exchange is scheduled to be open on an ISO day. Errors: INVALID_DATA for a malformed day. */
export function isTradingDay(day: string): boolean {
  return isTradingDayNumber(isoDayNumber(day));
}

/** The first trading day strictly after `day`; with `count` = n the n-th one. */
export function nextTradingDay(day: string, count = 1): string {
  let dayNumber = isoDayNumber(day);
  for (let left = count; left > 0;) {
    dayNumber += 1;
    if (isTradingDayNumber(dayNumber)) left -= 1;
  }
  return formatIsoDay(dayNumber);
}

/** Trading days from `from` to `to`, both included where the exchange is open. */
export function tradingDays(from: string, to: string): string[] {
  const days: string[] = [];
  const last = isoDayNumber(to);
  for (let dayNumber = isoDayNumber(from); dayNumber <= last; dayNumber += 1) {
    if (isTradingDayNumber(dayNumber)) days.push(formatIsoDay(dayNumber));
  }
  return days;
}

/** Trading days after `from` up to `to`, ISO days; 0 where `to` is not after `from`. */
export function sessionsBetween(from: string, to: string): number {
  return to <= from ? 0 : tradingDays(from, to).filter((day) => day > from).length;
}
