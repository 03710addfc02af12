/**
 * Entropy pooling: the probabilities nearest to the prior under which every view holds (Meucci 2008). Views on volatilities and
 * correlations are imposed after those on means, around the moments reached so far (sequential; Vorobets 2021, heuristic 1).
 */
import { AppError } from '#base/errors';
import { checkProbabilities } from '../risk/tail-risk';
import { minimumEntropy } from './minimum-entropy';
import { checkView, conditionsOf, stepOf, type Condition, type ReferenceMoments, type View } from './views';

export interface EntropyPooling {
  /** Length T, sum 1. */
  readonly probabilities: Float64Array;
  /** Σ p ln(p / prior): how far the views are from the data. */
  readonly relativeEntropy: number;
  /** exp(−Σ p ln p): how many equally likely scenarios would be as diverse (Meucci 2012). */
  readonly effectiveScenarios: number;
  /** Under the new probabilities. */
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  /** Newton steps, all stages together. */
  readonly steps: number;
}

/**
 * X [T, N] finite returns; `prior` [T] positive, sum 1, equal where left out. A volatility view keeps the asset's mean, a
 * correlation view both means and volatilities, at what earlier views made of them.
 * Errors: BAD_REQUEST for a bad view; INFEASIBLE with the numbers; INVALID_DATA; NOT_CONVERGED.
 */
export function poolEntropy(
  X: Float64Array,
  T: number,
  N: number,
  views: readonly View[],
  prior: Float64Array = new Float64Array(T).fill(1 / T),
): EntropyPooling {
  if (X.length !== T * N || T < 2 || !X.every(Number.isFinite)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected at least 2 × ${N} finite returns, found ${X.length} numbers in ${T} rows.`,
    );
  }
  checkProbabilities(prior, T);
  if (!prior.every((value) => value > 0)) {
    throw new AppError(
      'INVALID_DATA',
      'Expected a prior above 0 in every scenario, found 0. Remove impossible scenarios.',
    );
  }
  for (const view of views) checkView(view, N);
  let moments = momentsOf(X, T, N, prior);
  let result = minimumEntropy(prior, []);
  let steps = 0;
  const conditions: Condition[] = [];
  for (const step of [0, 1, 2] as const) {
    const added = views.filter((view) => stepOf(view) === step);
    if (added.length === 0) continue;
    for (const view of added) {
      for (const condition of conditionsOf(view, X, T, N, moments)) {
        if (!conditions.some((known) => sameCondition(known, condition))) conditions.push(condition);
      }
    }
    result = minimumEntropy(prior, conditions);
    steps += result.steps;
    moments = momentsOf(X, T, N, result.probabilities);
  }
  const { probabilities, relativeEntropy } = result;
  const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return { probabilities, relativeEntropy, effectiveScenarios: Math.exp(entropy), ...moments, steps };
}

/** A mean or volatility that two views hold fixed is one condition, not two that differ in their last digits. */
function sameCondition(a: Condition, b: Condition): boolean {
  const size = a.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    a.kind === b.kind &&
    Math.abs(a.bound - b.bound) <= 1e-10 * size &&
    a.values.every((value, t) => Math.abs(value - b.values[t]) <= 1e-10 * size)
  );
}

function momentsOf(X: Float64Array, T: number, N: number, probabilities: Float64Array): ReferenceMoments {
  const means = new Float64Array(N);
  const squares = new Float64Array(N);
  for (let t = 0; t < T; t++) for (let i = 0; i < N; i++) means[i] += probabilities[t] * X[t * N + i];
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) squares[i] += probabilities[t] * (X[t * N + i] - means[i]) ** 2;
  }
  return { means, deviations: squares.map(Math.sqrt) };
}

/** Correlation of two columns under probabilities. */
export function correlationUnder(
  X: Float64Array,
  N: number,
  { probabilities, means, deviations }: Pick<EntropyPooling, 'probabilities' | 'means' | 'deviations'>,
  [a, b]: readonly [number, number],
): number {
  const covariance = probabilities.reduce(
    (sum, p, t) => sum + p * (X[t * N + a] - means[a]) * (X[t * N + b] - means[b]),
    0,
  );
  return covariance / (deviations[a] * deviations[b]);
}
