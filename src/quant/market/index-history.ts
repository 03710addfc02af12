/**
 * The sample market's index: capitalization-weighted, price only, reviewed on the first trading day of each quarter with a buffer, so
 * that membership changes now and then and only by what was known before the review.
 */
import type { Company } from './companies';

interface MembershipPeriod {
  readonly ticker: string;
  /** ISO days; `end` is the first day without membership, null while it lasts. */
  readonly start: string;
  readonly end: string | null;
}

export interface IndexHistory {
  /** Index level per date, 1,000 on the first. */
  readonly index: Float64Array;
  readonly membership: readonly MembershipPeriod[];
}

/** An asset enters above the first and leaves below the second multiple of the target rank. */
const ENTRY_BUFFER = 0.97;
const EXIT_BUFFER = 1.06;

/** Index and membership from closes [T, N] (NaN where not listed) with about `target` members. */
export function indexAndMembership(
  companies: readonly Company[],
  dates: readonly string[],
  close: Float64Array,
  target: number,
): IndexHistory {
  const width = companies.length;
  const index = new Float64Array(dates.length);
  const since: (string | null)[] = companies.map(() => null);
  const periods: MembershipPeriod[] = [];
  const leave = (n: number, end: string) => {
    const start = since[n];
    if (start !== null) periods.push({ ticker: companies[n].ticker, start, end });
    since[n] = null;
  };
  for (let t = 0; t < dates.length; t++) {
    index[t] = t === 0 ? 1000 : index[t - 1] * (1 + indexReturn(companies, close, t, since));
    companies.forEach((company, n) => {
      if (company.to === t) leave(n, dates[t]);
    });
    if (t > 0 && quarterOf(dates[t]) === quarterOf(dates[t - 1])) continue;
    const ranking = rankByCap(companies, close, Math.max(0, t - 1));
    ranking.forEach((n, rank) => {
      if (since[n] === null && (t === 0 ? rank < target : rank < target * ENTRY_BUFFER)) since[n] = dates[t];
      else if (since[n] !== null && rank >= target * EXIT_BUFFER) leave(n, dates[t]);
    });
  }
  for (let n = 0; n < width; n++) {
    const start = since[n];
    if (start !== null) periods.push({ ticker: companies[n].ticker, start, end: null });
  }
  const order = (a: MembershipPeriod, b: MembershipPeriod) =>
    a.ticker === b.ticker ? (a.start < b.start ? -1 : 1) : a.ticker < b.ticker ? -1 : 1;
  return { index, membership: periods.sort(order) };
}

/** Return of yesterday's members, weighted by yesterday's capitalization. */
function indexReturn(
  companies: readonly Company[],
  close: Float64Array,
  t: number,
  since: readonly (string | null)[],
): number {
  const width = companies.length;
  let before = 0;
  let after = 0;
  for (let n = 0; n < width; n++) {
    const [last, now] = [close[(t - 1) * width + n], close[t * width + n]];
    if (since[n] === null || Number.isNaN(last) || Number.isNaN(now)) continue;
    before += companies[n].shares * last;
    after += companies[n].shares * now;
  }
  return before > 0 ? after / before - 1 : 0;
}

/** Listed assets by capitalization at a close, largest first. */
function rankByCap(companies: readonly Company[], close: Float64Array, t: number): number[] {
  const width = companies.length;
  const cap = (n: number) => companies[n].shares * close[t * width + n];
  return companies
    .flatMap((company, n) => (company.from <= t && t < company.to ? [n] : []))
    .sort((a, b) => cap(b) - cap(a) || a - b);
}

function quarterOf(date: string): string {
  return `${date.slice(0, 4)}/${Math.floor((Number(date.slice(5, 7)) - 1) / 3)}`;
}
