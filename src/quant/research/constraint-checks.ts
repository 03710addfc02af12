/** Every constraint held against the portfolio that it was stated for: limit, value, slack. */
import { LIQUIDITY_WINDOW, liquidityAt } from '../backtest/liquidity';
import type { Market } from '../backtest/market';
import type { Constraints } from '../optimizers/constraints';
import type { ConstraintCheck } from './result';

/** Weights below this are rounding. */
export const HELD = 1e-9;
const TOLERANCE = 1e-9;

export interface CheckedPortfolio {
  readonly market: Market;
  readonly sectors: readonly string[];
  /** Row of the decision. */
  readonly row: number;
  readonly targets: Float64Array;
  /** Weights held on the row, drifted. */
  readonly held: Float64Array;
  readonly constraints: Constraints;
}

function check(
  constraint: string,
  value: number,
  limit: number | undefined,
  note: string,
  side: 'at most' | 'at least' = 'at most',
): ConstraintCheck {
  if (limit === undefined) return { constraint, limit: null, value, slack: null, satisfied: true, note };
  const slack = side === 'at most' ? limit - value : value - limit;
  return { constraint, limit, value, slack, satisfied: slack >= -TOLERANCE, note };
}

/** Every constraint with limit, value and slack; those that are not set are listed with their value and no limit. */
export function checkConstraints(input: CheckedPortfolio): ConstraintCheck[] {
  const { targets: weights, held, sectors, constraints } = input;
  const invested = weights.reduce((sum, w) => sum + w, 0);
  const budget = 1 - constraints.cash;
  const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const smallest = weights.reduce((least, w) => Math.min(least, w), 0);
  const moved = weights.reduce((sum, w, i) => sum + Math.abs(w - held[i]), 0) / 2;
  const holdings = weights.filter((w) => Math.abs(w) > HELD).length;
  const bySector = new Map<string, number>();
  weights.forEach((w, i) => {
    bySector.set(sectors[i], (bySector.get(sectors[i]) ?? 0) + w);
  });
  const slack = -Math.abs(invested - budget);
  return [
    {
      constraint: 'Budget',
      limit: budget,
      value: invested,
      slack,
      satisfied: slack >= -TOLERANCE,
      note: 'Weights sum to 1 less the cash kept.',
    },
    check('Smallest weight', smallest, constraints.longOnly ? 0 : undefined, 'Long only.', 'at least'),
    check('Largest weight', largest, constraints.maxWeight, 'Fraction of net asset value.'),
    ...[...bySector]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([sector, value]) =>
        check(
          `Sector ${sector === '' ? '(unknown)' : sector}`,
          value,
          constraints.sectorCaps?.[sector] ?? constraints.sectorCap,
          'Fraction of net asset value.',
        ),
      ),
    check(
      'Turnover',
      moved,
      constraints.turnoverLimit,
      'One way, ½ Σ|Δw|, from the weights held on the decision date.',
    ),
    check('Holdings', holdings, constraints.maxHoldings, 'Assets with a weight.'),
    ...statedOnly(input, bySector),
  ];
}

/** Constraints that are listed only where they are set. */
function statedOnly(
  { market, row, targets, constraints }: CheckedPortfolio,
  bySector: ReadonlyMap<string, number>,
): ConstraintCheck[] {
  const { sectorFloors = {}, assetCaps = {}, assetFloors = {}, minPosition, liquidity } = constraints;
  const fraction = 'Fraction of net asset value.';
  const weightOf = (asset: string): number => targets[market.assets.indexOf(asset)] ?? 0;
  const held = [...targets.keys()].filter((i) => Math.abs(targets[i]) > HELD);
  const checks = [
    ...Object.entries(sectorFloors).map(([sector, floor]) =>
      check(`Sector ${sector} floor`, bySector.get(sector) ?? 0, floor, fraction, 'at least'),
    ),
    ...Object.entries(assetCaps).map(([asset, cap]) => check(`Cap of ${asset}`, weightOf(asset), cap, fraction)),
    ...Object.entries(assetFloors).map(([asset, floor]) =>
      check(`Floor of ${asset}`, weightOf(asset), floor, fraction, 'at least'),
    ),
  ];
  if (minPosition !== undefined && held.length > 0) {
    const least = Math.min(...held.map((i) => targets[i]));
    checks.push(check('Smallest position', least, minPosition, fraction, 'at least'));
  }
  if (liquidity !== undefined && market.volume !== undefined) {
    const days = held.map((i) => {
      const { adv } = liquidityAt(market, row, i, LIQUIDITY_WINDOW);
      return (Math.abs(targets[i]) * liquidity.portfolioValue) / (adv * liquidity.volumeShare);
    });
    checks.push(
      check('Days to trade a position', Math.max(0, ...days), liquidity.days, 'Trading days, slowest position.'),
    );
  }
  return checks;
}
