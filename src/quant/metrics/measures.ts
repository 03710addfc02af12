/**
 * The performance measures of one return series: each is an identifier, a title, a unit and one pure function of a sample.
 * A measure that cannot be computed returns a non-finite number here; `evaluateMeasures` turns it into null with the reason.
 */
import { normalPdf, normalQuantile } from '../array/distributions';
import { correlation, mean, quantileOfSorted } from '../array/stats';
import { type Measured, measured } from './measured';
import type { ReturnSample } from './sample';

type MeasureUnit = 'fraction' | 'ratio' | 'count' | 'number';

export interface MeasureSpec {
  readonly id: string;
  readonly title: string;
  readonly unit: MeasureUnit;
  /** When it does not exist, completing "not defined: …". */
  readonly undefinedWhen: string;
  compute(sample: ReturnSample): number;
}

function measure(
  id: string,
  title: string,
  unit: MeasureUnit,
  undefinedWhen: string,
  compute: (sample: ReturnSample) => number,
): MeasureSpec {
  return { id, title, unit, undefinedWhen, compute };
}

const ALWAYS = 'the returns are not finite';
const NO_VARIATION = 'the returns do not vary';
const NO_DRAWDOWN = 'there was no drawdown';
const NO_LOSS = 'no period lost money';

function sumWhere(x: Float64Array, keep: (value: number) => boolean): number {
  let sum = 0;
  for (const value of x) if (keep(value)) sum += value;
  return sum;
}

/** Variation too small to be told from rounding counts as none. */
function spread(s: ReturnSample): number {
  const largest = Math.max(Math.abs(s.sorted[0]), Math.abs(s.sorted[s.n - 1]));
  return s.standardDeviation > largest * 1e-14 ? s.standardDeviation : 0;
}

const root = (s: ReturnSample) => Math.sqrt(s.periodsPerYear);

export function compoundAnnualGrowth(s: ReturnSample): number {
  return (1 + s.totalReturn) ** (s.periodsPerYear / s.n) - 1;
}

export function annualSharpe(s: ReturnSample): number {
  return (s.excessMean / spread(s)) * root(s);
}

function downsideDeviation(s: ReturnSample): number {
  let squares = 0;
  for (const x of s.excess) squares += Math.min(x, 0) ** 2;
  return Math.sqrt(squares / s.n) * root(s);
}

/** Rockafellar, Uryasev 2000: the mean of the worst n(1 − α) returns, the last one counted in part. */
function expectedShortfall(s: ReturnSample): number {
  const m = s.n * (1 - s.alpha);
  const whole = Math.floor(m);
  let sum = 0;
  for (let i = 0; i < whole; i++) sum += s.sorted[i];
  if (whole < s.n) sum += (m - whole) * s.sorted[whole];
  return -sum / m;
}

function historicalShortfall(s: ReturnSample): number {
  const bound = quantileOfSorted(s.sorted, 1 - s.alpha);
  let sum = 0;
  let count = 0;
  while (count < s.n && s.sorted[count] <= bound) sum += s.sorted[count++];
  return -sum / count;
}

/** Cornish, Fisher 1938: third-order expansion with population skewness and excess kurtosis. */
function cornishFisherVar(s: ReturnSample): number {
  const z = normalQuantile(1 - s.alpha);
  const S = s.skewness;
  const K = s.kurtosis - 3;
  const adjusted = z + ((z ** 2 - 1) * S) / 6 + ((z ** 3 - 3 * z) * K) / 24 - ((2 * z ** 3 - 5 * z) * S ** 2) / 36;
  return -(s.mean + adjusted * s.standardDeviation);
}

function gaussianShortfall(s: ReturnSample): number {
  const z = normalQuantile(1 - s.alpha);
  return -(s.mean - (s.standardDeviation * normalPdf(z)) / (1 - s.alpha));
}

