/** Monthly and yearly returns of a daily series, as the table that people read month by month. */
import { parseIsoDay } from '../calendar/iso-day';

export interface MonthlyReturns {
  readonly years: readonly number[];
  /** [years × 12] row-major compound returns; null where the series has no day in the month. */
  readonly months: readonly (number | null)[];
  /** Compound return per calendar year. */
  readonly total: readonly number[];
}

/** Compounds daily simple returns by calendar month and year. `dates` are ascending ISO days, one per return. */
export function monthlyReturns(dates: readonly string[], returns: Float64Array): MonthlyReturns {
  const growth = new Map<number, Float64Array>();
  const total = new Map<number, number>();
  for (let t = 0; t < dates.length; t++) {
    const { year, month } = parseIsoDay(dates[t]);
    const row = growth.get(year) ?? new Float64Array(12).fill(NaN);
    const before = row[month - 1];
    row[month - 1] = (Number.isNaN(before) ? 1 : before) * (1 + returns[t]);
    growth.set(year, row);
    total.set(year, (total.get(year) ?? 1) * (1 + returns[t]));
  }
  return {
    years: [...growth.keys()],
    months: [...growth.values()].flatMap((row) => [...row].map((g) => (Number.isNaN(g) ? null : g - 1))),
    total: [...total.values()].map((g) => g - 1),
  };
}
