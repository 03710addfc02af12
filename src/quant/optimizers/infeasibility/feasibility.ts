/**
 * Whether a feasible set is empty: exact for budget, bounds, disjoint sector bounds and turnover, and for a holdings limit beside
 * them (without turnover, which is judged once the holdings are chosen). With a smallest position and a sector floor at once, the
 * count that is tried is the least one that has room, so an exotic set may be called empty that is not.
 */
import { leastTurnoverPoint, turnoverBetween, type FeasibleSet } from '../feasible-set';

/** Slack below which an excess is rounding, not a conflict. */
export const TOLERANCE = 1e-12;

/** True where some portfolio of at most `holdings` assets meets every constraint. */
export function hasPortfolio(set: FeasibleSet, holdings: number = set.n): boolean {
  const range = budgetRange(set);
  if (range === undefined || range.least > set.budget + TOLERANCE || range.most < set.budget - TOLERANCE) return false;
  if (set.turnover !== undefined && neededTurnover(set) > set.turnover.limit + TOLERANCE) return false;
  if (set.kept !== undefined) return true;
  return (
    (holdings >= set.n && set.constraints.minPosition === undefined) || roomiestHoldings(set, holdings) !== undefined
  );
}

/** Least one-way turnover from the held weights into the set; 0 without a turnover limit. */
export function neededTurnover(set: FeasibleSet): number {
  if (set.turnover === undefined) return 0;
  const { reference } = set.turnover;
  return turnoverBetween(leastTurnoverPoint(set, reference), reference);
}

/** Least and most Σ w under bounds and sector bounds; undefined where those alone conflict. */
export function budgetRange({ n, lower, upper, sectors }: FeasibleSet): { least: number; most: number } | undefined {
  const inSector = new Uint8Array(n);
  let least = 0;
  let most = 0;
  for (const { floor = -Infinity, cap, members } of sectors) {
    let low = 0;
    let high = 0;
    for (const i of members) {
      inSector[i] = 1;
      low += lower[i];
      high += upper[i];
    }
    if (low > cap + TOLERANCE || high < floor - TOLERANCE || floor > cap + TOLERANCE) return undefined;
    least += Math.max(low, floor);
    most += Math.min(high, cap);
  }
  for (let i = 0; i < n; i++) {
    if (lower[i] > upper[i] + TOLERANCE) return undefined;
    if (inSector[i] === 1) continue;
    least += lower[i];
    most += upper[i];
  }
  return { least, most };
}

/**
 * The fewest assets, at most `count`, that can hold the budget: required ones, then each sector's largest until its floor is met,
 * then whatever adds most. Room is concave in each sector's count, so the greedy choice is optimal. Undefined where none can.
 */
export function roomiestHoldings(set: FeasibleSet, count: number): Uint8Array | undefined {
  const { n, lower, upper, budget } = set;
  const smallest = set.constraints.minPosition ?? 0;
  const kept = new Uint8Array(n);
  const groups = groupsOf(set);
  let chosen = 0;
  let most = 0;
  let least = 0;
  const states = groups.map((group) => ({ ...group, next: 0, high: 0, low: 0 }));
  function take(state: (typeof states)[number]): void {
    const i = state.members[state.next++];
    kept[i] = 1;
    chosen++;
    state.high += upper[i];
    state.low += Math.max(lower[i], smallest);
  }
  for (const state of states) {
    while (state.next < state.members.length) {
      const required = lower[state.members[state.next]] > 0;
      if (!required && state.high >= state.floor - TOLERANCE) break;
      take(state);
    }
    if (state.high < state.floor - TOLERANCE || state.low > state.cap + TOLERANCE) return undefined;
    most += Math.min(state.high, state.cap);
    least += smallest > 0 ? Math.max(state.low, state.floor) : 0;
  }
  while (most < budget - TOLERANCE && chosen < count) {
    let best: (typeof states)[number] | undefined;
    let gain = 0;
    for (const state of states) {
      if (state.next >= state.members.length || state.low + smallest > state.cap + TOLERANCE) continue;
      const added =
        Math.min(state.high + upper[state.members[state.next]], state.cap) - Math.min(state.high, state.cap);
      if (added > gain) [best, gain] = [state, added];
    }
    if (best === undefined) break;
    const before = Math.max(best.low, best.floor);
    take(best);
    most += gain;
    if (smallest > 0) least += Math.max(best.low, best.floor) - before;
  }
  if (chosen > count || most < budget - TOLERANCE || least > budget + TOLERANCE) return undefined;
  return kept;
}

/** Sectors, and every other asset in one group without bounds; required assets first, then the largest upper bounds. */
function groupsOf(set: FeasibleSet): { floor: number; cap: number; members: number[] }[] {
  const { n, lower, upper, sectors } = set;
  const free = new Set(Array.from({ length: n }, (_, i) => i));
  const order = (list: Iterable<number>): number[] =>
    [...list].sort((a, b) => Number(lower[b] > 0) - Number(lower[a] > 0) || upper[b] - upper[a] || a - b);
  const groups = sectors.map(({ floor = 0, cap, members }) => {
    for (const i of members) free.delete(i);
    return { floor: Math.max(floor, 0), cap, members: order(members.filter((i) => upper[i] > 0 || lower[i] > 0)) };
  });
  return [
    ...groups,
    { floor: 0, cap: Infinity, members: order([...free].filter((i) => upper[i] > 0 || lower[i] > 0)) },
  ];
}