/** G₁ of Fisher-Pearson: bias-corrected skewness (Joanes, Gill 1998). */
function sampleSkewness(s: ReturnSample): number {
  return (Math.sqrt(s.n * (s.n - 1)) / (s.n - 2)) * s.skewness;
}

/** G₂: bias-corrected excess kurtosis (Joanes, Gill 1998). */
function sampleKurtosis(s: ReturnSample): number {
  return ((s.n - 1) / ((s.n - 2) * (s.n - 3))) * ((s.n + 1) * (s.kurtosis - 3) + 6);
}

function autocorrelation(s: ReturnSample): number {
  let cross = 0;
  let squares = 0;
  for (let t = 0; t < s.n; t++) {
    const c = s.returns[t] - s.mean;
    squares += c * c;
    if (t > 0) cross += c * (s.returns[t - 1] - s.mean);
  }
  return spread(s) > 0 ? cross / squares : NaN;
}

/** Squared correlation of the cumulative log return with time. */
export function logStability(returns: Float64Array): number {
  const path = new Float64Array(returns.length);
  let level = 0;
  for (let t = 0; t < path.length; t++) {
    level += Math.log1p(returns[t]);
    path[t] = level;
  }
  return (
    correlation(
      path,
      path.map((_, t) => t),
    ) ** 2
  );
}

