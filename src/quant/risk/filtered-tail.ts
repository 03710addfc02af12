/**
 * Filtered historical simulation: past returns rescaled to the volatility that a GARCH(1,1) of the portfolio expects next
 * (Barone-Adesi, Giannopoulos, Vosper 1999; Hull, White 1998), so that calm years do not hide a storm and the other way round.
 */
import { mean } from '../array/stats';
import { fitGarch, garchPath, type GarchParameters } from '../timeseries/garch';
import { checkLevel, checkScenarios, portfolioReturns, type PortfolioScenarios } from './portfolio-scenarios';
import { historicalTail, type TailRisk } from './tail-risk';

/** Fewer returns do not identify three parameters. */
const LEAST_ROWS = 100;
/** Returns in percent: the search of the likelihood starts near 1. */
const PERCENT = 100;

export interface VolatilityFilter extends GarchParameters {
  readonly mean: number;
  /** Conditional standard deviations of the sample, length T, and the one of the next period; fractions. */
  readonly deviations: Float64Array;
  readonly next: number;
}

/** GARCH(1,1) of a return series. Errors: NOT_ENOUGH_DATA below 100 returns or where they do not vary. */
export function filterVolatility(returns: Float64Array): VolatilityFilter {
  checkScenarios({ returns, T: returns.length, N: 1, weights: Float64Array.of(1) }, LEAST_ROWS);
  const center = mean(returns);
  const parameters = fitGarch(returns.map((value) => PERCENT * (value - center)));
  return { ...filterWith(returns, center, parameters), ...parameters, mean: center };
}

/** The volatilities that given parameters see in a series. */
export function filterWith(
  returns: Float64Array,
  center: number,
  parameters: GarchParameters,
): Pick<VolatilityFilter, 'deviations' | 'next'> {
  const e = returns.map((value) => PERCENT * (value - center));
  const { variances } = garchPath(e, parameters);
  const last = e.length - 1;
  const next = parameters.omega + parameters.alpha * e[last] ** 2 + parameters.beta * variances[last];
  return { deviations: variances.map((value) => Math.sqrt(value) / PERCENT), next: Math.sqrt(next) / PERCENT };
}

/**
 * Tail of mean_i + (r_ti − mean_i) σ_{T+1} / σ_t for every asset, with σ of the portfolio: the portfolio's own scenarios are
 * exactly its filtered returns, and contributions given σ add up. Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA.
 */
export function filteredTail(scenarios: PortfolioScenarios, level: number): TailRisk {
  checkLevel(level);
  checkScenarios(scenarios, LEAST_ROWS);
  const { returns, T, N } = scenarios;
  const filter = filterVolatility(portfolioReturns(scenarios));
  const means = new Float64Array(N);
  for (let t = 0, k = 0; t < T; t++) for (let i = 0; i < N; i++, k++) means[i] += returns[k] / T;
  const filtered = new Float64Array(T * N);
  for (let t = 0, k = 0; t < T; t++) {
    const ratio = filter.next / filter.deviations[t];
    for (let i = 0; i < N; i++, k++) filtered[k] = means[i] + (returns[k] - means[i]) * ratio;
  }
  const { facts, ...tail } = historicalTail({ ...scenarios, returns: filtered }, level);
  return {
    ...tail,
    facts: {
      ...facts,
      omega: filter.omega,
      alpha: filter.alpha,
      beta: filter.beta,
      next_volatility: filter.next,
    },
  };
}
