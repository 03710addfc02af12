/** The portfolio to trade into next, with every constraint held against it. */
import { nextTradingDay } from '../calendar/nyse';
import type { Market } from '../backtest/market';
import type { Constraints } from '../optimizers/constraints';
import type { ConstraintCheck, NextPortfolio } from './result';

/** Weights below this are rounding. */
const HELD = 1e-9;
const TOLERANCE = 1e-9;

export interface NextInput {
  readonly market: Market;
  readonly sectors: readonly string[];
  readonly row: number;
  readonly lag: number;
  readonly targets: Float64Array;
  /** Weights held on the row, drifted. */
  readonly held: Float64Array;
  readonly forecasts: Float64Array | undefined;
  readonly constraints: Constraints;
}

export function nextPortfolio(input: NextInput): NextPortfolio {
  const { market, row, targets, constraints } = input;
  const n = market.assets.length;
  const invested = targets.reduce((sum, w) => sum + w, 0);
  const listed = Array.from(targets.keys()).filter((i) => Math.abs(targets[i]) > HELD);
  listed.sort((a, b) => targets[b] - targets[a] || a - b);
  return {
    decidedOn: market.dates[row],
    fillOn: nextTradingDay(market.dates[row], input.lag),
    cash: 1 - invested,
    weights: listed.map((i) => {
      const forecast = input.forecasts?.[i] ?? NaN;
      return {
        asset: market.assets[i],
        sector: input.sectors[i],
        weight: targets[i],
        forecast: Number.isFinite(forecast) ? forecast : null,
        price: market.valuation[row * n + i],
        lower: constraints.longOnly ? 0 : -constraints.maxWeight,
        upper: constraints.maxWeight,
      };
    }),
    checks: checkConstraints(targets, input.held, input.sectors, constraints),
  };
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
function checkConstraints(
  weights: Float64Array,
  held: Float64Array,
  sectors: readonly string[],
  constraints: Constraints,
): ConstraintCheck[] {
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
  ];
}
