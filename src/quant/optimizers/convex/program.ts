/**
 * Convex programs over scenarios: a linear or quadratic objective, limits, and shortfalls that cost money. Rows may share one dense
 * table (the returns), so that a program of T scenarios over n assets costs O(T n²) per step whatever its objective.
 */

/** dense · x + sparse · x ≤ bound + z, where the shortfall z ≥ 0 costs price · z + ½ curvature · z²; price ∞ allows none. */
export interface ConvexRow {
  /** Row of the dense table that multiplies the first n variables; −1 = none. */
  readonly dense: number;
  /** Variables of the sparse part; ≥ n where `dense` is used. */
  readonly index: readonly number[];
  readonly value: readonly number[];
  readonly bound: number;
  readonly price: number;
  readonly curvature: number;
}

/** Σ value · x[index] = target. */
export interface ConvexEquality {
  readonly index: readonly number[];
  readonly value: readonly number[];
  readonly target: number;
}

/** minimize ½ Σ d_i x_i² + cᵀx + the cost of shortfalls, subject to rows and equalities. Every variable appears in a row. */
export interface ConvexProgram {
  /** Columns of the dense table. */
  readonly n: number;
  /** Variables, ≥ n. */
  readonly size: number;
  /** [·, n] row-major; entries of order 1 (scale the data first). */
  readonly table: Float64Array;
  readonly c: Float64Array;
  /** Length size: diagonal of the Hessian; absent = 0. */
  readonly d?: Float64Array;
  readonly rows: readonly ConvexRow[];
  readonly equalities: readonly ConvexEquality[];
}

export interface ConvexSolution {
  readonly x: Float64Array;
  /** Value of the objective at x, with the least shortfalls. */
  readonly objective: number;
  readonly iterations: number;
  /** Complementarity left: an upper bound of the distance to the best objective, in its units. */
  readonly gap: number;
  /** Largest violation of a row, an equality or stationarity. */
  readonly residual: number;
}
