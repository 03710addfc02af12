/** The named conventions of hierarchical equal risk contribution; light, because forms and schemas need them without the computation. */

export const HERC_RISKS = ['variance', 'standard-deviation', 'cvar', 'cdar', 'equal'] as const;
/** Risk by which clusters and the assets inside them share the budget; `equal` halves every split and weights a cluster equally. */
export type HercRisk = (typeof HERC_RISKS)[number];