/** Measures of the series alone, in the order in which people read them. */
export const OWN_MEASURES: readonly MeasureSpec[] = [
  measure('total_return', 'Total return', 'fraction', ALWAYS, (s) => s.totalReturn),
  measure('cagr', 'Compound annual growth', 'fraction', 'the capital was lost', compoundAnnualGrowth),
  measure('mean_annual_arithmetic', 'Mean return, annual', 'fraction', ALWAYS, (s) => s.mean * s.periodsPerYear),
  measure('volatility_annual', 'Volatility, annual', 'fraction', ALWAYS, (s) => s.standardDeviation * root(s)),
  measure('sharpe_annual', 'Sharpe ratio, annual', 'ratio', NO_VARIATION, annualSharpe),
  measure('downside_deviation_annual', 'Downside deviation, annual', 'fraction', ALWAYS, downsideDeviation),
  measure(
    'sortino_annual',
    'Sortino ratio, annual',
    'ratio',
    'no period fell below the risk-free rate',
    (s) => (s.excessMean * s.periodsPerYear) / downsideDeviation(s),
  ),
  measure('max_drawdown', 'Largest drawdown', 'fraction', ALWAYS, (s) => s.drawdown.depth),
  measure('longest_underwater_periods', 'Longest under water', 'count', ALWAYS, (s) => s.drawdown.longestUnderwater),
  measure('average_drawdown', 'Average drawdown', 'fraction', ALWAYS, (s) => s.drawdown.average),
  measure('calmar', 'Calmar ratio', 'ratio', NO_DRAWDOWN, (s) => compoundAnnualGrowth(s) / -s.drawdown.depth),
  measure('ulcer_index', 'Ulcer index', 'fraction', ALWAYS, (s) => s.drawdown.ulcer),
  measure('martin_ratio', 'Martin ratio', 'ratio', NO_DRAWDOWN, (s) => compoundAnnualGrowth(s) / s.drawdown.ulcer),
  measure('var_hist', 'Value at risk, historical', 'fraction', ALWAYS, (s) => -quantileOfSorted(s.sorted, 1 - s.alpha)),
  measure('cvar_hist', 'Expected shortfall, historical', 'fraction', ALWAYS, historicalShortfall),
  measure('cvar_rockafellar_uryasev', 'Expected shortfall', 'fraction', ALWAYS, expectedShortfall),
  measure(
    'var_gaussian',
    'Value at risk, normal',
    'fraction',
    ALWAYS,
    (s) => -(s.mean + normalQuantile(1 - s.alpha) * s.standardDeviation),
  ),
  measure('cvar_gaussian', 'Expected shortfall, normal', 'fraction', ALWAYS, gaussianShortfall),
  measure('skew_population', 'Skewness', 'number', NO_VARIATION, (s) => s.skewness),
  measure('excess_kurtosis_population', 'Excess kurtosis', 'number', NO_VARIATION, (s) => s.kurtosis - 3),
  measure('skew_sample', 'Skewness, bias-corrected', 'number', 'fewer than 3 returns, or no variation', sampleSkewness),
  measure(
    'excess_kurtosis_sample',
    'Excess kurtosis, bias-corrected',
    'number',
    'fewer than 4 returns, or no variation',
    sampleKurtosis,
  ),
  measure('var_cornish_fisher', 'Value at risk, Cornish-Fisher', 'fraction', NO_VARIATION, cornishFisherVar),
  measure(
    'omega_rf',
    'Omega ratio at the risk-free rate',
    'ratio',
    'no period fell below the risk-free rate',
    (s) => sumWhere(s.excess, (x) => x > 0) / -sumWhere(s.excess, (x) => x < 0),
  ),
  measure(
    'gain_to_pain',
    'Gain to pain',
    'ratio',
    NO_LOSS,
    (s) => sumWhere(s.returns, () => true) / -sumWhere(s.returns, (x) => x < 0),
  ),
  measure(
    'tail_ratio',
    'Tail ratio',
    'ratio',
    'the 5 % quantile is zero',
    (s) => Math.abs(quantileOfSorted(s.sorted, 0.95)) / Math.abs(quantileOfSorted(s.sorted, 0.05)),
  ),
  measure('win_rate', 'Share of gains', 'fraction', ALWAYS, (s) => s.returns.filter((x) => x > 0).length / s.n),
  measure(
    'profit_factor',
    'Profit factor',
    'ratio',
    NO_LOSS,
    (s) => sumWhere(s.returns, (x) => x > 0) / -sumWhere(s.returns, (x) => x < 0),
  ),
  measure('best', 'Best period', 'fraction', ALWAYS, (s) => s.sorted[s.n - 1]),
  measure('worst', 'Worst period', 'fraction', ALWAYS, (s) => s.sorted[0]),
  measure('autocorr_lag1', 'Autocorrelation, lag 1', 'number', NO_VARIATION, autocorrelation),
  measure(
    'jarque_bera',
    'Jarque-Bera statistic',
    'number',
    NO_VARIATION,
    (s) => (s.n / 6) * (s.skewness ** 2 + (s.kurtosis - 3) ** 2 / 4),
  ),
  measure('log_stability_r2', 'Stability of the log wealth path', 'number', NO_VARIATION, (s) =>
    logStability(s.returns),
  ),
];

/** Evaluates measures; each is null with its reason where it does not exist. */
export function evaluateMeasures(specs: readonly MeasureSpec[], sample: ReturnSample): Record<string, Measured> {
  const result: Record<string, Measured> = {};
  for (const spec of specs) result[spec.id] = measured(spec.compute(sample), `Not defined: ${spec.undefinedWhen}.`);
  return result;
}

/** Gini mean difference: mean |x_i − x_j| over pairs, from order statistics (Yitzhaki 2003). */
export function giniMeanDifference(sorted: Float64Array): number {
  const n = sorted.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (2 * i - n + 1) * sorted[i];
  return (2 * sum) / (n * (n - 1));
}

/** Mean absolute deviation from the mean. */
export function meanAbsoluteDeviation(x: Float64Array): number {
  const center = mean(x);
  let sum = 0;
  for (const value of x) sum += Math.abs(value - center);
  return sum / x.length;
}

/** √(Σ min(x − mean, 0)² / (n − 1)). */
export function semiDeviation(x: Float64Array): number {
  const center = mean(x);
  let squares = 0;
  for (const value of x) squares += Math.min(value - center, 0) ** 2;
  return Math.sqrt(squares / (x.length - 1));
}
