/**
 * Trading costs: commission with a minimum per order, half the bid-ask spread, and market impact, all on traded notional;
 * and what holding costs or earns: borrow on shorts, interest on cash, financing of negative cash.
 */

/**
 * Impact of an order as a fraction of its notional: coefficient · σ · (Q / ADV)^exponent, with σ the daily volatility and Q / ADV the
 * order as a share of average daily notional. Exponent ½ with coefficient near 1 is the square-root law (Grinold, Kahn 2000, ch. 16);
 * 0.142 and 0.6 is the temporary impact of a one-day order in Almgren, Thum, Hauptmann, Li (2005, eq. 8).
 */
export interface ImpactModel {
  /** 0 = no impact. */
  readonly coefficient: number;
  readonly exponent: number;
  /** Rows, ending before the fill, over which volume and volatility are averaged. */
  readonly window: number;
}

export interface TradingCosts {
  /** Commission in basis points of traded notional. */
  readonly bps: number;
  /** Half spread in basis points of traded notional. */
  readonly halfSpreadBps: number;
  /** Least commission of one order, in currency. */
  readonly minimum: number;
  readonly impact?: ImpactModel;
}

/** Annual rates, accrued daily over 252 days on the balances of the day before. */
export interface HoldingRates {
  /** Paid on the value of short positions, basis points a year. */
  readonly borrowBps: number;
  /** Earned on positive cash, fraction a year. */
  readonly cashRate: number;
  /** Paid on negative cash on top of `cashRate`, fraction a year. */
  readonly financingSpread: number;
}

export const FREE_TRADING: TradingCosts = { bps: 0, halfSpreadBps: 0, minimum: 0 };

/** Cost in currency of one order of this notional ≥ 0; nothing traded costs nothing. Without impact. */
export function orderCost(notional: number, costs: TradingCosts): number {
  if (!(notional > 0)) return 0;
  return Math.max(costs.minimum, notional * costs.bps * 1e-4) + notional * costs.halfSpreadBps * 1e-4;
}

/** Impact in currency of one order of this notional; `adv` is average daily notional, `volatility` daily. */
export function impactCost(notional: number, adv: number, volatility: number, model: ImpactModel): number {
  if (!(notional > 0)) return 0;
  return notional * model.coefficient * volatility * (notional / adv) ** model.exponent;
}
