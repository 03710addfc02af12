/** The named conventions of nested clustered optimization; light, because forms and schemas need them without the computation. */

export const NCO_OBJECTIVES = ['min-variance', 'inverse-volatility', 'equal'] as const;
/** How assets share a cluster, or clusters the portfolio. */
export type NcoObjective = (typeof NCO_OBJECTIVES)[number];
