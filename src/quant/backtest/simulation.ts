/** What a simulated account leaves behind: equity by day and a record of every decision. */

export interface RebalanceRecord {
  readonly decisionRow: number;
  /** −1 = not filled before the data ended. */
  readonly fillRow: number;
  /** Length N, fractions of equity. */
  readonly targets: Float64Array;
  /** Weights just after the fill; differs from the targets where an asset could not be traded. */
  readonly executed: Float64Array | undefined;
  /** One way: ½ Σ|Δw| over assets, before costs. */
  readonly turnover: number;
  /** Currency. */
  readonly cost: number;
  /** Assets traded. */
  readonly orders: number;
  readonly equityBefore: number;
  readonly equityAfter: number;
}

export interface Carry {
  readonly interest: number;
  readonly borrow: number;
  readonly dividends: number;
  readonly impact: number;
}

export interface Simulation {
  /** Row of the first entry of `equity`. */
  readonly firstRow: number;
  /** Net of costs, currency, one per day. */
  readonly equity: Float64Array;
  /** What the same decisions would be worth without costs. */
  readonly grossEquity: Float64Array;
  /** Invested share of equity, one per day. */
  readonly exposure: Float64Array;
  readonly finalWeights: Float64Array;
  /** [days, N] where asked for. */
  readonly dailyWeights: Float64Array | undefined;
  readonly rebalances: readonly RebalanceRecord[];
  /** Currency lost to the delisting return. */
  readonly delistingLoss: number;
  /** Currency: interest on cash (negative = financing paid), borrow paid on shorts, dividends received, part of costs that is impact. */
  readonly carry: Carry;
}

/** Day-to-day simple returns of an equity curve; length − 1. */
export function equityReturns(equity: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, equity.length - 1));
  for (let t = 0; t < returns.length; t++) returns[t] = equity[t + 1] / equity[t] - 1;
  return returns;
}
