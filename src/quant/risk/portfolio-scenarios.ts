/**
 * A portfolio seen through scenarios: asset returns by row, weights, and (where views have changed them) probabilities.
 * Every risk model starts here, so that bad input is refused once and with the same words.
 */
import { AppError } from '#base/errors';

export interface PortfolioScenarios {
  /** [T, N] row-major simple returns of one period; finite. */
  readonly returns: Float64Array;
  readonly T: number;
  readonly N: number;
  /** Length N, fractions of net asset value; they need not sum to 1 (the rest is cash). */
  readonly weights: Float64Array;
}

/** The scenarios of one return series, so that the models of a portfolio also answer for a strategy. */
export function singleSeries(returns: Float64Array): PortfolioScenarios {
  return { returns, T: returns.length, N: 1, weights: Float64Array.of(1) };
}

/** Σ_i w_i r_ti, length T. */
export function portfolioReturns({ returns, T, N, weights }: PortfolioScenarios): Float64Array {
  const result = new Float64Array(T);
  for (let t = 0, k = 0; t < T; t++) {
    let sum = 0;
    for (let i = 0; i < N; i++, k++) sum += weights[i] * returns[k];
    result[t] = sum;
  }
  return result;
}

/** Errors: INVALID_DATA for wrong shapes or a return that is not finite; NOT_ENOUGH_DATA below `needed` rows. */
export function checkScenarios({ returns, T, N, weights }: PortfolioScenarios, needed: number): void {
  if (returns.length !== T * N || weights.length !== N) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${T} × ${N} returns and ${N} weights, found ${returns.length} returns and ${weights.length} weights.`,
    );
  }
  if (T < needed) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least ${needed} returns, found ${T}. Use a longer window.`, {
      data: { needed, found: T },
    });
  }
  const hole = returns.findIndex((value) => !Number.isFinite(value));
  if (hole >= 0) {
    const [row, asset] = [Math.floor(hole / N), hole % N];
    throw new AppError(
      'INVALID_DATA',
      `Expected finite returns, found ${returns[hole]} in row ${row + 1} of asset ${asset + 1}. Drop the asset or the row.`,
      { data: { row, asset } },
    );
  }
  const weight = weights.findIndex((value) => !Number.isFinite(value));
  if (weight >= 0) {
    throw new AppError('INVALID_DATA', `Expected finite weights, found ${weights[weight]} of asset ${weight + 1}.`);
  }
}

/** Errors: BAD_REQUEST unless 0.5 ≤ level < 1. */
export function checkLevel(level: number): void {
  if (level >= 0.5 && level < 1) return;
  throw new AppError('BAD_REQUEST', `Expected a confidence level of at least 0.5 and below 1, found ${level}.`);
}
