/**
 * The portfolio of a feasible set that is closest to a target in Euclidean distance. Every constraint has one multiplier, and every
 * weight is the target shifted by them and clipped, so nested one-dimensional roots find the exact answer in O(N) each.
 */
import { decreasingRoot } from '../array/root';
import { turnoverBetween, type FeasibleSet } from './feasible-set';

/** Differences below this count as rounding. */
const TOLERANCE = 1e-12;

/** target [n] → the target itself where it meets every constraint to 1e-12. The set must not be empty. */
export function closestFeasible(set: FeasibleSet, target: Float64Array): Float64Array {
  if (isFeasible(set, target)) return target;
  const free = project(set, target, 0);
  if (set.turnover === undefined) return free;
  const { reference, limit } = set.turnover;
  if (turnoverBetween(free, reference) <= limit + TOLERANCE) return free;
  const excess = (penalty: number): number => turnoverBetween(project(set, target, penalty), reference) - limit;
  const stay = largestDistance(target, reference) + 1;
  const penalty = decreasingRoot(excess, 0, stay);
  return project(set, target, penalty);
}

/** True where every constraint holds to the tolerance. */
export function isFeasible(set: FeasibleSet, weights: Float64Array, tolerance = TOLERANCE): boolean {
  const { n, lower, upper, budget, sectors, turnover } = set;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (weights[i] < lower[i] - tolerance || weights[i] > upper[i] + tolerance) return false;
    sum += weights[i];
  }
  if (Math.abs(sum - budget) > tolerance) return false;
  if (turnover !== undefined && turnoverBetween(weights, turnover.reference) > turnover.limit + tolerance) return false;
  return sectors.every(({ floor = -Infinity, cap, members }) => {
    const held = members.reduce((total, i) => total + weights[i], 0);
    return held <= cap + tolerance && held >= floor - tolerance;
  });
}

/** Minimizes ½‖w − target‖² + penalty · Σ|w − reference| over budget, bounds and sector caps. */
function project(set: FeasibleSet, target: Float64Array, penalty: number): Float64Array {
  const { n, budget, sectors } = set;
  const sectorOf = new Int32Array(n).fill(-1);
  sectors.forEach(({ members }, s) => {
    for (const i of members) sectorOf[i] = s;
  });
  const sums = new Float64Array(sectors.length);
  const spread = largestSpread(set, target, penalty);

  function excess(shift: number): number {
    sums.fill(0);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const weight = shifted(set, target, penalty, i, shift);
      if (sectorOf[i] < 0) total += weight;
      else sums[sectorOf[i]] += weight;
    }
    sectors.forEach(({ floor = -Infinity, cap }, s) => (total += Math.max(floor, Math.min(cap, sums[s]))));
    return total - budget;
  }
  const shift = decreasingRoot(excess, -spread, spread);
  excess(shift);
  const shifts = sectors.map(({ floor = -Infinity, cap, members }, s) => {
    if (sums[s] <= cap && sums[s] >= floor) return shift;
    const bound = sums[s] > cap ? cap : floor;
    const over = (own: number): number =>
      members.reduce((total, i) => total + shifted(set, target, penalty, i, own), 0) - bound;
    return sums[s] > cap ? decreasingRoot(over, shift, spread) : decreasingRoot(over, -spread, shift);
  });
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    weights[i] = shifted(set, target, penalty, i, sectorOf[i] < 0 ? shift : shifts[sectorOf[i]]);
  }
  return weights;
}

/** Weight i under a common shift: moved, drawn to its reference by the penalty, clipped to its bounds. */
function shifted(set: FeasibleSet, target: Float64Array, penalty: number, i: number, shift: number): number {
  let weight = target[i] - shift;
  if (set.turnover !== undefined && penalty > 0) {
    const reference = set.turnover.reference[i];
    const move = weight - reference;
    weight = reference + Math.sign(move) * Math.max(0, Math.abs(move) - penalty);
  }
  return Math.min(Math.max(weight, set.lower[i]), set.upper[i]);
}

function largestSpread(set: FeasibleSet, target: Float64Array, penalty: number): number {
  let spread = 0;
  for (let i = 0; i < set.n; i++) {
    spread = Math.max(spread, Math.abs(target[i] - set.lower[i]), Math.abs(target[i] - set.upper[i]));
  }
  return spread + penalty + 1;
}

function largestDistance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return 2 * largest;
}
