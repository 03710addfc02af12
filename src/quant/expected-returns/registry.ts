/** Every estimator of expected returns from history under one interface, with what a person needs to choose between them. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { multiplyVector } from '../array/linalg';
import { columnMeans, requireFinite, requireRows, sampleCovariance } from '../covariance/moments';
import type { Spec } from '../spec';
import { arithmeticMeanReturns, capmReturns } from './historical';
import { exponentialMeans, jamesSteinMeans } from './shrunk-means';

export interface ExpectedReturnEstimator<Params extends z.ZodType = z.ZodType> extends Spec<Params> {
  /** X [T, N] row-major simple returns, finite → [N] per year of `periods` rows. Errors: NOT_ENOUGH_DATA, INVALID_DATA. */
  estimate(X: Float64Array, T: number, N: number, periods: number, params: z.infer<Params>): Float64Array;
}

const none = z.strictObject({});

const mean: ExpectedReturnEstimator<typeof none> = {
  id: 'mean',
  title: 'Mean',
  summary: 'Arithmetic mean of the look-back; unbiased and very noisy.',
  params: none,
  references: [],
  estimate: (X, T, N, periods) => arithmeticMeanReturns(X, T, N, periods),
};

const emaParams = z.strictObject({
  span: z.number().gte(1).default(180).meta({
    title: 'Span',
    unit: 'trading days',
    description: 'A day counts 1 − 2/(span + 1) times the next one.',
  }),
});
const ema: ExpectedReturnEstimator<typeof emaParams> = {
  id: 'ema',
  title: 'Exponentially weighted mean',
  summary: 'Recent days count more.',
  params: emaParams,
  references: ['Hunter 1986, The exponentially weighted moving average'],
  estimate: (X, T, N, periods, { span }) =>
    exponentialMeans(X, T, N, 1 - 2 / (span + 1)).map((value) => periods * value),
};

const jamesStein: ExpectedReturnEstimator<typeof none> = {
  id: 'james-stein',
  title: 'James–Stein (Bayes–Stein)',
  summary: 'Pulls every mean toward that of the minimum-variance portfolio, more so where means are noise.',
  params: none,
  references: ['Jorion 1986, Bayes–Stein estimation for portfolio analysis'],
  estimate: (X, T, N, periods) => jamesSteinMeans(X, T, N).mu.map((value) => periods * value),
};

const rateShape = {
  riskFree: z.number().gte(0).lt(1).default(0).meta({ title: 'Risk-free rate', unit: 'fraction per year' }),
};
const capmParams = z.strictObject(rateShape);
const capm: ExpectedReturnEstimator<typeof capmParams> = {
  id: 'capm',
  title: 'CAPM',
  summary: 'Risk-free rate plus beta to the equal-weight market times its excess growth.',
  params: capmParams,
  references: ['Sharpe 1964, Capital asset prices'],
  estimate: (X, T, N, periods, { riskFree }) => capmReturns(X, T, N, periods, riskFree).mu,
};

const equilibriumParams = z.strictObject({
  ...rateShape,
  riskAversion: z.number().gt(0).default(2.5).meta({ title: 'Risk aversion of the market' }),
});
const equilibrium: ExpectedReturnEstimator<typeof equilibriumParams> = {
  id: 'equilibrium',
  title: 'Equilibrium',
  summary: 'The returns under which an equal-weight market would be optimal: risk-free rate plus δ Σ w.',
  params: equilibriumParams,
  references: ['Black, Litterman 1992, Global portfolio optimization'],
  estimate: (X, T, N, periods, { riskFree, riskAversion }) => {
    const w = new Float64Array(N).fill(1 / N);
    const risk = multiplyVector(sampleCovariance(X, T, N), w, N, N);
    return risk.map((value) => riskFree + riskAversion * periods * value);
  },
};

export const expectedReturnEstimators: readonly ExpectedReturnEstimator[] = [mean, ema, jamesStein, capm, equilibrium];

/** The estimate under the estimator's own defaults unless `params` say otherwise. Errors: BAD_REQUEST, NOT_ENOUGH_DATA, INVALID_DATA. */
export function estimateExpectedReturns(
  id: string,
  X: Float64Array,
  T: number,
  N: number,
  periods = 252,
  params: Readonly<Record<string, unknown>> = {},
): Float64Array {
  const estimator = expectedReturnEstimators.find((candidate) => candidate.id === id);
  if (estimator === undefined) {
    const known = expectedReturnEstimators.map((candidate) => candidate.id).join(', ');
    throw new AppError('BAD_REQUEST', `Expected an estimator of expected returns (${known}), found "${id}".`);
  }
  requireRows(T, 2);
  requireFinite(columnMeans(X, T, N));
  return estimator.estimate(X, T, N, periods, estimator.params.parse(params));
}
