/**
 * The constraints of one decision as a set of weight vectors: budget, bounds, sector caps, turnover. Built from what a person
 * states, checked for emptiness with the smallest relaxation that would help, and entered at a point of it.
 */
import { AppError } from '#base/errors';
import type { Constraints } from './constraints';
import { percent, roundUp } from './percent';

/** A sector whose weights together stay at or under its cap. Sectors do not overlap. */
export interface SectorCap {
  readonly name: string;
  readonly cap: number;
  readonly members: readonly number[];
}

export interface FeasibleSet {
  readonly n: number;
  /** Σ w = 1 − cash. */
  readonly budget: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly sectors: readonly SectorCap[];
  readonly turnover?: { readonly reference: Float64Array; readonly limit: number };
  readonly constraints: Constraints;
}

interface Stated {
  readonly assets: readonly string[];
  readonly sectors: readonly string[];
  readonly currentWeights?: Float64Array;
  readonly constraints: Constraints;
}

/** Name of the sector of assets without one; caps apply to it too. */
export const UNKNOWN_SECTOR = 'unknown';

/** Errors: BAD_REQUEST where lengths disagree. */
export function buildFeasibleSet({ assets, sectors, currentWeights, constraints }: Stated): FeasibleSet {
  const n = assets.length;
  if (sectors.length !== n || (currentWeights !== undefined && currentWeights.length !== n)) {
    throw new AppError('BAD_REQUEST', `Expected one sector and one current weight per asset (${n}).`);
  }
  const { longOnly, maxWeight, cash, turnoverLimit } = constraints;
  const held = currentWeights?.some((weight) => weight !== 0) === true;
  return {
    n,
    budget: 1 - cash,
    lower: new Float64Array(n).fill(longOnly ? 0 : -maxWeight),
    upper: new Float64Array(n).fill(maxWeight),
    sectors: sectorCaps(sectors, constraints),
    ...(held && currentWeights !== undefined && turnoverLimit !== undefined
      ? { turnover: { reference: currentWeights, limit: turnoverLimit } }
      : {}),
    constraints,
  };
}

