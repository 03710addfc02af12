/** The stated constraints one by one, in the user's words: how to take each out, and how to loosen it. */
import type { Constraints } from '../constraints';
import { percent } from '../percent';

export interface Statement {
  /** Path in the constraints, e.g. `sectorCaps.Energy`. */
  readonly id: string;
  /** As a person says it. */
  readonly words: string;
  /** The constraints without it. */
  readonly without: Constraints;
  /** Absent where it is either kept or not. */
  readonly loosen?: Loosening;
}

export interface Loosening {
  readonly from: number;
  /** Loosest value. */
  readonly to: number;
  readonly whole?: boolean;
  at(value: number): Constraints;
  /** What to do, as an imperative. */
  words(value: number): string;
}

type Key = keyof Constraints;

/** Every statement but the budget; earlier ones are taken out first, so that the explanation keeps the simplest that conflict. */
export function statementsOf(constraints: Constraints, n: number): Statement[] {
  const list: Statement[] = [];
  if (constraints.longOnly) {
    list.push({ id: 'longOnly', words: 'no negative weights', without: { ...constraints, longOnly: false } });
  }
  scalar('turnoverLimit', 'a turnover limit of', 'raise the turnover limit to at least', 1);
  scalar('minPosition', 'a smallest position of', 'lower the smallest position to at most', 0);
  const { maxHoldings } = constraints;
  if (maxHoldings !== undefined) {
    list.push({
      id: 'maxHoldings',
      words: `at most ${maxHoldings} holdings`,
      without: omit(constraints, 'maxHoldings'),
      loosen: {
        from: maxHoldings,
        to: Math.max(n, maxHoldings),
        whole: true,
        at: (value) => ({ ...constraints, maxHoldings: value }),
        words: (value) => `allow at least ${value} holdings`,
      },
    });
  }
  scalar('sectorActiveBound', 'active sector weights of at most', 'raise the active sector bound to at least', 1);
  scalar('activeBound', 'active weights of at most', 'raise the active bound to at least', 1);
  const { liquidity } = constraints;
  if (liquidity !== undefined) {
    list.push({
      id: 'liquidity',
      words: `positions sold in ${liquidity.days} days at ${percent(liquidity.volumeShare)} of volume`,
      without: omit(constraints, 'liquidity'),
      loosen: {
        from: liquidity.days,
        to: 1e6,
        at: (value) => ({ ...constraints, liquidity: { ...liquidity, days: value } }),
        words: (value) => `allow at least ${Number(value.toPrecision(6))} days to trade a position`,
      },
    });
  }
  named('assetCaps', 'cap', 1);
  named('assetFloors', 'floor', constraints.longOnly ? 0 : -1);
  named('sectorFloors', 'floor', 0);
  named('sectorCaps', 'cap', 1);
  scalar('sectorCap', 'sector caps of', 'raise every sector cap to at least', 1);
  scalar('maxWeight', 'a largest weight of', 'raise the largest weight to at least', 1);
  return list;

  function scalar(
    key: 'turnoverLimit' | 'minPosition' | 'sectorActiveBound' | 'activeBound' | 'sectorCap' | 'maxWeight',
    words: string,
    remedy: string,
    to: number,
  ): void {
    const from = constraints[key];
    if (from === undefined || (key === 'maxWeight' && from === 1)) return;
    const at = (value: number): Constraints => ({ ...constraints, [key]: value });
    const loosen = { from, to, at, words: (value: number) => `${remedy} ${percent(value)}` };
    const without = key === 'maxWeight' ? { ...constraints, maxWeight: 1 } : omit(constraints, key);
    list.push({ id: key, words: `${words} ${percent(from)}`, without, loosen });
  }
  function named(key: 'assetCaps' | 'assetFloors' | 'sectorFloors' | 'sectorCaps', what: string, to: number): void {
    for (const [name, from] of Object.entries(constraints[key] ?? {})) {
      if (key === 'sectorCaps' && from === 1) continue;
      const { [name]: _dropped, ...others } = constraints[key] ?? {};
      // A sector's own cap overrides the common one, so leaving it out would let the common one in.
      const rest = key === 'sectorCaps' ? { ...others, [name]: 1 } : others;
      list.push({
        id: `${key}.${name}`,
        words: `a ${what} of ${percent(from)} on ${name}`,
        without: { ...constraints, [key]: rest },
        loosen: {
          from,
          to,
          at: (value) => ({ ...constraints, [key]: { ...constraints[key], [name]: value } }),
          words: (value) =>
            `${what === 'cap' ? 'raise' : 'lower'} the ${what} on ${name} to at ${what === 'cap' ? 'least' : 'most'} ${percent(value)}`,
        },
      });
    }
  }
}

function omit(constraints: Constraints, key: Key): Constraints {
  const { [key]: _dropped, ...rest } = constraints;
  // Only optional keys are taken out, so what is left still is a whole statement of constraints.
  return rest as Constraints;
}
