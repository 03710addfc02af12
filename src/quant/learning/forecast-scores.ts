/** How good forecasts of a number were: errors, explained variation, correlations, direction. */
import { correlation, mean, rankAverage } from '../array/stats';

export interface ForecastScores {
  /** Mean squared error. */
  readonly mse: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** 1 − SSE / Σ(y − ȳ)², ȳ the mean of these outcomes. */
  readonly r2: number;
  /** 1 − SSE / Σy²: against the forecast zero (Campbell, Thompson 2008 use the historical mean instead). */
  readonly r2VersusZero: number;
  readonly pearson: number;
  readonly spearman: number;
  /** Share of forecasts with the sign of the outcome. */
  readonly hitRate: number;
}

/** Both of equal length ≥ 1, finite. */
export function forecastScores(outcome: Float64Array, forecast: Float64Array): ForecastScores {
  const n = outcome.length;
  const center = mean(outcome);
  let squared = 0;
  let absolute = 0;
  let total = 0;
  let raw = 0;
  let hits = 0;
  for (let i = 0; i < n; i++) {
    const error = outcome[i] - forecast[i];
    squared += error * error;
    absolute += Math.abs(error);
    total += (outcome[i] - center) ** 2;
    raw += outcome[i] ** 2;
    if (Math.sign(outcome[i]) === Math.sign(forecast[i])) hits++;
  }
  return {
    mse: squared / n,
    mae: absolute / n,
    r2: 1 - squared / total,
    r2VersusZero: 1 - squared / raw,
    pearson: correlation(outcome, forecast),
    spearman: correlation(rankAverage(outcome), rankAverage(forecast)),
    hitRate: hits / n,
  };
}
