/**
 * One regression tree, grown leaf by leaf: the leaf whose split lowers the squared loss most is split next (Shi 2007; LightGBM, Ke et
 * al. 2017). The smaller child's histogram is built, the larger one's is what remains of the parent's.
 */
import type { Bounds, KernelNode, Split, SplitRules, TreeKernel } from '../kernels/trees';

export interface GrowthRules extends SplitRules {
  readonly maxLeaves: number;
  /** Splits between the root and any leaf; Infinity = no limit. */
  readonly maxDepth: number;
}

export interface Growth {
  /** Rows of the kernel's index that are in the sample. */
  readonly rows: number;
  /** Bits that count rows in a packed sum. */
  readonly shift: number;
  /** Quantized per real unit of gradient. */
  readonly scale: number;
  /** Factor on leaf values. */
  readonly shrinkage: number;
  readonly rules: GrowthRules;
  /** Chooses the features of the next node in `kernel.allowed`; absent where the whole tree has the same. */
  readonly chooseFeatures?: () => void;
}

interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly rows: number;
  readonly total: bigint;
  readonly depth: number;
  readonly slot: number;
  readonly bounds: Bounds;
  readonly split: Split | null;
}

export interface LeafRows {
  readonly start: number;
  readonly rows: number;
  readonly value: number;
}

export interface GrownTree {
  readonly nodes: readonly KernelNode[];
  /** The sample rows of every leaf, as positions in the kernel's index. */
  readonly leaves: readonly LeafRows[];
}

const UNBOUNDED: Bounds = { lower: -Infinity, upper: Infinity };

/** Grows on the rows and packed gradients that are in the kernel. */
export function growTree(kernel: TreeKernel, growth: Growth): GrownTree {
  const { rules, shift } = growth;
  const nodes: KernelNode[] = [];
  const valueOf = (total: bigint, { lower, upper }: Bounds): number => {
    const { gradient, count } = unpack(total, shift);
    return count === 0 ? 0 : Math.min(Math.max(-gradient / (count + rules.l2), lower), upper);
  };
  const asLeaf = (total: bigint, bounds: Bounds): KernelNode => ({
    value: (valueOf(total, bounds) / growth.scale) * growth.shrinkage,
    feature: -1,
    bin: 0,
    missingLeft: false,
    left: 0,
    right: 0,
  });
  const bestOf = (leaf: Omit<Leaf, 'split'>): Leaf => {
    growth.chooseFeatures?.();
    return { ...leaf, split: kernel.bestSplit(leaf.slot, leaf.total, shift, rules, leaf.bounds) };
  };
  const canSplit = (total: bigint, depth: number) =>
    depth < rules.maxDepth && unpack(total, shift).count >= 2 * rules.minCount;

  const total = growth.rows === 0 ? 0n : kernel.histogram(0, 0, growth.rows);
  nodes.push(asLeaf(total, UNBOUNDED));
  const root = { node: 0, start: 0, rows: growth.rows, total, depth: 0, slot: 0, bounds: UNBOUNDED };
  const leaves: Leaf[] = [canSplit(total, 0) ? bestOf(root) : { ...root, split: null }];
  let slots = 1;
  while (leaves.length < rules.maxLeaves) {
    const chosen = mostGain(leaves);
    if (chosen === null) break;
    const { leaf, split } = chosen;
    const leftRows = kernel.partition(leaf.start, leaf.rows, split);
    const [leftBounds, rightBounds] = childBounds(leaf, split, rules, valueOf);
    const depth = leaf.depth + 1;
    const first = nodes.length;
    const left = { node: first, start: leaf.start, rows: leftRows, total: split.left, depth, bounds: leftBounds };
    const right = {
      node: first + 1,
      start: leaf.start + leftRows,
      rows: leaf.rows - leftRows,
      total: leaf.total - split.left,
      depth,
      bounds: rightBounds,
    };
    const { feature, bin, missingLeft } = split;
    nodes[leaf.node] = { value: 0, feature, bin, missingLeft, left: first, right: first + 1 };
    nodes.push(asLeaf(left.total, leftBounds), asLeaf(right.total, rightBounds));
    // The last split of a tree needs no histograms: its children stay leaves.
    const isLast = leaves.length + 1 === rules.maxLeaves;
    const grows = [left, right].map(({ total: sum }) => !isLast && canSplit(sum, depth));
    const spare = slots;
    if (grows[0] || grows[1]) {
      const smaller = left.rows <= right.rows ? left : right;
      slots += 1;
      kernel.histogram(spare, smaller.start, smaller.rows);
      kernel.subtract(leaf.slot, spare);
    }
    const slotOf = (child: { rows: number }) => ((child === left) === left.rows <= right.rows ? spare : leaf.slot);
    const [a, b] = [left, right].map((child, i): Leaf => {
      const placed = { ...child, slot: slotOf(child) };
      return grows[i] ? bestOf(placed) : { ...placed, split: null };
    });
    leaves[leaves.indexOf(leaf)] = a;
    leaves.push(b);
  }
  return {
    nodes,
    leaves: leaves.map(({ node, start, rows }) => ({ start, rows, value: nodes[node].value })),
  };
}

function unpack(total: bigint, shift: number): { readonly gradient: number; readonly count: number } {
  return { gradient: Number(total >> BigInt(shift)), count: Number(BigInt.asUintN(shift, total)) };
}

/** The first leaf of largest gain; null where none splits. */
function mostGain(leaves: readonly Leaf[]): { readonly leaf: Leaf; readonly split: Split } | null {
  let best: { leaf: Leaf; split: Split } | null = null;
  for (const leaf of leaves) {
    if (leaf.split && (best === null || leaf.split.gain > best.split.gain)) best = { leaf, split: leaf.split };
  }
  return best;
}

/** Under a monotone split both sides stay on their side of the middle; elsewhere bounds are inherited. */
function childBounds(
  leaf: Leaf,
  split: Split,
  { monotone }: SplitRules,
  valueOf: (total: bigint, bounds: Bounds) => number,
): readonly [Bounds, Bounds] {
  const { bounds } = leaf;
  const direction = monotone === null ? 0 : monotone[split.feature];
  if (direction === 0) return [bounds, bounds];
  const middle = (valueOf(split.left, bounds) + valueOf(leaf.total - split.left, bounds)) / 2;
  const lower = { lower: bounds.lower, upper: middle };
  const upper = { lower: middle, upper: bounds.upper };
  return direction > 0 ? [lower, upper] : [upper, lower];
}
