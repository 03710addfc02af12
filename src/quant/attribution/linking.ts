/**
 * Multi-period attribution: single-period effects scaled so that they add up to the compounded active return exactly.
 * All three methods multiply the effects of period t by one coefficient, so every effect of every group is linked alike.
 */
import { AppError } from '#base/errors';
import type { BrinsonFachler } from './brinson';

export const LINKING_METHODS = ['carino', 'menchero', 'grap'] as const;
export type LinkingMethod = (typeof LINKING_METHODS)[number];

/**
 * Coefficient per period, with Σ_t coefficient_t (R_t − B_t) = ∏(1+R_t) − ∏(1+B_t).
 * `carino`: logarithmic (Cariño 1999); `menchero`: nearest to equal coefficients (Menchero 2000, optimized);
 * `grap`: earlier portfolio growth times later benchmark growth (GRAP 1997).
 * `portfolio`, `benchmark` [T] simple returns above −100 %. Errors: INVALID_DATA.
 */
export function linkingCoefficients(
  portfolio: Float64Array,
  benchmark: Float64Array,
  method: LinkingMethod,
): Float64Array {
  const T = portfolio.length;
  if (T === 0 || benchmark.length !== T) {
    throw new AppError(
      'INVALID_DATA',
      `Expected returns of portfolio and benchmark for the same periods, found ${T} and ${benchmark.length}.`,
    );
  }
  for (const [name, returns] of [
    ['portfolio', portfolio],
    ['benchmark', benchmark],
  ] as const) {
    const at = returns.findIndex((value) => !(value > -1 && Number.isFinite(value)));
    if (at >= 0) {
      throw new AppError(
        'INVALID_DATA',
        `Expected ${name} returns above -100 %, found ${returns[at]} in period ${at + 1}. Such a period cannot be linked.`,
        { data: { period: at } },
      );
    }
  }
  if (method === 'carino') return carino(portfolio, benchmark);
  return method === 'menchero' ? menchero(portfolio, benchmark) : grap(portfolio, benchmark);
}

/** (ln(1+a) − ln(1+b)) / (a − b), 1 / (1+a) in the limit, without cancellation where a ≈ b. */
function logRatio(a: number, b: number): number {
  const relative = (a - b) / (1 + b);
  return relative === 0 ? 1 / (1 + b) : Math.log1p(relative) / relative / (1 + b);
}

function growth(returns: Float64Array): number {
  return returns.reduce((product, value) => product * (1 + value), 1);
}

function carino(portfolio: Float64Array, benchmark: Float64Array): Float64Array {
  const whole = logRatio(growth(portfolio) - 1, growth(benchmark) - 1);
  return portfolio.map((r, t) => logRatio(r, benchmark[t]) / whole);
}

function menchero(portfolio: Float64Array, benchmark: Float64Array): Float64Array {
  const T = portfolio.length;
  const R = growth(portfolio);
  const B = growth(benchmark);
  const rootB = B ** (1 / T);
  const spread = R ** (1 / T) - rootB;
  // R = B up to rounding: the limit of the natural scaling.
  const natural = Math.abs(spread) < 1e-12 * rootB ? R ** ((T - 1) / T) : (R - B) / T / spread;
  let active = 0;
  let squares = 0;
  for (let t = 0; t < T; t++) {
    const difference = portfolio[t] - benchmark[t];
    active += difference;
    squares += difference ** 2;
  }
  if (squares === 0) return new Float64Array(T).fill(natural);
  const correction = (R - B - natural * active) / squares;
  return portfolio.map((r, t) => natural + correction * (r - benchmark[t]));
}

function grap(portfolio: Float64Array, benchmark: Float64Array): Float64Array {
  const result = new Float64Array(portfolio.length);
  let later = 1;
  for (let t = result.length - 1; t >= 0; t--) {
    result[t] = later;
    later *= 1 + benchmark[t];
  }
  let earlier = 1;
  for (let t = 0; t < result.length; t++) {
    result[t] *= earlier;
    earlier *= 1 + portfolio[t];
  }
  return result;
}

export interface LinkedEffects {
  allocation: number;
  selection: number;
  interaction: number;
}

export interface LinkedAttribution {
  readonly groups: ReadonlyMap<string, Readonly<LinkedEffects>>;
  readonly totals: Readonly<LinkedEffects>;
  /** Compounded over all periods. */
  readonly portfolioReturn: number;
  readonly benchmarkReturn: number;
  /** Equals the sum of the three totals. */
  readonly activeReturn: number;
  readonly coefficients: Float64Array;
}

/**
 * Brinson-Fachler periods in order of time → linked effects. In every period portfolio and benchmark weights must have the
 * same sum (cash as a group of its own), else single-period effects do not add up. Errors: INVALID_DATA naming such a period.
 */
export function linkBrinson(periods: readonly BrinsonFachler[], method: LinkingMethod): LinkedAttribution {
  periods.forEach(({ totals: { allocation, selection, interaction }, activeReturn }, t) => {
    const gap = activeReturn - allocation - selection - interaction;
    if (Math.abs(gap) <= 1e-9) return;
    throw new AppError(
      'INVALID_DATA',
      `Expected effects that add up to the active return, found a gap of ${gap} in period ${t + 1}. Make portfolio and benchmark weights sum to the same total; add cash as a group.`,
      { data: { period: t, gap } },
    );
  });
  const portfolio = Float64Array.from(periods, ({ portfolioReturn }) => portfolioReturn);
  const benchmark = Float64Array.from(periods, ({ benchmarkReturn }) => benchmarkReturn);
  const coefficients = linkingCoefficients(portfolio, benchmark, method);
  const groups = new Map<string, LinkedEffects>();
  const totals: LinkedEffects = { allocation: 0, selection: 0, interaction: 0 };
  periods.forEach((period, t) => {
    for (const [group, effects] of period.groups) {
      const sum = groups.get(group) ?? { allocation: 0, selection: 0, interaction: 0 };
      groups.set(group, sum);
      for (const effect of ['allocation', 'selection', 'interaction'] as const) {
        const linked = coefficients[t] * effects[effect];
        sum[effect] += linked;
        totals[effect] += linked;
      }
    }
  });
  const portfolioReturn = growth(portfolio) - 1;
  const benchmarkReturn = growth(benchmark) - 1;
  return {
    groups,
    totals,
    portfolioReturn,
    benchmarkReturn,
    activeReturn: portfolioReturn - benchmarkReturn,
    coefficients,
  };
}
