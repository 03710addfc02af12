/** Least squares by Householder reflections (Golub, Van Loan 2013, §5.3): accurate where normal equations would square the condition. */
import { AppError } from '#base/errors';

export interface LeastSquares {
  /** Length k. */
  readonly coefficients: Float64Array;
  /** Length n. */
  readonly residuals: Float64Array;
  /** Residual sum of squares. */
  readonly rss: number;
  /** [k, k] (XᵀX)⁻¹. */
  readonly inverse: Float64Array;
}

/** Share of a column's length that must remain outside the span of the columns before it. */
const COLLINEAR = 1e-12;

/** X [n, k] row-major, finite, n ≥ k. Errors: NOT_ENOUGH_DATA, SINGULAR naming the column. */
export function leastSquares(X: Float64Array, y: Float64Array, k: number): LeastSquares {
  const n = y.length;
  if (n < k || k === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${k} rows for ${k} regressors, found ${n}. Use more data.`,
      {
        data: { needed: k, found: n },
      },
    );
  }
  const R = X.slice();
  const z = y.slice();
  const diagonal = new Float64Array(k);
  for (let j = 0; j < k; j++) diagonal[j] = reflect(R, z, n, k, j);
  const coefficients = z.slice(0, k);
  for (let i = k - 1; i >= 0; i--) {
    for (let j = i + 1; j < k; j++) coefficients[i] -= R[i * k + j] * coefficients[j];
    coefficients[i] /= diagonal[i];
  }
  const residuals = y.map((value, t) => {
    let fit = 0;
    for (let j = 0; j < k; j++) fit += X[t * k + j] * coefficients[j];
    return value - fit;
  });
  const rss = residuals.reduce((sum, e) => sum + e * e, 0);
  return { coefficients, residuals, rss, inverse: inverseFromFactor(R, diagonal, k) };
}

/** Reflects column j onto its leading entry, and the later columns and z with it; returns that entry of R. */
function reflect(R: Float64Array, z: Float64Array, n: number, k: number, j: number): number {
  let total = 0;
  let rest = 0;
  for (let t = 0; t < n; t++) {
    const square = R[t * k + j] ** 2;
    total += square;
    if (t >= j) rest += square;
  }
  if (!(rest > COLLINEAR ** 2 * total)) {
    throw new AppError(
      'SINGULAR',
      `Expected independent regressors, found number ${j + 1} to be a combination of those before it. Leave it out.`,
      { data: { column: j } },
    );
  }
  const lead = R[j * k + j];
  const length = lead > 0 ? -Math.sqrt(rest) : Math.sqrt(rest);
  const head = lead - length;
  // v = (head, R[j+1…, j]); 2 / vᵀv written without cancellation.
  const factor = -1 / (length * head);
  for (let c = j + 1; c <= k; c++) {
    const column = c < k ? R : z;
    const stride = c < k ? k : 1;
    const offset = c < k ? c : 0;
    let product = head * column[j * stride + offset];
    for (let t = j + 1; t < n; t++) product += R[t * k + j] * column[t * stride + offset];
    product *= factor;
    column[j * stride + offset] -= product * head;
    for (let t = j + 1; t < n; t++) column[t * stride + offset] -= product * R[t * k + j];
  }
  return length;
}

/** R⁻¹ R⁻ᵀ, R upper triangular with its diagonal kept apart. */
function inverseFromFactor(R: Float64Array, diagonal: Float64Array, k: number): Float64Array {
  const inverse = new Float64Array(k * k);
  for (let column = 0; column < k; column++) {
    for (let i = column; i >= 0; i--) {
      let value = i === column ? 1 : 0;
      for (let j = i + 1; j <= column; j++) value -= R[i * k + j] * inverse[j * k + column];
      inverse[i * k + column] = value / diagonal[i];
    }
  }
  const result = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      for (let c = Math.max(i, j); c < k; c++) result[i * k + j] += inverse[i * k + c] * inverse[j * k + c];
    }
  }
  return result;
}

/** Columns side by side, row-major; `constant` puts ones first. */
export function designMatrix(columns: readonly Float64Array[], constant: boolean): Float64Array {
  const all = constant ? [new Float64Array(columns[0]?.length ?? 0).fill(1), ...columns] : columns;
  const k = all.length;
  const X = new Float64Array((all[0]?.length ?? 0) * k);
  all.forEach((column, j) => {
    for (let t = 0; t < column.length; t++) X[t * k + j] = column[t];
  });
  return X;
}
