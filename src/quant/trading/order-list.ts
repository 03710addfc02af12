/**
 * Orders from target weights: the trades of `tradesToTargets` with small ones left out, each cut to a share of what the asset trades in a
 * day, and buys cut to cash. From cash of at least 0 the list never leads below 0.
 */
import { AppError } from '#base/errors';
import { affordableTrades, wantedTrades, type Trade, type TradeInput, type TradeList } from './trades';

export interface OrderListInput extends TradeInput {
  /** Trades of less notional are left out, unless they close a position; currency. */
  readonly minimumNotional: number;
  /** Largest order as a share of average daily notional; null = no limit. */
  readonly maxAdvShare: number | null;
  /** Average daily notional by asset, currency; absent where no volume is known. */
  readonly adv: ReadonlyMap<string, number>;
}

export interface LeftOut {
  readonly asset: string;
  readonly notional: number;
  readonly reason: string;
}

export interface OrderList extends TradeList {
  readonly leftOut: readonly LeftOut[];
  /** Assets whose order was cut to the share of daily volume, with the shares that were wanted. */
  readonly cut: ReadonlyMap<string, number>;
}

/** Errors: those of `wantedTrades`; NOT_ENOUGH_DATA where volume is limited and none is known of an asset to trade. */
export function orderList(input: OrderListInput): OrderList {
  const { lot, minimumNotional, maxAdvShare, adv, costRate, minimumCost } = input;
  const all = wantedTrades(input);
  const leftOut: LeftOut[] = [];
  const cut = new Map<string, number>();

  function reasonAgainst(trade: Trade): string | null {
    const closes = trade.side === 'sell' && trade.shares === input.holdings.get(trade.asset);
    if (trade.notional < minimumNotional && !closes) return `smaller than ${minimumNotional}`;
    if (trade.side === 'sell' && trade.cost > trade.notional) return 'costs more than it brings';
    return null;
  }
  function keep(trade: Trade): boolean {
    const reason = reasonAgainst(trade);
    if (reason !== null) leftOut.push({ asset: trade.asset, notional: trade.notional, reason });
    return reason === null;
  }
  function cutToVolume(trade: Trade): Trade {
    if (maxAdvShare === null) return trade;
    const traded = adv.get(trade.asset);
    if (traded === undefined) {
      throw new AppError(
        'NOT_ENOUGH_DATA',
        `Expected the traded volume of ${trade.asset} to limit its order to ${maxAdvShare} of a day, found none. ` +
          'Import volume, or state that volume shall not limit orders.',
        { data: { asset: trade.asset } },
      );
    }
    const most = Math.floor((maxAdvShare * traded) / trade.price / lot + 1e-9) * lot;
    if (trade.shares <= most) return trade;
    cut.set(trade.asset, trade.shares);
    const notional = most * trade.price;
    return { ...trade, shares: most, notional, cost: Math.max(notional * costRate, minimumCost) };
  }

  const within = all.wanted
    .filter(keep)
    .map(cutToVolume)
    .filter(({ shares, asset, notional }) => {
      if (shares > 0) return true;
      leftOut.push({ asset, notional, reason: 'less than a lot trades in the allowed share of a day' });
      return false;
    });
  const list = affordableTrades({ ...all, wanted: within.filter(keep) }, input);
  const small = list.trades.filter(({ side, notional }) => side === 'buy' && notional < minimumNotional);
  if (small.length === 0) return { ...list, leftOut, cut };
  // Leaving buys out only leaves more cash.
  for (const { asset, notional } of small)
    leftOut.push({ asset, notional, reason: 'too small once cut to the cash there is' });
  const trades = list.trades.filter((trade) => !small.includes(trade));
  return { ...affordableTrades({ ...all, wanted: trades }, input), leftOut, cut };
}
