/** Trading costs: commission with a minimum per order, and half the bid-ask spread, both on traded notional. */

export interface TradingCosts {
  /** Commission in basis points of traded notional. */
  readonly bps: number;
  /** Half spread in basis points of traded notional. */
  readonly halfSpreadBps: number;
  /** Least commission of one order, in currency. */
  readonly minimum: number;
}

export const FREE_TRADING: TradingCosts = { bps: 0, halfSpreadBps: 0, minimum: 0 };

/** Cost in currency of one order of this notional ≥ 0; nothing traded costs nothing. */
export function orderCost(notional: number, costs: TradingCosts): number {
  if (!(notional > 0)) return 0;
  return Math.max(costs.minimum, notional * costs.bps * 1e-4) + notional * costs.halfSpreadBps * 1e-4;
}
