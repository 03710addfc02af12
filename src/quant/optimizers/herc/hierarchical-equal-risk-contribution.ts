/**
 * Hierarchical equal risk contribution (Raffinot 2018): the budget is split down the tree to the clusters in inverse proportion to the
 * summed risk of the clusters on either side, and inside a cluster in inverse proportion to the risk of each asset.
 * Box bounds hold exactly: every share is clipped to what the assets below can hold.
 */
import { AppError } from '#base/errors';
import { decreasingRoot } from '#quant/array/root';
import type { HercRisk } from './choices';
import { clusterAssets, leavesBelow, type Clustering, type ClusterOptions } from './clusters';
import { subsetRisk, type RiskData } from './subset-risk';

export interface HercOptions extends ClusterOptions {
  readonly risk: HercRisk;
  /** Sum of the weights. */
  readonly budget: number;
  /** Bounds [N] with Σ lower ≤ budget ≤ Σ upper. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export interface HercResult {
  readonly weights: Float64Array;
  readonly clustering: Clustering;
}

/** correlation [N, N] is clustered on. Errors: INVALID_DATA where a risk is not positive, INFEASIBLE where the bounds exclude the budget. */
export function hierarchicalEqualRiskContribution(
  data: RiskData,
  correlation: Float64Array,
  options: HercOptions,
): HercResult {
  const { N } = data;
  const { budget, lower, upper, risk } = options;
  requireRoom(lower, upper, budget);
  const clustering = clusterAssets(correlation, N, options);
  const { tree, roots, members } = clustering;
  const naive = Float64Array.from({ length: N }, (_, i) => 1 / subsetRisk(data, risk, [i], [1]));
  const riskOf = new Map(roots.map((root, c) => [root, clusterRisk(data, risk, members[c], naive)]));
  const weights = new Float64Array(N);

  /** Summed risk of the clusters at or below a node. */
  function riskBelow(node: number): number {
    return riskOf.get(node) ?? riskBelow(tree.left[node - N]) + riskBelow(tree.right[node - N]);
  }
  function split(node: number, share: number): void {
    const cluster = roots.indexOf(node);
    if (cluster >= 0) {
      fill(members[cluster], share);
      return;
    }
    const [left, right] = [tree.left[node - N], tree.right[node - N]];
    const [a, b] = [riskBelow(left), riskBelow(right)];
    const toLeft = risk === 'equal' ? share / 2 : (share * b) / (a + b);
    const [leftLow, leftHigh] = boundsBelow(left);
    const [rightLow, rightHigh] = boundsBelow(right);
    const kept = Math.min(Math.max(toLeft, leftLow, share - rightHigh), leftHigh, share - rightLow);
    split(left, kept);
    split(right, share - kept);
  }
  function boundsBelow(node: number): [number, number] {
    const leaves = leavesBelow(tree, N, node);
    return [leaves.reduce((sum, i) => sum + lower[i], 0), leaves.reduce((sum, i) => sum + upper[i], 0)];
  }
  function fill(leaves: readonly number[], share: number): void {
    const at = (scale: number, i: number): number => Math.min(Math.max(scale * naive[i], lower[i]), upper[i]);
    const missing = (scale: number): number => share - leaves.reduce((sum, i) => sum + at(scale, i), 0);
    const most =
      leaves.reduce((largest, i) => Math.max(largest, Math.abs(upper[i]) / naive[i]), 0) + 1 / naive[leaves[0]];
    const least = leaves.reduce((smallest, i) => Math.min(smallest, lower[i] / naive[i]), 0);
    const scale = decreasingRoot(missing, least, most);
    for (const i of leaves) weights[i] = at(scale, i);
  }
  split(2 * N - 2, budget);
  return { weights, clustering };
}

function clusterRisk(data: RiskData, risk: HercRisk, members: readonly number[], naive: Float64Array): number {
  const total = members.reduce((sum, i) => sum + naive[i], 0);
  return subsetRisk(
    data,
    risk,
    members,
    members.map((i) => naive[i] / total),
  );
}

function requireRoom(lower: Float64Array, upper: Float64Array, budget: number): void {
  const least = lower.reduce((sum, bound) => sum + bound, 0);
  const most = upper.reduce((sum, bound) => sum + bound, 0);
  if (least <= budget + 1e-12 && most >= budget - 1e-12) return;
  throw new AppError(
    'INFEASIBLE',
    `Expected bounds that allow a sum of ${budget}, found sums from ${least} to ${most}. Widen the bounds.`,
    { data: { constraints: ['bounds', 'budget'], least, most } },
  );
}
