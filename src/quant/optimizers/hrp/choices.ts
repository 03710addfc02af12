/** The named conventions of hierarchical risk parity; light, because forms and schemas need them without the computation. */

export const LINKAGE_METHODS = ['single', 'complete', 'average', 'ward'] as const;
export type LinkageMethod = (typeof LINKAGE_METHODS)[number];

export const DISTANCES = ['correlation', 'euclidean-of-correlation'] as const;
/**
 * `correlation`: d = √((1 − ρ)/2) itself. `euclidean-of-correlation`: Euclidean distance between the columns of that matrix,
 * the paper's own convention.
 */
export type Distance = (typeof DISTANCES)[number];

export const LEAF_ORDERINGS = ['none', 'bottom-up', 'optimal'] as const;
/** `none`: depth first as clustered; `optimal`: least sum of neighbor distances; `bottom-up`: as scipy and its users order. */
export type LeafOrdering = (typeof LEAF_ORDERINGS)[number];

export const RISKS = ['variance', 'standard-deviation'] as const;
/** Variance under inverse-variance weights inside a cluster, or standard deviation under inverse-deviation weights. */
export type ClusterRiskMeasure = (typeof RISKS)[number];