/** The same set with every asset outside `kept` fixed at 0. */
export function restrictTo(set: FeasibleSet, kept: Uint8Array): FeasibleSet {
  return {
    ...set,
    lower: set.lower.map((bound, i) => (kept[i] === 1 ? bound : 0)),
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

/** Errors: INFEASIBLE naming the constraints that conflict and the smallest change that resolves it. */
export function requireFeasible(set: FeasibleSet, holdings: number = set.n): void {
  requireWeightRoom(set, holdings);
  requireSectorRoom(set);
  requireTurnoverRoom(set);
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

/** Slack below which an excess is rounding, not a conflict. */
const TOLERANCE = 1e-12;

function requireWeightRoom(set: FeasibleSet, holdings: number): void {
  const { constraints, budget, upper } = set;
  const usable = Math.min(holdings, upper.filter((bound) => bound > 0).length);
  const reachable = usable * constraints.maxWeight;
  if (reachable >= budget - TOLERANCE) return;
  const byHoldings = constraints.maxHoldings !== undefined && usable === constraints.maxHoldings;
  const conflicting = ['maxWeight', 'cash', ...(byHoldings ? ['maxHoldings'] : [])];
  const largest = usable === 0 ? undefined : roundUp(budget / usable);
  const remedies = [
    ...(largest === undefined ? [] : [`raise the largest weight to at least ${percent(largest)}`]),
    ...(byHoldings ? [`allow at least ${Math.ceil(budget / constraints.maxWeight - TOLERANCE)} holdings`] : []),
    `keep at least ${percent(roundUp(1 - reachable))} cash`,
  ];
  throw new AppError(
    'INFEASIBLE',
    `Largest weight and budget conflict: ${usable} assets × ${percent(constraints.maxWeight)} = ${percent(reachable)} < ${percent(budget)}. ` +
      `To resolve it, ${remedies.join(', or ')}.`,
    { data: { constraints: conflicting, relaxation: { maxWeight: largest, cash: roundUp(1 - reachable) } } },
  );
}

function requireSectorRoom(set: FeasibleSet): void {
  const reachable = capacity(set);
  if (reachable >= set.budget - TOLERANCE) return;
  const common = roundUp(smallestCommonCap(set));
  const caps = set.sectors.map(({ name, cap }) => `${name} ${percent(cap)}`).join(', ');
  throw new AppError(
    'INFEASIBLE',
    `Sector caps, largest weight and budget conflict: together they allow ${percent(reachable)} < ${percent(set.budget)} (${caps}). ` +
      `To resolve it, raise every sector cap to at least ${percent(common)}, or keep at least ${percent(roundUp(1 - reachable))} cash.`,
    {
      data: {
        constraints: ['sectorCap', 'sectorCaps', 'maxWeight', 'cash'],
        relaxation: { sectorCap: common, cash: roundUp(1 - reachable) },
      },
    },
  );
}

function requireTurnoverRoom(set: FeasibleSet): void {
  if (set.turnover === undefined) return;
  const { reference, limit } = set.turnover;
  const needed = turnoverBetween(leastTurnoverPoint(set, reference), reference);
  if (needed <= limit + TOLERANCE) return;
  throw new AppError(
    'INFEASIBLE',
    `Turnover limit and the other constraints conflict: moving the current weights inside the bounds, sector caps, holdings and budget ` +
      `takes a one-way turnover of ${percent(needed)} > ${percent(limit)}. To resolve it, raise the turnover limit to at least ` +
      `${percent(roundUp(needed))} for this rebalance, or loosen the constraint that the current weights break.`,
    {
      data: {
        constraints: ['turnoverLimit', 'maxWeight', 'sectorCap', 'maxHoldings', 'cash'],
        relaxation: { turnoverLimit: roundUp(needed) },
      },
    },
  );
}

/** ½ Σ|a − b|. */
export function turnoverBetween(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / 2;
}

function sectorCaps(sectors: readonly string[], { sectorCap, sectorCaps: single }: Constraints): SectorCap[] {
  if (sectorCap === undefined && single === undefined) return [];
  const members = new Map<string, number[]>();
  sectors.forEach((sector, i) => {
    const name = sector === '' ? UNKNOWN_SECTOR : sector;
    const list = members.get(name);
    if (list === undefined) members.set(name, [i]);
    else list.push(i);
  });
  return [...members].flatMap(([name, list]) => {
    const cap = single?.[name] ?? sectorCap;
    return cap === undefined ? [] : [{ name, cap, members: list }];
  });
}

/** Smallest c such that raising every cap below c to c leaves room for the budget. */
function smallestCommonCap(set: FeasibleSet): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const raised = set.sectors.map((sector) => ({ ...sector, cap: Math.max(sector.cap, middle) }));
    if (capacity({ ...set, sectors: raised }) >= set.budget) high = middle;
    else low = middle;
  }
  return high;
}

function leastTurnoverPoint(set: FeasibleSet, reference: Float64Array): Float64Array {
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
  const sectorOf = new Int32Array(n).fill(sectors.length);
  sectors.forEach(({ cap, members }, s) => {
    let sum = 0;
    for (const i of members) {
      sectorOf[i] = s;
      sum += point[i];
    }
    room[s] = cap - sum;
  });
  for (const i of reversed) {
    const excess = -room[sectorOf[i]];
    if (!(excess > 0)) continue;
    const change = Math.min(excess, point[i] - lower[i]);
    point[i] -= change;
    room[sectorOf[i]] += change;
  }
  let missing = budget - point.reduce((sum, weight) => sum + weight, 0);
  for (const i of order) {
    if (!(missing > 0)) break;
    const change = Math.min(missing, upper[i] - point[i], Math.max(0, room[sectorOf[i]]));
    point[i] = change === upper[i] - point[i] ? upper[i] : point[i] + change;
    room[sectorOf[i]] -= change;
    missing -= change;
  }
  for (const i of reversed) {
    if (!(missing < 0)) break;
    const change = Math.min(-missing, point[i] - lower[i]);
    point[i] = change === point[i] - lower[i] ? lower[i] : point[i] - change;
    missing += change;
  }
  return point;
}
