/**
 * Trades from current holdings to target weights: whole lots, costs paid from cash, never more money spent than there is.
 * Net asset value is taken before costs; a target is rounded toward zero so that rounding alone cannot overdraw the account.
 */
import { AppError } from '#base/errors';

export interface TradeInput {
  /** Target weights by asset, fractions of net asset value. */
  readonly targets: ReadonlyMap<string, number>;
  /** Last price by asset, currency per share. */
  readonly prices: ReadonlyMap<string, number>;
  /** Shares held by asset. */
  readonly holdings: ReadonlyMap<string, number>;
  /** Currency. */
  readonly cash: number;
  /** Smallest tradable number of shares. */
  readonly lot: number;
  /** Cost per traded notional (bps/10,000), half spread included. */
  readonly costRate: number;
  /** Least cost of one order, currency. */
  readonly minimumCost: number;
}

export interface Trade {
  readonly asset: string;
  readonly side: 'buy' | 'sell';
  readonly shares: number;
  readonly price: number;
  readonly notional: number;
  readonly currentWeight: number;
  readonly targetWeight: number;
  readonly cost: number;
}

export interface TradeList {
  /** Sells first, then buys; by asset name within each. */
  readonly trades: readonly Trade[];
  readonly netAssetValue: number;
  /** One-way: ½ Σ|Δw|. */
  readonly turnover: number;
  readonly cost: number;
  readonly cashAfter: number;
  /** Held assets without a price; left alone and not counted in the net asset value. */
  readonly unknown: readonly string[];
}

export interface WantedTrades {
  /** By asset name; not yet cut to the cash there is. */
  readonly wanted: readonly Trade[];
  readonly netAssetValue: number;
  readonly unknown: readonly string[];
}

/** Errors: INVALID_DATA where the account is worth nothing, since weights of nothing are undefined, and for a target without a price. */
export function wantedTrades(input: TradeInput): WantedTrades {
  const { targets, prices, holdings, cash, lot } = input;
  const unknown = [...holdings.keys()].filter((asset) => !prices.has(asset)).sort();
  const known = [...holdings].filter(([asset]) => prices.has(asset));
  const netAssetValue = known.reduce((sum, [asset, shares]) => sum + shares * (prices.get(asset) ?? 0), cash);
  if (!(netAssetValue > 0)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected holdings and cash worth more than 0, found ${netAssetValue}. State the cash or the shares held.`,
      { data: { netAssetValue } },
    );
  }
  const assets = [...new Set([...targets.keys(), ...known.map(([asset]) => asset)])].sort();
  const wanted = assets.flatMap((asset) => {
    const trade = tradeOf(asset, input, netAssetValue);
    return trade === null ? [] : [trade];
  });
  return { wanted, netAssetValue, unknown };

  function tradeOf(asset: string, { costRate, minimumCost }: TradeInput, value: number): Trade | null {
    const price = prices.get(asset);
    if (price === undefined) {
      throw new AppError('INVALID_DATA', `Expected a price for target ${asset}, found none. Refresh the dataset.`);
    }
    const held = holdings.get(asset) ?? 0;
    const targetWeight = targets.get(asset) ?? 0;
    const shares = Math.trunc((targetWeight * value) / price / lot + 1e-9) * lot;
    const change = targetWeight === 0 ? -held : shares - held;
    if (Math.abs(change) < lot * 1e-9) return null;
    const notional = Math.abs(change) * price;
    return {
      asset,
      side: change > 0 ? 'buy' : 'sell',
      shares: Math.abs(change),
      price,
      notional,
      currentWeight: (held * price) / value,
      targetWeight,
      cost: Math.max(notional * costRate, minimumCost),
    };
  }
}

/** Sells first, buys cut to the cash there is. Errors: those of `wantedTrades`. */
export function tradesToTargets(input: TradeInput): TradeList {
  return affordableTrades(wantedTrades(input), input);
}

/** The list of wanted trades that cash and the proceeds of its sells pay for. */
export function affordableTrades({ wanted, netAssetValue, unknown }: WantedTrades, input: TradeInput): TradeList {
  const sells = wanted.filter((trade) => trade.side === 'sell');
  const buys = wanted.filter((trade) => trade.side === 'buy');
  const trades = [...sells, ...affordable(buys, input.cash, sells, input)];
  const cost = trades.reduce((sum, trade) => sum + trade.cost, 0);
  const spent = trades.reduce((sum, trade) => sum + (trade.side === 'buy' ? trade.notional : -trade.notional), 0);
  const traded = trades.reduce((sum, trade) => sum + trade.notional, 0);
  return {
    trades,
    netAssetValue,
    turnover: traded / (2 * netAssetValue),
    cost,
    cashAfter: input.cash - spent - cost,
    unknown,
  };
}

/** Scales every buy by one factor, rounded down to lots, so that cash after costs is not negative. */
function affordable(
  buys: readonly Trade[],
  cash: number,
  sells: readonly Trade[],
  input: TradeInput,
): readonly Trade[] {
  const proceeds = sells.reduce((sum, trade) => sum + trade.notional - trade.cost, cash);
  const needed = buys.reduce((sum, trade) => sum + trade.notional + trade.cost, 0);
  if (needed <= proceeds) return buys;
  // An order costs at most its rate plus the least fee, so setting every fee aside first is always enough.
  const fees = buys.length * input.minimumCost;
  const notionals = buys.reduce((sum, trade) => sum + trade.notional, 0);
  const share = Math.max(0, (proceeds - fees) / (notionals * (1 + input.costRate)));
  return buys.flatMap((trade) => {
    const lots = Math.floor((trade.shares * share) / input.lot);
    const shares = lots * input.lot;
    const notional = shares * trade.price;
    const cost = Math.max(notional * input.costRate, input.minimumCost);
    return shares > 0 ? [{ ...trade, shares, notional, cost }] : [];
  });
}
