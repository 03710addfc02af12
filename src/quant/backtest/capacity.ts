/**
 * How much money a strategy can carry: the net asset value at which market impact eats its excess return, and how large its orders are
 * against what trades. Fractions of equity traded are taken from a simulation and do not change with capital; impact does.
 */
import { AppError } from '#base/errors';
import { quantile } from '../array/stats';
import type { ImpactModel } from './costs';
import { liquidityAt } from './liquidity';
import type { Market } from './market';
import type { Simulation } from './simulation';

const DAYS_PER_YEAR = 252;
/** Traded fractions below this are rounding. */
const ROUNDING = 1e-9;

export interface CapacityOptions {
  readonly impact: ImpactModel;
  /** Net asset value at which participation is reported, currency. */
  readonly capital: number;
  /** Annual return over the benchmark before impact, fraction. */
  readonly excessReturn: number;
  /** Share of a day's notional that one may trade, for days to trade. */
  readonly participation: number;
}

export interface Capacity {
  /** Currency; 0 where the excess return is not positive, Infinity where nothing is traded. */
  readonly capacity: number;
  /** Annual impact at `capital`, fraction of net asset value. */
  readonly impactDrag: number;
  /** Orders as shares of average daily notional at `capital`. */
  readonly participation: { readonly median: number; readonly p95: number; readonly largest: number };
  /** Days that the slowest order of a rebalance takes: median and worst over rebalances. */
  readonly daysToTrade: { readonly median: number; readonly worst: number };
  readonly orders: number;
  readonly verdict: string;
}

interface Order {
  /** |Δw|, fraction of equity. */
  readonly traded: number;
  readonly adv: number;
  readonly volatility: number;
  readonly rebalance: number;
}

/**
 * Drag(A) = A^p · Σ c σ |Δw| (|Δw| / ADV)^p per year, with p the exponent, so capacity = (excess / Drag(1))^{1/p}.
 * Errors: INVALID_DATA where the market has no volume; NOT_ENOUGH_DATA without two filled rebalances; INVALID_CONFIG.
 */
export function capacityOf(market: Market, simulation: Simulation, options: CapacityOptions): Capacity {
  const { impact, capital, excessReturn } = options;
  if (!(capital > 0) || !(impact.coefficient > 0) || !(options.participation > 0)) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a positive capital, impact coefficient and participation, found ${capital}, ${impact.coefficient} and ${options.participation}.`,
      { data: { capital, coefficient: impact.coefficient, participation: options.participation } },
    );
  }
  const { orders, years, rebalances } = tradedOrders(market, simulation, impact.window);
  let perUnit = 0;
  for (const { traded, adv, volatility } of orders) {
    perUnit += (impact.coefficient * volatility * traded * (traded / adv) ** impact.exponent) / years;
  }
  const shares = orders.map(({ traded, adv }) => (traded * capital) / adv);
  const slowest = new Float64Array(rebalances);
  orders.forEach(({ rebalance }, k) => {
    slowest[rebalance] = Math.max(slowest[rebalance], shares[k] / options.participation);
  });
  const limit = perUnit > 0 ? (Math.max(0, excessReturn) / perUnit) ** (1 / impact.exponent) : Infinity;
  const capacity = excessReturn > 0 ? limit : 0;
  const drag = perUnit * capital ** impact.exponent;
  return {
    capacity,
    impactDrag: drag,
    participation: {
      median: orders.length > 0 ? quantile(shares, 0.5) : 0,
      p95: orders.length > 0 ? quantile(shares, 0.95) : 0,
      largest: shares.reduce((most, share) => Math.max(most, share), 0),
    },
    daysToTrade: { median: quantile(slowest, 0.5), worst: Math.max(...slowest) },
    orders: orders.length,
    verdict:
      excessReturn > 0
        ? `Impact takes the whole excess return of ${(excessReturn * 100).toFixed(1)} % a year at a net asset value of ${rounded(capacity)}.`
        : 'There is no excess return that impact could take: the capacity is 0.',
  };
}

function rounded(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(2))) : 'any size';
}

/** Orders after the first purchase, which is not what the strategy costs to run. Weights before a fill are drifted from the fill before. */
function tradedOrders(market: Market, simulation: Simulation, window: number) {
  const n = market.assets.length;
  const filled = simulation.rebalances.filter(({ fillRow }) => fillRow >= 0);
  if (filled.length < 2) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 2 filled rebalances to measure capacity, found ${filled.length}. Use a longer test period.`,
      { data: { needed: 2, found: filled.length } },
    );
  }
  const orders: Order[] = [];
  for (let k = 1; k < filled.length; k++) {
    const before = filled[k - 1];
    const now = filled[k];
    if (!before.executed || !now.executed) continue;
    const growth = now.equityBefore / before.equityAfter;
    for (let i = 0; i < n; i++) {
      const from = market.valuation[before.fillRow * n + i];
      const drift = from > 0 ? market.valuation[now.fillRow * n + i] / from : 1;
      const traded = Math.abs(
        (now.executed[i] * now.equityAfter) / now.equityBefore - (before.executed[i] * drift) / growth,
      );
      if (traded <= ROUNDING || !(market.close[now.fillRow * n + i] > 0)) continue;
      orders.push({ traded, rebalance: k - 1, ...liquidityAt(market, now.fillRow - 1, i, window) });
    }
  }
  const days = filled[filled.length - 1].fillRow - filled[0].fillRow;
  return { orders, years: days / DAYS_PER_YEAR, rebalances: filled.length - 1 };
}
