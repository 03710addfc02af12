/**
 * Quadratic decisions that count what trading costs. A price of turnover and a limit on it have the same optima, so the price is
 * met by the limit whose multiplier equals it: exact, and what does not pay for its trade stays at its reference to the last bit.
 */
import { decreasingRoot } from '#quant/array/root';
import { isFeasible } from '../closest-feasible';
import { feasiblePoint, turnoverBetween, type FeasibleSet } from '../feasible-set';
import type { QuadraticSolution } from './program';

/** Minimizes the decision's objective over a set. */
export type Solve = (set: FeasibleSet) => QuadraticSolution;

/** Turnover below this is none. */
const LEAST = 1e-12;
const MOST_ROUNDS = 10;

/**
 * minimize f(w) + price · Σ|w − reference| over the set.
 * @param solve minimizes f over any set.
 * @param price In units of f per unit of weight traded, ≥ 0.
 */
export function solveWithTradingCost(
  set: FeasibleSet,
  solve: Solve,
  reference: Float64Array,
  price: number,
): QuadraticSolution {
  const free = solve(set);
  if (price === 0) return free;
  const limited = (limit: number): FeasibleSet => ({ ...set, turnover: { reference, limit } });
  const least = turnoverBetween(feasiblePoint(limited(0), reference), reference);
  const most = turnoverBetween(free.x, reference);
  if (most - least <= LEAST) return free;
  const value = (limit: number): number => multiplierOf(solve(limited(limit))) - 2 * price;
  const low = least + LEAST;
  const limit = value(low) <= 0 ? low : decreasingRoot(value, low, most);
  return solve(limited(limit));
}

/** Positions that would move by less than `zone` stay at their reference, as long as a portfolio is left; the others are solved again. */
export function solveWithNoTradeZone(
  set: FeasibleSet,
  solve: Solve,
  reference: Float64Array,
  zone: number,
): QuadraticSolution {
  let solution = solve(set);
  let within = set;
  for (let round = 0; zone > 0 && round < MOST_ROUNDS; round++) {
    const stays = solution.x.map((weight, i) => {
      const allowed = reference[i] >= set.lower[i] && reference[i] <= set.upper[i];
      return allowed && Math.abs(weight - reference[i]) < zone ? 1 : 0;
    });
    const isFixed = (i: number): boolean => within.lower[i] === within.upper[i];
    if (stays.every((stay, i) => stay === 0 || isFixed(i))) return solution;
    const narrowed = {
      ...set,
      lower: set.lower.map((bound, i) => (stays[i] === 1 ? reference[i] : bound)),
      upper: set.upper.map((bound, i) => (stays[i] === 1 ? reference[i] : bound)),
    };
    const point = feasiblePoint(narrowed, reference);
    if (!isFeasible(narrowed, point)) return solution;
    if (stays.every((stay) => stay === 1)) return { ...solution, x: point };
    within = narrowed;
    solution = solve(narrowed);
  }
  return solution;
}

function multiplierOf({ multipliers }: QuadraticSolution): number {
  return multipliers[multipliers.length - 1];
}
