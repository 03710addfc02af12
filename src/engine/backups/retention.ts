/**
 * Which backups are kept: of the newest 24 hours, 30 days and 12 months that have any, the newest of each; and always
 * the newest few. It looks only at when backups were made, never at the clock, so a clock that jumps deletes nothing.
 */

/** How many periods of each kind are kept; a period is the first characters of an ISO time in UTC. */
const PERIODS = [
  { characters: 'YYYY-MM-DDTHH'.length, kept: 24 },
  { characters: 'YYYY-MM-DD'.length, kept: 30 },
  { characters: 'YYYY-MM'.length, kept: 12 },
] as const;

/** Kept whatever their hour: what a person has just made must not vanish a quarter of an hour later. */
const NEWEST_KEPT = 4;

/** @returns identifiers of those that are no longer needed */
export function outdated(backups: readonly { readonly id: string; readonly createdAt: string }[]): string[] {
  const newestFirst = backups.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  const kept = new Set(newestFirst.slice(0, NEWEST_KEPT).map(({ id }) => id));
  for (const { characters, kept: most } of PERIODS) {
    const periods = new Set<string>();
    for (const { id, createdAt } of newestFirst) {
      const period = createdAt.slice(0, characters);
      if (periods.has(period)) continue;
      if (periods.size === most) break;
      periods.add(period);
      kept.add(id);
    }
  }
  return newestFirst.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
}
