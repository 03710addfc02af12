/** Calculation kinds `covariance.*`: risk and correlation matrices of returns, with the summary numbers that identify a large one. */
import { z } from 'zod';
import { symmetricEigenvalues } from '#quant/array/eigen';
import { quadraticForm } from '#quant/array/linalg';
import { marchenkoPasturCovariance } from '#quant/covariance/denoise';
import {
  pairwiseCovariance,
  pearsonCorrelation,
  sampleCovariance,
  spearmanCorrelation,
} from '#quant/covariance/moments';
import { ledoitWolf, ledoitWolfConstantCorrelation, oracleApproximatingShrinkage } from '#quant/covariance/shrinkage';
import { ewmaCovariance, semicovariance } from '#quant/covariance/weighted';
import { calcKind, type CalcInput, type CalcKind } from '../kind';
import { PRICES_INPUT, readReturns, requireComplete, returnsParam, type ReturnTable } from '../price-input';
import { nestedRows } from '../tables';

const common = {
  returns: returnsParam,
  method: z.string().optional().meta({ description: 'Repeats the name of the kind; not used.' }),
};
const correlationParams = z.strictObject(common);
const annualParams = z.strictObject({ ...common, periods_per_year: z.number().gt(0).default(252) });
const decayParams = annualParams.extend({ lam: z.number().gt(0).lte(1) });
const benchmarkParams = annualParams.extend({ benchmark: z.number().default(0).meta({ unit: 'return per period' }) });

/** From this many assets on, the entries of the matrix are sampled as well. */
const LARGE = 100;
const SUMMARY =
  ' Besides tickers and matrix: n, trace, frobenius, sum_all, quad_equal (w_i = 1/n), quad_ramp (w_i = i/(n(n+1)/2)), ' +
  'eig_top10 (descending), eig_min, condition_number and, above 100 assets, 40 sampled entries [ticker, ticker, value].';

type Inputs = Readonly<Record<string, CalcInput>>;

export const kinds: readonly CalcKind[] = [
  matrixKind('correlation', 'Pearson correlation of returns.', correlationParams, (table) => ({
    matrix: pearsonCorrelation(table.X, table.T, table.N),
  })),
  matrixKind(
    'spearman',
    'Spearman rank correlation of returns; ties share their average rank.',
    correlationParams,
    (table) => ({ matrix: spearmanCorrelation(table.X, table.T, table.N) }),
  ),
  matrixKind(
    'sample',
    'Sample covariance, divisor T−1, times periods_per_year.',
    annualParams,
    ({ X, T, N }, { periods_per_year }) => ({ matrix: scaled(sampleCovariance(X, T, N), periods_per_year) }),
  ),
  calcKind({
    id: 'covariance.sample_pairwise',
    summary: 'Pairwise-complete sample covariance.',
    recipe:
      'For each pair the dates on which both returns exist, own means, divisor n_ij−1; times periods_per_year.' +
      SUMMARY,
    inputs: { prices: PRICES_INPUT },
    params: annualParams,
    run: (inputs: Inputs, params) => {
      const table = readReturns(inputs, params);
      const { matrix, counts } = pairwiseCovariance(table.X, table.T, table.N);
      const least = counts.reduce((smallest, count) => Math.min(smallest, count), table.T);
      return { ...describe(table, scaled(matrix, params.periods_per_year)), pair_counts_min: least };
    },
  }),
  matrixKind(
    'ledoit_wolf',
    'Ledoit–Wolf (2004, JMVA) shrinkage to μI, divisor T, as scikit-learn; times periods_per_year.',
    annualParams,
    ({ X, T, N }, { periods_per_year }) => {
      const { matrix, shrinkage } = ledoitWolf(X, T, N);
      return { matrix: scaled(matrix, periods_per_year), shrinkage };
    },
  ),
  matrixKind(
    'lw_constant_correlation',
    'Ledoit–Wolf (2004, Honey) shrinkage to the constant-correlation target, divisor T; times periods_per_year.',
    annualParams,
    ({ X, T, N }, { periods_per_year }) => {
      const { matrix, shrinkage, averageCorrelation } = ledoitWolfConstantCorrelation(X, T, N);
      return { matrix: scaled(matrix, periods_per_year), shrinkage, average_correlation: averageCorrelation };
    },
  ),
  matrixKind(
    'oas',
    'Oracle approximating shrinkage to μI, divisor T, scikit-learn’s formula; times periods_per_year.',
    annualParams,
    ({ X, T, N }, { periods_per_year }) => {
      const { matrix, shrinkage } = oracleApproximatingShrinkage(X, T, N);
      return { matrix: scaled(matrix, periods_per_year), shrinkage };
    },
  ),
  matrixKind(
    'ewma',
    'Exponentially weighted, zero mean: Σ_k λ^k x_{T−k} x_{T−k}ᵀ / Σ_k λ^k, k = 0 newest; times periods_per_year.',
    decayParams,
    ({ X, T, N }, { lam, periods_per_year }) => ({ matrix: scaled(ewmaCovariance(X, T, N, lam), periods_per_year) }),
  ),
  matrixKind(
    'semicovariance',
    'Semicovariance YᵀY/T with Y = min(r − benchmark, 0), not demeaned; times periods_per_year.',
    benchmarkParams,
    ({ X, T, N }, { benchmark, periods_per_year }) => ({
      matrix: scaled(semicovariance(X, T, N, benchmark), periods_per_year),
    }),
  ),
  matrixKind(
    'mp_denoised',
    'Marchenko–Pastur constant-residual-eigenvalue denoising with the sample standard deviations; times periods_per_year.',
    annualParams,
    ({ X, T, N }, { periods_per_year }) => {
      const { matrix, edge, signals } = marchenkoPasturCovariance(X, T, N);
      return { matrix: scaled(matrix, periods_per_year), lambda_plus: edge, n_signal: signals };
    },
  ),
];

