/**
 * Tails from moments: Gaussian, and Cornish-Fisher with skewness and kurtosis, both with exact derivatives by weight.
 * The derivatives of the third and fourth moment need one pass over the scenarios, never a co-moment tensor.
 */
import { AppError } from '#base/errors';
import { normalPdf, normalQuantile } from '../array/distributions';
import { mean } from '../array/stats';
import { checkLevel, checkScenarios, portfolioReturns, type PortfolioScenarios } from './portfolio-scenarios';
import type { TailRisk } from './tail-risk';

interface PortfolioMoments {
  readonly mean: number;
  /** Divisor T − 1. */
  readonly deviation: number;
  /** Population skewness and excess kurtosis. */
  readonly skewness: number;
  readonly kurtosis: number;
  /** Derivatives of the four by weight, length N. */
  readonly byWeight: Readonly<Record<'mean' | 'deviation' | 'skewness' | 'kurtosis', Float64Array>>;
}

/** Errors: INVALID_DATA where the portfolio does not vary; those of {@link checkScenarios}. */
function portfolioMoments(scenarios: PortfolioScenarios): PortfolioMoments {
  checkScenarios(scenarios, 4);
  const { returns, T, N } = scenarios;
  const p = portfolioReturns(scenarios);
  const center = mean(p);
  const d = p.map((value) => value - center);
  const moment = (power: number) => d.reduce((sum, value) => sum + value ** power, 0) / T;
  const [m2, m3, m4] = [moment(2), moment(3), moment(4)];
  const largest = p.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(Math.sqrt(m2) > largest * 1e-14)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected returns that vary, found ${T} returns with standard deviation ${Math.sqrt(m2)}.`,
      { data: { standardDeviation: Math.sqrt(m2), rows: T } },
    );
  }
  const means = new Float64Array(N);
  for (let t = 0, k = 0; t < T; t++) for (let i = 0; i < N; i++, k++) means[i] += returns[k] / T;
  const d2 = new Float64Array(N);
  const d3 = new Float64Array(N);
  const d4 = new Float64Array(N);
  for (let t = 0, k = 0; t < T; t++) {
    const first = (2 * d[t]) / T;
    const second = (3 * d[t] ** 2) / T;
    const third = (4 * d[t] ** 3) / T;
    for (let i = 0; i < N; i++, k++) {
      const x = returns[k] - means[i];
      d2[i] += first * x;
      d3[i] += second * x;
      d4[i] += third * x;
    }
  }
  const unbias = Math.sqrt(T / (T - 1));
  const sigma = Math.sqrt(m2);
  return {
    mean: center,
    deviation: sigma * unbias,
    skewness: m3 / sigma ** 3,
    kurtosis: m4 / m2 ** 2 - 3,
    byWeight: {
      mean: means,
      deviation: d2.map((value) => (value / (2 * sigma)) * unbias),
      skewness: d3.map((value, i) => value / sigma ** 3 - (1.5 * m3 * d2[i]) / (m2 * sigma ** 3)),
      kurtosis: d4.map((value, i) => value / m2 ** 2 - (2 * m4 * d2[i]) / m2 ** 3),
    },
  };
}

/**
 * VaR = −μ − z σ, CVaR = −μ + σ φ(z) / (1 − level), z = Φ⁻¹(1 − level), σ with divisor T − 1 (McNeil, Frey, Embrechts 2015, §2.3.4).
 * Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA.
 */
export function gaussianTail(scenarios: PortfolioScenarios, level: number): TailRisk {
  checkLevel(level);
  const moments = portfolioMoments(scenarios);
  const z = normalQuantile(1 - level);
  return {
    ...fromMultiples(
      moments,
      { value: z, bySkewness: 0, byKurtosis: 0 },
      {
        value: -normalPdf(z) / (1 - level),
        bySkewness: 0,
        byKurtosis: 0,
      },
    ),
    facts: { mean: moments.mean, standard_deviation: moments.deviation },
  };
}

/** A multiple of σ with its derivatives by skewness and excess kurtosis. */
interface Multiple {
  readonly value: number;
  readonly bySkewness: number;
  readonly byKurtosis: number;
}

/**
 * Quantile z + (z²−1)S/6 + (z³−3z)K/24 − (2z³−5z)S²/36 (Cornish, Fisher 1938) in place of z; the shortfall is the mean of that
 * quantile over the tail in closed form (Maillard 2012). Derivatives: Boudt, Peterson, Croux 2008.
 * `facts.monotone` is 0 where S and K lie outside the expansion's domain, so that its quantiles cross; prefer another model there.
 * Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA.
 */
export function cornishFisherTail(scenarios: PortfolioScenarios, level: number): TailRisk {
  checkLevel(level);
  const moments = portfolioMoments(scenarios);
  const { skewness: S, kurtosis: K } = moments;
  const tail = 1 - level;
  const z = normalQuantile(tail);
  const density = normalPdf(z) / tail;
  const quantile: Multiple = {
    value: z + ((z ** 2 - 1) * S) / 6 + ((z ** 3 - 3 * z) * K) / 24 - ((2 * z ** 3 - 5 * z) * S ** 2) / 36,
    bySkewness: (z ** 2 - 1) / 6 - ((2 * z ** 3 - 5 * z) * S) / 18,
    byKurtosis: (z ** 3 - 3 * z) / 24,
  };
  const beyond: Multiple = {
    value: -density * (1 + (z * S) / 6 + ((z ** 2 - 1) * K) / 24 - ((2 * z ** 2 - 1) * S ** 2) / 36),
    bySkewness: -density * (z / 6 - ((2 * z ** 2 - 1) * S) / 18),
    byKurtosis: (-density * (z ** 2 - 1)) / 24,
  };
  return {
    ...fromMultiples(moments, quantile, beyond),
    facts: { skewness: S, excess_kurtosis: K, monotone: isMonotone(S, K) ? 1 : 0 },
  };
}

/** −μ − σ g and its derivative, for the quantile and for the mean beyond it. */
function fromMultiples(
  { mean: center, deviation, byWeight }: PortfolioMoments,
  quantile: Multiple,
  beyond: Multiple,
): Omit<TailRisk, 'facts'> {
  const marginal = ({ value, bySkewness, byKurtosis }: Multiple) =>
    byWeight.mean.map(
      (mu, i) =>
        -mu -
        value * byWeight.deviation[i] -
        deviation * (bySkewness * byWeight.skewness[i] + byKurtosis * byWeight.kurtosis[i]),
    );
  return {
    valueAtRisk: -center - deviation * quantile.value,
    shortfall: -center - deviation * beyond.value,
    varMarginal: marginal(quantile),
    shortfallMarginal: marginal(beyond),
  };
}

/** True where the derivative 1 + zS/3 + (z²−1)K/8 − (6z²−5)S²/36 is never negative (Maillard 2012). */
function isMonotone(S: number, K: number): boolean {
  const a = K / 8 - S ** 2 / 6;
  const b = S / 3;
  const c = 1 - K / 8 + (5 * S ** 2) / 36;
  return Math.abs(a) < 1e-15 ? Math.abs(b) < 1e-15 && c >= 0 : a > 0 && b ** 2 <= 4 * a * c;
}
