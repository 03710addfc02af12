/** The portfolio to trade into next, with every constraint held against it. */
import { nextTradingDay } from '../calendar/nyse';
import type { Market } from '../backtest/market';
import type { Constraints } from '../optimizers/constraints';
import { checkConstraints, HELD } from './constraint-checks';
import type { NextPortfolio } from './result';

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
        lower: Math.max(
          constraints.longOnly ? 0 : -constraints.maxWeight,
          constraints.assetFloors?.[market.assets[i]] ?? -Infinity,
        ),
        upper: Math.min(constraints.maxWeight, constraints.assetCaps?.[market.assets[i]] ?? Infinity),
      };
    }),
    checks: checkConstraints(input),
  };
}
