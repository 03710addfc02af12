/**
 * Minimum-variance portfolios of at most K assets. Few assets: exact by branch and bound on which assets are left out, each node a
 * relaxed quadratic program (Bienstock 1996). The node limit and whether the answer is proved are part of it.
 */
import { quadraticForm } from '#quant/array/linalg';
import { restrictTo, type FeasibleSet } from '../feasible-set';
import { hasPortfolio } from '../infeasibility/feasibility';
import { solveOverSet } from '../quadratic/portfolio-program';

export interface BestSubset {
  readonly weights: Float64Array;
  /** wᵀHw. */
  readonly objective: number;
  /** True where no other subset does better; false where the node limit ended the search. */
  readonly proved: boolean;
  readonly nodes: number;
  readonly nodeLimit: number;
}

/** Weight below which an asset counts as not held. */
const HELD = 1e-10;

/**
 * min wᵀHw over the set with at most `count` weights that are not 0; H [n, n] positive semidefinite. Depth first; a node leaves out
 * each of the smallest holdings of its relaxation in turn, with the larger ones kept for good. Undefined where no subset was found.
 */
export function bestSubset(
  set: FeasibleSet,
  H: Float64Array,
  count: number,
  nodeLimit: number,
): BestSubset | undefined {
  const { n } = set;
  let best: { weights: Float64Array; objective: number } | undefined;
  let nodes = 0;
  const variances = Float64Array.from({ length: n }, (_, i) => H[i * n + i]);

  function visit(allowed: Uint8Array, required: Uint8Array): void {
    if (nodes >= nodeLimit) return;
    nodes++;
    const node = restrictTo(set, allowed);
    if (!hasPortfolio(node)) return;
    const { x } = solveOverSet(node, H, undefined, variances);
    const objective = quadraticForm(H, x, n);
    if (best !== undefined && objective >= best.objective * (1 - 1e-12)) return;
    const held = Array.from({ length: n }, (_, i) => i).filter((i) => Math.abs(x[i]) > HELD);
    if (held.length <= count) {
      best = { weights: x, objective };
      return;
    }
    const open = held.filter((i) => required[i] === 0).sort((a, b) => Math.abs(x[a]) - Math.abs(x[b]));
    const kept = required.slice();
    let chosen = required.reduce((sum, one) => sum + one, 0);
    // The last one left out has every other open asset required, so the branches cover all subsets and none twice.
    for (const i of open) {
      if (chosen > count) return;
      const fewer = allowed.slice();
      fewer[i] = 0;
      visit(fewer, kept);
      kept[i] = 1;
      chosen++;
    }
  }
  visit(
    new Uint8Array(n).fill(1),
    Uint8Array.from(set.lower, (bound) => Number(bound > 0)),
  );
  return best === undefined ? undefined : { ...best, proved: nodes < nodeLimit, nodes, nodeLimit };
}
