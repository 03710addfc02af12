/** The numbers of one equity curve: measures with intervals, drawdowns, months and the rolling Sharpe ratio. */
import { AppError } from '#base/errors';
import { sharpeInterval } from '../inference/bootstrap';
import { minimumTrackRecord, probabilisticSharpe, type SharpeSample, sharpeSample } from '../inference/sharpe';
import { BENCHMARK_MEASURES } from '../metrics/benchmark-measures';
import { deepestDrawdowns, drawdownEpisodes, drawdownsOf } from '../metrics/drawdown';
import { measured, unavailable } from '../metrics/measured';
import { evaluateMeasures, OWN_MEASURES } from '../metrics/measures';
import { monthlyReturns } from '../metrics/monthly';
import { rollingSharpe } from '../metrics/rolling';
import { returnSample } from '../metrics/sample';
import type { IntervalMeasure, StrategyOutcome } from './result';

export const PERIODS_PER_YEAR = 252;
const VAR_CONFIDENCE = 0.95;
const DRAWDOWNS_LISTED = 10;

/** Result name → measure identifier. */
const OWN_NAMES = {
  total_return: 'total_return',
  cagr: 'cagr',
  volatility: 'volatility_annual',
  sharpe: 'sharpe_annual',
  sortino: 'sortino_annual',
  max_drawdown: 'max_drawdown',
  calmar: 'calmar',
  ulcer_index: 'ulcer_index',
  longest_underwater: 'longest_underwater_periods',
  var_95: 'var_hist',
  cvar_95: 'cvar_rockafellar_uryasev',
  skewness: 'skew_population',
  excess_kurtosis: 'excess_kurtosis_population',
  omega: 'omega_rf',
  win_rate: 'win_rate',
  best_day: 'best',
  worst_day: 'worst',
} as const;

const BENCHMARK_NAMES = {
  beta: 'beta',
  alpha: 'alpha_annual_arithmetic',
  correlation: 'correlation',
  tracking_error: 'tracking_error_annual',
  information_ratio: 'information_ratio',
  up_capture: 'up_capture_arithmetic',
  down_capture: 'down_capture_arithmetic',
} as const;

export interface CurveOptions {
  readonly replications: number;
  readonly confidence: number;
  readonly seed: number;
}

type CurveStatistics = Pick<StrategyOutcome, 'metrics' | 'drawdowns' | 'monthly' | 'rollingSharpe'>;

/**
 * `dates` has one entry more than `returns`: the first is the day of the first decision. Daily returns net of costs, risk-free rate 0.
 */
export function curveStatistics(
  dates: readonly string[],
  returns: Float64Array,
  benchmark: Float64Array | undefined,
  options: CurveOptions,
): CurveStatistics {
  const sample = returnSample(
    returns,
    { periodsPerYear: PERIODS_PER_YEAR, riskFree: 0, alpha: VAR_CONFIDENCE },
    benchmark,
  );
  const own = evaluateMeasures(OWN_MEASURES, sample);
  const pair = evaluateMeasures(BENCHMARK_MEASURES, sample);
  const metrics: Record<string, IntervalMeasure> = {};
  for (const [name, id] of Object.entries(OWN_NAMES)) metrics[name] = own[id];
  if (benchmark) for (const [name, id] of Object.entries(BENCHMARK_NAMES)) metrics[name] = pair[id];
  const returnDates = dates.slice(1);
  const wealth = Float64Array.from(dates, () => 1);
  for (let t = 0; t < returns.length; t++) wealth[t + 1] = wealth[t] * (1 + returns[t]);
  const episodes = deepestDrawdowns(drawdownEpisodes(drawdownsOf(wealth)), DRAWDOWNS_LISTED);
  const window = returns.length >= 2 * PERIODS_PER_YEAR ? PERIODS_PER_YEAR : 63;
  const rolling = new Float64Array(dates.length).fill(NaN);
  rolling.set(rollingSharpe(returns, window, PERIODS_PER_YEAR), 1);
  return {
    metrics: { ...metrics, ...sharpeMeasures(returns, metrics.sharpe, options) },
    drawdowns: episodes.map(({ depth, peakRow, troughRow, recoveryRow, periods }) => ({
      depth,
      peak: dates[peakRow] ?? null,
      trough: dates[troughRow],
      recovery: dates[recoveryRow] ?? null,
      days: periods,
    })),
    monthly: monthlyReturns(returnDates, returns),
    rollingSharpe: rolling,
  };
}

/** The Sharpe sample of a curve, or null where its returns do not vary. */
export function sharpeOrNull(returns: Float64Array): SharpeSample | null {
  try {
    return sharpeSample(returns);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Sharpe ratio with its bootstrap interval, PSR against 0, and the track record that would be enough. */
function sharpeMeasures(
  returns: Float64Array,
  sharpe: IntervalMeasure,
  options: CurveOptions,
): Record<string, IntervalMeasure> {
  const sample = sharpeOrNull(returns);
  if (sample === null || sharpe.value === null) {
    const missing = unavailable('Not defined: the returns do not vary.');
    return { sharpe: missing, psr: missing, min_track_record: missing };
  }
  const interval = sharpeInterval(returns, options);
  const root = Math.sqrt(PERIODS_PER_YEAR);
  return {
    sharpe: { ...sharpe, low: interval.low * root, high: interval.high * root },
    psr: measured(probabilisticSharpe(sample, 0), 'Not defined for these moments.'),
    min_track_record: measured(
      minimumTrackRecord(sample, 0, options.confidence),
      'No track record is long enough: the Sharpe ratio is not above 0.',
    ),
  };
}
