/** Covariances by the names that calculation cases use, estimated from a return table; one period each. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { CovarianceId } from '../covariance/choice';
import { estimateCovariance } from '../covariance/registry';
import { requireComplete, type ReturnTable } from './price-input';

const ESTIMATORS: Readonly<Record<string, CovarianceId>> = {
  sample: 'sample',
  sample_pairwise: 'sample-pairwise',
  ledoit_wolf: 'ledoit-wolf',
  lw_constant_correlation: 'ledoit-wolf-constant-correlation',
  oas: 'oas',
  ewma: 'ewma',
  semicovariance: 'semicovariance',
  mp_denoised: 'marchenko-pastur',
};
const MISSING_AS_ZERO = '_missing_as_zero';

export const covarianceName = z
  .enum([
    'sample',
    'sample_pairwise',
    'ledoit_wolf',
    'lw_constant_correlation',
    'oas',
    'ewma',
    'semicovariance',
    'mp_denoised',
    'sample_missing_as_zero',
    'ledoit_wolf_missing_as_zero',
    'oas_missing_as_zero',
  ])
  .meta({ title: 'Covariance estimator', description: '…_missing_as_zero treats a missing return as 0.' });
export type CovarianceName = z.infer<typeof covarianceName>;

/** [N, N] covariance per period. Errors: INVALID_DATA where a return is missing and the estimator needs all. */
export function covarianceByName(name: CovarianceName, table: ReturnTable): Float64Array {
  const asZero = name.endsWith(MISSING_AS_ZERO);
  const id = ESTIMATORS[asZero ? name.slice(0, -MISSING_AS_ZERO.length) : name];
  const { T, N } = table;
  if (asZero) {
    const filled = table.X.map((value) => (Number.isNaN(value) ? 0 : value));
    return estimateCovariance(id, filled, T, N).matrix;
  }
  if (id !== 'sample-pairwise') requireComplete(table);
  return estimateCovariance(id, table.X, T, N).matrix;
}

/** Nested rows → [N, N] row-major. Errors: BAD_REQUEST unless square and symmetric. */
export function matrixFromRows(rows: readonly (readonly number[])[], what: string): Float64Array {
  const N = rows.length;
  const matrix = Float64Array.from(rows.flat());
  if (rows.some((row) => row.length !== N)) {
    throw new AppError('BAD_REQUEST', `Expected ${what} to be square, found ${N} rows of other lengths.`);
  }
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < i; j++) {
      const difference = Math.abs(matrix[i * N + j] - matrix[j * N + i]);
      if (!(difference <= 1e-8 * Math.sqrt(Math.abs(matrix[i * N + i] * matrix[j * N + j])))) {
        throw new AppError(
          'BAD_REQUEST',
          `Expected ${what} to be symmetric, found other values at rows ${j + 1} and ${i + 1}.`,
        );
      }
    }
  }
  return matrix;
}
