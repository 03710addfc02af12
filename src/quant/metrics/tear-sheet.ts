/**
 * The rest of the tear sheet that people know from QuantStats (Aroussi; `reports.py`), on daily simple returns and with the definitions
 * said: per-period averages, streaks, odds, recoveries, trailing and calendar periods. Risk-free rate 0. What does not exist says why.
 */
import { mean, quantileOfSorted, standardDeviation } from '../array/stats';
import { drawdownEpisodes, drawdownsOf, wealthOf } from './drawdown';
import { type Measured, measured } from './measured';
import type { MeasureSpec } from './measures';
import { monthlyReturns, yearlyReturns } from './monthly';

export interface TearSheetInput {
  /** ISO days, one per return, ascending. */
  readonly dates: readonly string[];
  readonly returns: Float64Array;
  /** Invested share per day, length of `dates`. */
  readonly exposure: Float64Array;
  readonly periodsPerYear: number;
}

export interface TearMeasure {
  readonly id: string;
  readonly title: string;
  readonly unit: MeasureSpec['unit'];
  readonly formula: string;
  readonly value: Measured;
}

const NO_GAIN_OR_LOSS = 'Not defined: there is no gain, or no loss.';
const NO_DRAWDOWN = 'Not defined: there was no drawdown.';
const NO_VARIATION = 'Not defined: the returns do not vary.';
const ALWAYS = 'Not defined for these returns.';

const total = (x: Iterable<number>): number => [...x].reduce((sum, value) => sum + value, 0);
const gainsOf = (x: Float64Array) => x.filter((value) => value > 0);
const lossesOf = (x: Float64Array) => x.filter((value) => value < 0);

/** √(1 + 2 Σ_k (n − k)/n |ρ₁|^k): inflates the deviation for first-order dependence (Lo 2002, as simplified by QuantStats). */
function dependencePenalty(x: Float64Array): number {
  const n = x.length;
  const center = mean(x);
  let cross = 0;
  let squares = 0;
  for (let t = 0; t < n; t++) {
    squares += (x[t] - center) ** 2;
    if (t > 0) cross += (x[t] - center) * (x[t - 1] - center);
  }
  const rho = Math.abs(cross / squares);
  let sum = 0;
  for (let k = 1, power = rho; k < n && power > 1e-16; k++, power *= rho) sum += ((n - k) / n) * power;
  return Math.sqrt(1 + 2 * sum);
}

