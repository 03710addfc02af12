/**
 * Does a risk model keep its promise out of sample? One-period forecasts from a rolling window, tested by coverage
 * (Kupiec 1995, Christoffersen 1998) and by the size of the losses beyond (Acerbi, Székely 2014).
 */
import { AppError } from '#base/errors';
import { mean } from '../array/stats';
import { coverageTest, type CoverageTest } from '../inference/var-backtest';
import { filterVolatility, filterWith } from './filtered-tail';
import { checkScenarios, singleSeries } from './portfolio-scenarios';
import type { RiskModelId } from './registry';
import { riskModel } from './models';
import { historicalTail, type TailRisk } from './tail-risk';

export interface RiskBacktestOptions {
  readonly model: RiskModelId;
  /** Returns that each forecast knows. */
  readonly window: number;
  readonly level: number;
  /** Rows between two fits of the GARCH; its volatility is filtered every row. Only for filtered-historical. */
  readonly refitEvery: number;
}

export interface RiskBacktest {
  /** Forecast loss for row window + t, length T − window. */
  readonly valueAtRisk: Float64Array;
  readonly shortfall: Float64Array;
  readonly coverage: CoverageTest;
  /**
   * Z₂ = Σ_{t: loss > VaR} r_t / (n (1 − level) CVaR_t) + 1: 0 expected, negative where losses were larger or more frequent than
   * promised; below about −0.7 rejects at 5 % (Acerbi, Székely 2014, table 3). Null where a forecast was not a loss (a flat window).
   */
  readonly shortfallStatistic: number | null;
}

/** `returns` [T], T > window + 1. Errors: NOT_ENOUGH_DATA, INVALID_DATA, BAD_REQUEST. */
export function backtestRisk(returns: Float64Array, options: RiskBacktestOptions): RiskBacktest {
  const { model, window, level } = options;
  const { needs } = riskModel(model);
  if (!(window >= needs)) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected a window of at least ${needs} returns for the ${model} model, found ${window}.`,
      { data: { needed: needs, found: window } },
    );
  }
  checkScenarios(singleSeries(returns), window + 2);
  const n = returns.length - window;
  const valueAtRisk = new Float64Array(n);
  const shortfall = new Float64Array(n);
  const forecast = model === 'filtered-historical' ? filteredForecaster(options) : plainForecaster(options);
  for (let t = 0; t < n; t++) {
    const tail = forecast(returns.subarray(t, t + window), t);
    valueAtRisk[t] = tail.valueAtRisk;
    shortfall[t] = tail.shortfall;
  }
  const realized = returns.subarray(window);
  let beyond = 0;
  for (let t = 0; t < n; t++) if (realized[t] < -valueAtRisk[t]) beyond += realized[t] / shortfall[t];
  return {
    valueAtRisk,
    shortfall,
    coverage: coverageTest(
      realized,
      valueAtRisk.map((value) => -value),
      level,
    ),
    shortfallStatistic: shortfall.every((value) => value > 0) ? beyond / (n * (1 - level)) + 1 : null,
  };
}

type Forecaster = (past: Float64Array, t: number) => TailRisk;

function plainForecaster({ model, level }: RiskBacktestOptions): Forecaster {
  const { evaluate } = riskModel(model);
  return (past) => evaluate(singleSeries(past), level);
}

function filteredForecaster({ level, refitEvery }: RiskBacktestOptions): Forecaster {
  if (!(Number.isInteger(refitEvery) && refitEvery >= 1)) {
    throw new AppError('BAD_REQUEST', `Expected a refit every 1 row or more, found ${refitEvery}.`);
  }
  let parameters: { omega: number; alpha: number; beta: number } | undefined;
  return (past, t) => {
    if (parameters === undefined || t % refitEvery === 0) parameters = filterVolatility(past);
    const center = mean(past);
    const { deviations, next } = filterWith(past, center, parameters);
    return historicalTail(
      singleSeries(past.map((value, row) => center + ((value - center) * next) / deviations[row])),
      level,
    );
  };
}