function matrixKind<Params extends { readonly returns: 'simple' | 'log' }>(
  name: string,
  recipe: string,
  params: z.ZodType<Params>,
  estimate: (table: ReturnTable, params: Params) => { readonly matrix: Float64Array } & Record<string, unknown>,
): CalcKind {
  return calcKind({
    id: `covariance.${name}`,
    summary: recipe.slice(0, recipe.search(/[,;:.]/)) + '.',
    recipe: recipe + SUMMARY,
    inputs: { prices: PRICES_INPUT },
    params,
    run: (inputs: Inputs, chosen) => {
      const table = requireComplete(readReturns(inputs, { returns: chosen.returns }));
      const { matrix, ...facts } = estimate(table, chosen);
      return { ...describe(table, matrix), ...facts };
    },
  });
}

function scaled(matrix: Float64Array, factor: number): Float64Array {
  return matrix.map((value) => value * factor);
}

function describe({ assets, N }: ReturnTable, matrix: Float64Array): Record<string, unknown> {
  const eigenvalues = symmetricEigenvalues(matrix, N).reverse();
  const equal = new Float64Array(N).fill(1 / N);
  const ramp = Float64Array.from({ length: N }, (_, i) => (2 * (i + 1)) / (N * (N + 1)));
  let trace = 0;
  for (let i = 0; i < N; i++) trace += matrix[i * N + i];
  const summary = {
    tickers: assets,
    matrix: nestedRows(matrix, N, N),
    n: N,
    trace,
    frobenius: Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0)),
    sum_all: matrix.reduce((sum, value) => sum + value, 0),
    quad_equal: quadraticForm(matrix, equal, N),
    quad_ramp: quadraticForm(matrix, ramp, N),
    eig_top10: Array.from(eigenvalues.subarray(0, 10)),
    eig_min: eigenvalues[N - 1],
    condition_number: eigenvalues[0] / eigenvalues[N - 1],
  };
  return N > LARGE ? { ...summary, entries: sampleEntries(assets, matrix) } : summary;
}

/** Forty entries spread over the matrix by two steps that are coprime to most sizes. */
function sampleEntries(
  assets: readonly string[],
  matrix: Float64Array,
): readonly (readonly [string, string, number])[] {
  const N = assets.length;
  return Array.from({ length: 40 }, (_, k) => {
    const i = (37 * k) % N;
    const j = (91 * k + 5) % N;
    return [assets[i], assets[j], matrix[i * N + j]] as const;
  });
}
