/**
 * Calendar arithmetic on ISO days (`YYYY-MM-DD`) without clocks or time zones.
 * A day number counts days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant 2013, days_from_civil).
 */
import { AppError } from '#base/errors';

const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

export interface CivilDay {
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  /** 1 … 31 */
  readonly day: number;
}

/** Days since 1970-01-01. */
export function dayNumberOf({ year, month, day }: CivilDay): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `dayNumberOf`. */
export function civilDayOf(dayNumber: number): CivilDay {
  const z = dayNumber + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

/** Reads an ISO day. Errors: INVALID_DATA for anything that is not an existing day written `YYYY-MM-DD`. */
export function parseIsoDay(text: string): CivilDay {
  const match = ISO_DAY.exec(text);
  if (match) {
    const civil = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
    if (civil.month >= 1 && civil.month <= 12 && formatIsoDay(dayNumberOf(civil)) === text) return civil;
  }
  throw new AppError(
    'INVALID_DATA',
    `Expected an ISO day such as 2024-02-29, found "${text}". Write the date as YYYY-MM-DD.`,
  );
}

/** Day number of an ISO day. Errors: as `parseIsoDay`. */
export function isoDayNumber(text: string): number {
  return dayNumberOf(parseIsoDay(text));
}

export function formatIsoDay(dayNumber: number): string {
  const { year, month, day } = civilDayOf(dayNumber);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** 0 = Monday … 6 = Sunday (1970-01-01 was a Thursday). */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 3) % 7) + 7) % 7;
}
