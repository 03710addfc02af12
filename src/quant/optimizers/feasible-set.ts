/**
 * The constraints of one decision as a set of weight vectors: budget, bounds, sector bounds, turnover. Built from what a person
 * states and entered at a point of it. Whether it is empty, and why, is answered in infeasibility/.
 */
import type { Constraints } from './constraints';
import { statedBounds, statedSectors, type SectorCap, type Stated } from './stated-bounds';

export { UNKNOWN_SECTOR } from './stated-bounds';

export interface FeasibleSet {
  readonly n: number;
  /** Σ w = 1 − cash. */
  readonly budget: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly sectors: readonly SectorCap[];
  readonly turnover?: { readonly reference: Float64Array; readonly limit: number };
  readonly constraints: Constraints;
  /** What the set was built from; absent for sets of bare bounds. */
  readonly stated?: Stated;
  /** 1 for assets that may be held, where the set was restricted to some. */
  readonly kept?: Uint8Array;
}

/** Errors: BAD_REQUEST where lengths disagree or needed data is absent, INVALID_CONFIG naming a sector or asset that does not exist. */
export function buildFeasibleSet(stated: Stated): FeasibleSet {
  const { assets, currentWeights, constraints } = stated;
  const { cash, turnoverLimit } = constraints;
  const held = currentWeights?.some((weight) => weight !== 0) === true;
  return {
    n: assets.length,
    budget: 1 - cash,
    ...statedBounds(stated),
    sectors: statedSectors(stated),
    ...(held && currentWeights !== undefined && turnoverLimit !== undefined
      ? { turnover: { reference: currentWeights, limit: turnoverLimit } }
      : {}),
    constraints,
    stated,
  };
}

/** The same set with every asset outside `kept` fixed at 0 and, where a smallest position is stated, every kept one at or above it. */
export function restrictTo(set: FeasibleSet, kept: Uint8Array): FeasibleSet {
  return {
    ...set,
    kept,
    lower: set.lower.map((bound, i) => (kept[i] === 1 ? Math.max(bound, set.constraints.minPosition ?? bound) : 0)),
    upper: set.upper.map((bound, i) => (kept[i] === 1 ? bound : 0)),
  };
}

/** Largest Σ w that bounds and sector caps allow. */
export function capacity({ n, upper, sectors }: FeasibleSet): number {
  const inSector = new Uint8Array(n);
  let total = 0;
  for (const { cap, members } of sectors) {
    let sum = 0;
    for (const i of members) {
      inSector[i] = 1;
      sum += upper[i];
    }
    total += Math.min(cap, sum);
  }
  for (let i = 0; i < n; i++) if (inSector[i] === 0) total += upper[i];
  return total;
}

/**
 * A point of the set: from zero (or the nearest bound) weights are raised in the order of `priority` until the budget is met;
 * with a turnover limit, the point that needs the least turnover.
 */
export function feasiblePoint(set: FeasibleSet, priority: ArrayLike<number>): Float64Array {
  if (set.turnover !== undefined) return leastTurnoverPoint(set, set.turnover.reference);
  const start = set.lower.map((bound, i) => Math.min(Math.max(0, bound), set.upper[i]));
  return meetBudget(set, start, priority);
}

/**
 * The point of the set without its turnover limit that minimizes Σ priority · w: every weight starts at its lower bound and the
 * smallest priorities are raised first. Sectors do not overlap, so the greedy choice is exact. Bounds must be finite from below.
 */
export function extremePoint(set: FeasibleSet, priority: ArrayLike<number>): Float64Array {
  return meetBudget(set, set.lower.slice(), priority);
}

/** ½ Σ|a − b|. */
export function turnoverBetween(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / 2;
}

/** The point of least ½ Σ|w − reference| in the set without its turnover limit. */
export function leastTurnoverPoint(set: FeasibleSet, reference: Float64Array): Float64Array {
  const start = reference.map((weight, i) => Math.min(Math.max(weight, set.lower[i]), set.upper[i]));
  return meetBudget(
    set,
    start,
    reference.map((weight) => -weight),
  );
}

/**
 * Brings a point within its bounds under the sector caps and onto the budget, moving only in the direction that each of the two
 * needs: so the total movement is least. `priority`: raised first where small, lowered first where large.
 */
function meetBudget(set: FeasibleSet, point: Float64Array, priority: ArrayLike<number>): Float64Array {
  const { n, lower, upper, sectors, budget } = set;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => priority[a] - priority[b] || a - b);
  const reversed = order.toReversed();
  const room = new Float64Array(sectors.length + 1).fill(Infinity);
  const slack = room.slice();
  const sectorOf = new Int32Array(n).fill(sectors.length);
  sectors.forEach(({ floor = -Infinity, cap, members }, s) => {
    let sum = 0;
    for (const i of members) {
      sectorOf[i] = s;
      sum += point[i];
    }
    room[s] = cap - sum;
    slack[s] = sum - floor;
  });
  for (const i of reversed) {
    const excess = -room[sectorOf[i]];
    if (!(excess > 0)) continue;
    const change = Math.min(excess, point[i] - lower[i]);
    point[i] -= change;
    room[sectorOf[i]] += change;
    slack[sectorOf[i]] -= change;
  }
  for (const i of order) {
    const lack = -slack[sectorOf[i]];
    if (!(lack > 0)) continue;
    const change = Math.min(lack, upper[i] - point[i]);
    point[i] += change;
    room[sectorOf[i]] -= change;
    slack[sectorOf[i]] += change;
  }
  let missing = budget - point.reduce((sum, weight) => sum + weight, 0);
  for (const i of order) {
    if (!(missing > 0)) break;
    const change = Math.min(missing, upper[i] - point[i], Math.max(0, room[sectorOf[i]]));
    point[i] = change === upper[i] - point[i] ? upper[i] : point[i] + change;
    room[sectorOf[i]] -= change;
    slack[sectorOf[i]] += change;
    missing -= change;
  }
  for (const i of reversed) {
    if (!(missing < 0)) break;
    const change = Math.min(-missing, point[i] - lower[i], Math.max(0, slack[sectorOf[i]]));
    point[i] = change === point[i] - lower[i] ? lower[i] : point[i] - change;
    slack[sectorOf[i]] -= change;
    missing += change;
  }
  return point;
}
