/**
 * How many different things were tried? Trials whose returns move together count as one: they are clustered by correlation, the
 * number of clusters chosen by the silhouette t-statistic (López de Prado, Lewis 2019; López de Prado 2019), here on the
 * average-linkage tree instead of k-means, which needs no seed. Each cluster is one inverse-variance portfolio of its trials.
 */
import { AppError } from '#base/errors';
import { correlation, mean, standardDeviation, variance } from '../array/stats';
import { linkage } from '../optimizers/hrp/linkage';

const MOST_CLUSTERS = 100;
/** Below this mean silhouette the clusters are not distinct, and every trial counts: the cautious answer. */
const LEAST_SILHOUETTE = 0.25;
/** Trials closer than this are one trial. */
const SAME = 1e-6;

export interface EffectiveTrials {
  /** N for the deflated Sharpe ratio. */
  readonly count: number;
  /** Cluster of every trial, 0-based in order of first appearance; length K. */
  readonly clusters: Int32Array;
  /** Mean silhouette of the chosen clustering, −1 … 1. */
  readonly silhouette: number;
  /** Variance (divisor n − 1) of the clusters' per-period Sharpe ratios; 0 for one cluster. */
  readonly sharpeVariance: number;
  /** ρ̄ + (1 − ρ̄) K: the implied number by average correlation (Bailey, López de Prado 2014, appendix A.3). */
  readonly byAverageCorrelation: number;
}

/** `columns`: one return series per trial, equal lengths. Errors: NOT_ENOUGH_DATA, INVALID_DATA for a constant series. */
export function effectiveTrials(columns: readonly Float64Array[]): EffectiveTrials {
  const K = columns.length;
  const T = columns[0]?.length ?? 0;
  if (K < 1 || T < 10 || columns.some((column) => column.length !== T)) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected trials of equal length, at least 10 returns, found ${K} of ${T}.`, {
      data: { needed: 10, found: T, trials: K },
    });
  }
  const constant = columns.findIndex((column) => !(standardDeviation(column) > 0));
  if (constant >= 0) {
    throw new AppError('INVALID_DATA', `Expected trials whose returns vary, found trial ${constant + 1} constant.`, {
      data: { trial: constant },
    });
  }
  const D = new Float64Array(K * K);
  let off = 0;
  for (let i = 0; i < K; i++) {
    for (let j = 0; j < i; j++) {
      const rho = Math.max(-1, Math.min(1, correlation(columns[i], columns[j])));
      off += rho;
      D[i * K + j] = D[j * K + i] = Math.sqrt((1 - rho) / 2);
    }
  }
  const average = K > 1 ? (2 * off) / (K * (K - 1)) : 1;
  const { clusters, silhouette } = chooseClusters(D, K);
  const count = Math.max(...clusters) + 1;
  const sharpes = Array.from({ length: count }, (_, c) =>
    clusterSharpe(columns.filter((_column, i) => clusters[i] === c)),
  );
  return {
    count,
    clusters,
    silhouette,
    sharpeVariance: count > 1 ? variance(sharpes) : 0,
    byAverageCorrelation: average + (1 - average) * K,
  };
}

function chooseClusters(D: Float64Array, K: number): { clusters: Int32Array; silhouette: number } {
  const each = Int32Array.from({ length: K }, (_, i) => i);
  if (K === 1 || D.every((d) => d < SAME)) return { clusters: new Int32Array(K), silhouette: 1 };
  if (K === 2) return { clusters: each, silhouette: 0 };
  const tree = linkage(D, K, 'average');
  let best: { clusters: Int32Array; silhouette: number } = { clusters: each, silhouette: 0 };
  let quality = -Infinity;
  const most = Math.min(K - 1, MOST_CLUSTERS);
  for (let count = 2; count <= most; count++) {
    const clusters = cut(tree, K, count);
    const scores = silhouettes(D, K, clusters, count);
    const average = mean(scores);
    const spread = standardDeviation(scores, 0);
    const score = spread > 0 ? average / spread : average > 0 ? Infinity : -Infinity;
    if (score > quality) {
      quality = score;
      best = { clusters, silhouette: average };
    }
  }
  if (best.silhouette >= LEAST_SILHOUETTE) return best;
  // One tight bundle has no second cluster to compare with, and no silhouette.
  const together = Math.max(...D) < 0.5 && best.silhouette < LEAST_SILHOUETTE;
  return together
    ? { clusters: new Int32Array(K), silhouette: best.silhouette }
    : { clusters: each, silhouette: best.silhouette };
}

/** The first K − count merges, as labels in order of first appearance. */
function cut({ left, right }: ReturnType<typeof linkage>, K: number, count: number): Int32Array {
  const parent = Int32Array.from({ length: 2 * K - 1 }, (_, i) => i);
  for (let merge = 0; merge < K - count; merge++) {
    parent[left[merge]] = K + merge;
    parent[right[merge]] = K + merge;
  }
  const labels = new Map<number, number>();
  return Int32Array.from({ length: K }, (_, i) => {
    let node = i;
    while (parent[node] !== node) node = parent[node];
    const known = labels.get(node) ?? labels.size;
    labels.set(node, known);
    return known;
  });
}

/** (b − a) / max(a, b) per member; 0 for a cluster of one (Rousseeuw 1987). */
function silhouettes(D: Float64Array, K: number, clusters: Int32Array, count: number): Float64Array {
  const sizes = new Float64Array(count);
  for (const c of clusters) sizes[c] += 1;
  const sums = new Float64Array(count);
  return Float64Array.from({ length: K }, (_, i) => {
    sums.fill(0);
    for (let j = 0; j < K; j++) sums[clusters[j]] += D[i * K + j];
    const own = clusters[i];
    if (sizes[own] === 1) return 0;
    const a = sums[own] / (sizes[own] - 1);
    let b = Infinity;
    for (let c = 0; c < count; c++) if (c !== own) b = Math.min(b, sums[c] / sizes[c]);
    return Math.max(a, b) > 0 ? (b - a) / Math.max(a, b) : 0;
  });
}

/** Per-period Sharpe ratio of the inverse-variance portfolio of the members. */
function clusterSharpe(members: readonly Float64Array[]): number {
  const inverse = members.map((member) => 1 / variance(member));
  const total = inverse.reduce((sum, w) => sum + w, 0);
  const joint = members[0].map((_, t) => members.reduce((sum, member, i) => sum + (inverse[i] / total) * member[t], 0));
  return mean(joint) / standardDeviation(joint);
}
