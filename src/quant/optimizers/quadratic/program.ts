/** Convex quadratic programs as the portfolio optimizers state them, and what a solution promises. */

/** coefficients · x = bound, or ≤ bound. */
export interface LinearRow {
  /** For messages and diagnostics. */
  readonly name: string;
  readonly kind: 'equal' | 'at-most';
  /** Length n. */
  readonly coefficients: Float64Array;
  readonly bound: number;
}

/** minimize ½ xᵀHx + cᵀx subject to lower ≤ x ≤ upper, the rows, and ½ Σ|x − reference| ≤ limit. */
export interface QuadraticProgram {
  readonly n: number;
  /** [n, n] row-major, symmetric positive semidefinite. */
  readonly H: Float64Array;
  /** Length n; absent = 0. */
  readonly c?: Float64Array;
  /** Length n; may be −∞. */
  readonly lower: Float64Array;
  /** Length n; may be ∞. */
  readonly upper: Float64Array;
  readonly rows: readonly LinearRow[];
  readonly turnover?: { readonly reference: Float64Array; readonly limit: number };
}

export interface QuadraticSolution {
  readonly x: Float64Array;
  readonly iterations: number;
  /** Largest violation of the optimality conditions, relative to the gradient. */
  readonly residual: number;
  /** Regularized steps that were taken because H was singular on the free variables; 0 where it was not. */
  readonly proximalSteps: number;
  /** One per row, then one for turnover; inequality multipliers are ≥ 0. */
  readonly multipliers: Float64Array;
  /** Names of the rows (and `turnover`) that hold with equality. */
  readonly active: readonly string[];
}
