/** Fewest rows that tree ensembles are grown on: as many per feature as the regressions ask for, so that they can be compared. */
export function treeMinRows(features: number): number {
  return 10 * (features + 1);
}
