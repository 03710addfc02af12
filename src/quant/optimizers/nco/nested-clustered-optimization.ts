/**
 * Nested clustered optimization (López de Prado 2019, A robust estimator of the efficient frontier): weights inside every cluster,
 * then weights of the clusters on the reduced covariance; the portfolio is their product. Weights sum to the budget.
 */
import { clusterAssets, submatrix, type Clustering, type ClusterOptions } from '../herc/clusters';
import { solveQuadratic } from '../quadratic/solve-quadratic';
import type { NcoObjective } from './choices';

export interface NcoOptions extends ClusterOptions {
  readonly inside: NcoObjective;
  readonly across: NcoObjective;
  readonly longOnly: boolean;
  /** Sum of the weights. */
  readonly budget: number;
}

export interface NcoResult {
  readonly weights: Float64Array;
  readonly clustering: Clustering;
  /** Share of the budget of every cluster, in the order of `clustering.roots`. */
  readonly shares: Float64Array;
}

/** covariance and correlation [N, N]. Without shorts every stage is long-only; with them single weights stay within ±1. Errors: SINGULAR, NOT_CONVERGED. */
export function nestedClusteredOptimization(
  covariance: Float64Array,
  correlation: Float64Array,
  N: number,
  options: NcoOptions,
): NcoResult {
  const clustering = clusterAssets(correlation, N, options);
  const { members } = clustering;
  const inside = members.map((list) =>
    shareOut(submatrix(covariance, N, list), list.length, options.inside, options.longOnly),
  );
  const k = members.length;
  const reduced = new Float64Array(k * k);
  members.forEach((rows, a) => {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      rows.forEach((i, p) =>
        members[b].forEach((j, q) => (sum += inside[a][p] * covariance[i * N + j] * inside[b][q])),
      );
      reduced[a * k + b] = sum;
      reduced[b * k + a] = sum;
    }
  });
  const shares = shareOut(reduced, k, options.across, options.longOnly);
  const weights = new Float64Array(N);
  members.forEach((list, c) => list.forEach((i, p) => (weights[i] = options.budget * shares[c] * inside[c][p])));
  return { weights, clustering, shares };
}

/** n weights that sum to 1. */
function shareOut(covariance: Float64Array, n: number, objective: NcoObjective, longOnly: boolean): Float64Array {
  const equal = new Float64Array(n).fill(1 / n);
  if (n === 1 || objective === 'equal') return equal;
  if (objective === 'inverse-volatility') {
    const inverse = equal.map((_, i) => 1 / Math.sqrt(covariance[i * n + i]));
    const total = inverse.reduce((sum, value) => sum + value, 0);
    return inverse.map((value) => value / total);
  }
  return solveQuadratic(
    {
      n,
      H: covariance,
      lower: new Float64Array(n).fill(longOnly ? 0 : -1),
      upper: new Float64Array(n).fill(1),
      rows: [{ name: 'budget', kind: 'equal', coefficients: new Float64Array(n).fill(1), bound: 1 }],
    },
    equal,
  ).x;
}
