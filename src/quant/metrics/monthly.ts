/** Daily returns compounded by calendar month and year: the table that people read month by month. */

export interface MonthReturn {
  /** `YYYY-MM` */
  readonly month: string;
  readonly return: number;
}

export interface YearReturn {
  readonly year: string;
  readonly return: number;
}

/** Compounds daily simple returns over runs of dates that share a prefix; `dates` are ascending ISO days, one per return. */
function compoundBy(dates: readonly string[], returns: Float64Array, prefix: number): [string, number][] {
  const periods: [string, number][] = [];
  let growth = 1;
  for (let t = 0; t < dates.length; t++) {
    growth *= 1 + returns[t];
    const period = dates[t].slice(0, prefix);
    if (t + 1 < dates.length && dates[t + 1].slice(0, prefix) === period) continue;
    periods.push([period, growth - 1]);
    growth = 1;
  }
  return periods;
}

/** One compound return per calendar month that has a day. */
export function monthlyReturns(dates: readonly string[], returns: Float64Array): MonthReturn[] {
  return compoundBy(dates, returns, 7).map(([month, value]) => ({ month, return: value }));
}

/** One compound return per calendar year that has a day. */
export function yearlyReturns(dates: readonly string[], returns: Float64Array): YearReturn[] {
  return compoundBy(dates, returns, 4).map(([year, value]) => ({ year, return: value }));
}