function longestStreak(x: Float64Array, isPart: (value: number) => boolean): number {
  let longest = 0;
  let current = 0;
  for (const value of x) {
    current = isPart(value) ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

const shareOfGains = (x: Float64Array) => gainsOf(x).length / x.filter((value) => value !== 0).length;
const payoff = (x: Float64Array) => mean(gainsOf(x)) / -mean(lossesOf(x));
const profitFactor = (x: Float64Array) => total(gainsOf(x)) / -total(lossesOf(x));
const gainToPain = (x: Float64Array) => total(x) / -total(lossesOf(x));

function tailRatio(x: Float64Array): number {
  const sorted = Float64Array.from(x).sort();
  return Math.abs(quantileOfSorted(sorted, 0.95) / quantileOfSorted(sorted, 0.05));
}

/** Mean of the values at or below the 5 % quantile. */
function worstMean(x: Float64Array): number {
  const bound = quantileOfSorted(Float64Array.from(x).sort(), 0.05);
  return mean(x.filter((value) => value <= bound));
}

function geometricMean(x: Float64Array): number {
  return Math.exp(mean(x.map((value) => Math.log1p(value)))) - 1;
}

type Entry = readonly [
  id: string,
  title: string,
  unit: TearMeasure['unit'],
  formula: string,
  reason: string,
  value: number,
];

/** Everything beyond `OWN_MEASURES`, in the order in which the sheet lists it. `returns` has at least two entries. */
export function tearSheet({ dates, returns, exposure, periodsPerYear }: TearSheetInput): TearMeasure[] {
  const n = returns.length;
  const months = Float64Array.from(monthlyReturns(dates, returns), (month) => month.return);
  const quarters = Float64Array.from(quarterlyReturns(dates, returns));
  const years = Float64Array.from(yearlyReturns(dates, returns), (year) => year.return);
  const drawdowns = drawdownsOf(wealthOf(returns));
  const episodes = drawdownEpisodes(drawdowns);
  const deepest = -drawdowns.reduce((least, value) => Math.min(least, value), 0);
  const ulcer = Math.sqrt(total(drawdowns.map((d) => d * d)) / (n - 1));
  const deviation = standardDeviation(returns);
  const sharpe = (mean(returns) / deviation) * Math.sqrt(periodsPerYear);
  const downside = Math.sqrt(total(lossesOf(returns).map((r) => r * r)) / n);
  const sortino = (mean(returns) / downside) * Math.sqrt(periodsPerYear);
  const penalty = dependencePenalty(returns);
  const growth = wealthOf(returns)[n - 1] ** (periodsPerYear / n) - 1;
  const invested = mean(exposure.map((share) => (share > 0 ? 1 : 0)));
  const wins = shareOfGains(returns);
  const recovered = episodes.filter(({ recoveryRow }) => recoveryRow >= 0);
  const sorted = Float64Array.from(returns).sort();
  const entries: readonly Entry[] = [
    ['time_in_market', 'Time in market', 'fraction', 'share of days with anything held', ALWAYS, invested],
    [
      'smart_sharpe',
      'Smart Sharpe',
      'ratio',
      'Sharpe / √(1 + 2 Σ (n − k)/n |ρ|^k), ρ at lag 1',
      NO_VARIATION,
      sharpe / penalty,
    ],
    ['smart_sortino', 'Smart Sortino', 'ratio', 'Sortino / the same factor', NO_VARIATION, sortino / penalty],
    ['sortino_root2', 'Sortino / √2', 'ratio', 'Sortino / √2', NO_GAIN_OR_LOSS, sortino / Math.SQRT2],
    [
      'smart_sortino_root2',
      'Smart Sortino / √2',
      'ratio',
      'Smart Sortino / √2',
      NO_VARIATION,
      sortino / penalty / Math.SQRT2,
    ],
    [
      'risk_adjusted_return',
      'Risk-adjusted return',
      'fraction',
      'return a year / time in market',
      ALWAYS,
      growth / invested,
    ],
    ['risk_return', 'Risk-return ratio', 'ratio', 'mean / deviation, per day', NO_VARIATION, mean(returns) / deviation],
    ['expected_day', 'Expected daily return', 'fraction', 'geometric mean', ALWAYS, geometricMean(returns)],
    ['expected_month', 'Expected monthly return', 'fraction', 'geometric mean', ALWAYS, geometricMean(months)],
    ['expected_year', 'Expected yearly return', 'fraction', 'geometric mean', ALWAYS, geometricMean(years)],
    ['average_win', 'Average gain', 'fraction', 'mean of the days above 0', NO_GAIN_OR_LOSS, mean(gainsOf(returns))],
    ['average_loss', 'Average loss', 'fraction', 'mean of the days below 0', NO_GAIN_OR_LOSS, mean(lossesOf(returns))],
    ['payoff', 'Payoff (win/loss) ratio', 'ratio', 'average gain / average loss', NO_GAIN_OR_LOSS, payoff(returns)],
    [
      'profit_ratio',
      'Profit ratio',
      'ratio',
      '(average gain / gains) / (average loss / losses)',
      NO_GAIN_OR_LOSS,
      (payoff(returns) * lossesOf(returns).length) / gainsOf(returns).length,
    ],
    [
      'kelly',
      'Kelly fraction',
      'fraction',
      'p − (1 − p) / payoff',
      NO_GAIN_OR_LOSS,
      wins - (1 - wins) / payoff(returns),
    ],
    ['risk_of_ruin', 'Risk of ruin', 'fraction', '((1 − p) / (1 + p))^n', ALWAYS, ((1 - wins) / (1 + wins)) ** n],
    [
      'streak_wins',
      'Longest streak of gains',
      'count',
      'days in a row above 0',
      ALWAYS,
      longestStreak(returns, (r) => r > 0),
    ],
    [
      'streak_losses',
      'Longest streak of losses',
      'count',
      'days in a row below 0',
      ALWAYS,
      longestStreak(returns, (r) => r < 0),
    ],
    [
      'gain_to_pain_month',
      'Gain to pain, monthly',
      'ratio',
      'Σ months / |Σ losing months|',
      'Not defined: no month lost money.',
      gainToPain(months),
    ],
    [
      'common_sense',
      'Common sense ratio',
      'ratio',
      'profit factor · tail ratio',
      NO_GAIN_OR_LOSS,
      profitFactor(returns) * tailRatio(returns),
    ],
    [
      'cpc_index',
      'CPC index',
      'ratio',
      'profit factor · share of gains · payoff',
      NO_GAIN_OR_LOSS,
      profitFactor(returns) * wins * payoff(returns),
    ],
    [
      'outlier_win',
      'Outlier win ratio',
      'ratio',
      '99 % quantile / mean of the days at or above 0',
      NO_GAIN_OR_LOSS,
      quantileOfSorted(sorted, 0.99) / mean(returns.filter((r) => r >= 0)),
    ],
    [
      'outlier_loss',
      'Outlier loss ratio',
      'ratio',
      '1 % quantile / mean of the days below 0',
      NO_GAIN_OR_LOSS,
      quantileOfSorted(sorted, 0.01) / mean(lossesOf(returns)),
    ],
    [
      'average_drawdown_days',
      'Average drawdown length',
      'count',
      'mean days from peak to recovery or end',
      NO_DRAWDOWN,
      mean(Float64Array.from(episodes, ({ periods }) => periods)),
    ],
    [
      'drawdown_recovery',
      'Longest recovery',
      'count',
      'most days from trough to recovery',
      'Not defined: no drawdown has recovered.',
      Math.max(...recovered.map(({ troughRow, recoveryRow }) => recoveryRow - troughRow)),
    ],
    [
      'recovery_factor',
      'Recovery factor',
      'ratio',
      '|Σ r| / largest drawdown',
      NO_DRAWDOWN,
      Math.abs(total(returns)) / deepest,
    ],
    [
      'serenity',
      'Serenity index',
      'ratio',
      'Σ r / (ulcer · (−CVaR 95 % of the drawdowns / s))',
      NO_DRAWDOWN,
      total(returns) / (ulcer * (-worstMean(drawdowns) / deviation)),
    ],
    [
      'best_month',
      'Best month',
      'fraction',
      'calendar months, the first and last may be short',
      ALWAYS,
      Math.max(...months),
    ],
    [
      'worst_month',
      'Worst month',
      'fraction',
      'calendar months, the first and last may be short',
      ALWAYS,
      Math.min(...months),
    ],
    [
      'best_year',
      'Best year',
      'fraction',
      'calendar years, the first and last may be short',
      ALWAYS,
      Math.max(...years),
    ],
    [
      'worst_year',
      'Worst year',
      'fraction',
      'calendar years, the first and last may be short',
      ALWAYS,
      Math.min(...years),
    ],
    [
      'average_up_month',
      'Average rising month',
      'fraction',
      'mean of the months above 0',
      'Not defined: no month rose.',
      mean(gainsOf(months)),
    ],
    [
      'average_down_month',
      'Average falling month',
      'fraction',
      'mean of the months below 0',
      'Not defined: no month fell.',
      mean(lossesOf(months)),
    ],
    ['win_months', 'Share of rising months', 'fraction', 'of the months that moved', ALWAYS, shareOfGains(months)],
    [
      'win_quarters',
      'Share of rising quarters',
      'fraction',
      'of the quarters that moved',
      ALWAYS,
      shareOfGains(quarters),
    ],
    ['win_years', 'Share of rising years', 'fraction', 'of the years that moved', ALWAYS, shareOfGains(years)],
  ];
  return entries.map(([id, title, unit, formula, reason, value]) => ({
    id,
    title,
    unit,
    formula,
    value: measured(value, reason),
  }));
}

function quarterlyReturns(dates: readonly string[], returns: Float64Array): number[] {
  const months = monthlyReturns(dates, returns);
  const quarters = new Map<string, number>();
  for (const { month, return: value } of months) {
    const key = `${month.slice(0, 4)}-${Math.floor((Number(month.slice(5)) - 1) / 3)}`;
    quarters.set(key, (quarters.get(key) ?? 1) * (1 + value));
  }
  return [...quarters.values()].map((factor) => factor - 1);
}

export interface TrailingReturn {
  readonly title: string;
  /** Compound; a year or longer is annualized. Null where the history is shorter. */
  readonly value: number | null;
}

/** Month and year to date, then 3, 6 months, 1, 3, 5, 10 years by calendar from the last day, and all of it. */
export function trailingReturns(
  dates: readonly string[],
  returns: Float64Array,
  periodsPerYear: number,
): TrailingReturn[] {
  const last = dates[dates.length - 1];
  const since = (from: string): number | null => {
    if (dates[0] > from) return null;
    let growth = 1;
    for (let t = dates.length - 1; t >= 0 && dates[t] > from; t--) growth *= 1 + returns[t];
    return growth - 1;
  };
  const yearly = (value: number | null, years: number) => (value === null ? null : (1 + value) ** (1 / years) - 1);
  const whole = returns.reduce((growth, r) => growth * (1 + r), 1);
  return [
    { title: 'Month to date', value: since(`${last.slice(0, 7)}-00`) },
    { title: '3 months', value: since(monthsBefore(last, 3)) },
    { title: '6 months', value: since(monthsBefore(last, 6)) },
    { title: 'Year to date', value: since(`${last.slice(0, 4)}-00-00`) },
    { title: '1 year', value: since(monthsBefore(last, 12)) },
    { title: '3 years, a year', value: yearly(since(monthsBefore(last, 36)), 3) },
    { title: '5 years, a year', value: yearly(since(monthsBefore(last, 60)), 5) },
    { title: '10 years, a year', value: yearly(since(monthsBefore(last, 120)), 10) },
    { title: 'All, a year', value: whole ** (periodsPerYear / returns.length) - 1 },
  ];
}

/** The same day `months` earlier as text; a day that the month lacks still sorts behind all of its days. */
function monthsBefore(day: string, months: number): string {
  const count = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 - months;
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}${day.slice(7)}`;
}
