/** GARCH(1,1) with Gaussian likelihood: σ²_t = ω + α e²_{t−1} + β σ²_{t−1}, σ²_1 = mean(e²) (Bollerslev 1986). */
import { AppError } from '#base/errors';
import { minimizeSmooth } from './minimize';

export interface GarchParameters {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

export interface GarchPath {
  readonly logLikelihood: number;
  /** Conditional variances, length n. */
  readonly variances: Float64Array;
}

export function garchPath(e: Float64Array, { omega, alpha, beta }: GarchParameters): GarchPath {
  const variances = new Float64Array(e.length);
  let variance = meanSquare(e);
  let sum = 0;
  for (let t = 0; t < e.length; t++) {
    if (t > 0) variance = omega + alpha * e[t - 1] ** 2 + beta * variance;
    variances[t] = variance;
    sum += Math.log(2 * Math.PI) + Math.log(variance) + e[t] ** 2 / variance;
  }
  return { logLikelihood: -0.5 * sum, variances };
}

export interface GarchFit extends GarchParameters {
  readonly logLikelihood: number;
}

/** Persistence α + β and share α / (α + β) from which the search starts. */
const STARTS = [0.999, 0.98, 0.9, 0.6, 0.2].flatMap((persistence) =>
  [0.05, 0.2, 0.5].map((share) => [persistence, share]),
);

/** Maximum likelihood under ω > 0, α, β ≥ 0, α + β < 1; the best of several starts. Errors: NOT_ENOUGH_DATA. */
export function fitGarch(e: Float64Array): GarchFit {
  const scale = meanSquare(e);
  if (e.length < 20 || !(scale > 0)) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 20 returns that vary, found ${e.length}. Use a longer series.`,
      {
        data: { needed: 20, found: e.length },
      },
    );
  }
  let best: GarchFit | undefined;
  for (const [persistence, share] of STARTS) {
    const start = [Math.log(scale * (1 - persistence)), logit(persistence), logit(share)];
    const x = minimizeSmooth((point) => negativeLogLikelihood(e, point), start);
    const parameters = fromFree(x);
    const { logLikelihood } = garchPath(e, parameters);
    if (best === undefined || logLikelihood > best.logLikelihood) best = { ...parameters, logLikelihood };
  }
  // STARTS is not empty.
  return best ?? { omega: scale, alpha: 0, beta: 0, logLikelihood: NaN };
}

/** Unbounded (ln ω, logit of α+β, logit of α/(α+β)) → parameters. */
function fromFree(x: readonly number[]): GarchParameters {
  const persistence = logistic(x[1]);
  const share = logistic(x[2]);
  return { omega: Math.exp(x[0]), alpha: persistence * share, beta: persistence * (1 - share) };
}

/** Value and gradient in the unbounded coordinates, by differentiating the recursion. */
function negativeLogLikelihood(e: Float64Array, x: readonly number[]): { value: number; gradient: number[] } {
  const { omega, alpha, beta } = fromFree(x);
  const persistence = logistic(x[1]);
  const share = logistic(x[2]);
  let variance = meanSquare(e);
  let byOmega = 0;
  let byAlpha = 0;
  let byBeta = 0;
  let value = 0;
  let gOmega = 0;
  let gAlpha = 0;
  let gBeta = 0;
  for (let t = 0; t < e.length; t++) {
    if (t > 0) {
      byOmega = 1 + beta * byOmega;
      byAlpha = e[t - 1] ** 2 + beta * byAlpha;
      byBeta = variance + beta * byBeta;
      variance = omega + alpha * e[t - 1] ** 2 + beta * variance;
    }
    value += 0.5 * (Math.log(2 * Math.PI * variance) + e[t] ** 2 / variance);
    const slope = (0.5 * (1 - e[t] ** 2 / variance)) / variance;
    gOmega += slope * byOmega;
    gAlpha += slope * byAlpha;
    gBeta += slope * byBeta;
  }
  const dPersistence = persistence * (1 - persistence);
  const dShare = share * (1 - share);
  return {
    value,
    gradient: [
      gOmega * omega,
      dPersistence * (share * gAlpha + (1 - share) * gBeta),
      dShare * persistence * (gAlpha - gBeta),
    ],
  };
}

function meanSquare(e: Float64Array): number {
  return e.reduce((sum, value) => sum + value * value, 0) / e.length;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
