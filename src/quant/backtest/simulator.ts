/**
 * A share-level account that follows target weights through a market, day by day. The caller decides at the close of a row with
 * the weights that have drifted until then; the order is filled `lag` rows later, never on the row of the decision.
 * Holdings drift between fills, cash earns and shorts cost what the rates say, and the same inputs give the same bits.
 */
import { AppError } from '#base/errors';
import { type HoldingRates, impactCost, orderCost, type TradingCosts } from './costs';
import { liquidityAt } from './liquidity';
import { holdingsValue, holdingsValues, type Market } from './market';
import type { RebalanceRecord, Simulation } from './simulation';

export interface SimulationOptions {
  /** Row of the first decision: the account is all cash at its close, and equity is reported from here on. */
  readonly startRow: number;
  /** Last row that is simulated. */
  readonly endRow: number;
  /** Rows from decision to fill, ≥ 1. */
  readonly lag: number;
  readonly fillAt?: 'close' | 'open';
  readonly costs: TradingCosts;
  /** Left out: cash earns nothing and shorts cost nothing. */
  readonly rates?: HoldingRates;
  readonly initialCapital: number;
  /** Return booked on a holding that is given up because its prices ended; −1 … 0. */
  readonly delistingReturn: number;
  /** Keep the weights of every day ([days, N]); off by default. */
  readonly keepDailyWeights?: boolean;
}

interface Order {
  readonly decisionRow: number;
  readonly fillRow: number;
  readonly targets: Float64Array;
  readonly index: number;
}

/** Notional below this share of the account is rounding, not an order. */
const NO_TRADE = 1e-12;
const DAYS_PER_YEAR = 252;

export class Simulator {
  readonly #market: Market;
  readonly #options: SimulationOptions;
  readonly #shares: Float64Array;
  readonly #equity: Float64Array;
  readonly #gross: Float64Array;
  readonly #exposure: Float64Array;
  readonly #dailyWeights: Float64Array | undefined;
  readonly #records: RebalanceRecord[] = [];
  readonly #orders: Order[] = [];
  #cash: number;
  #row: number;
  /** Gross over net equity: costs scale the account and change nothing else. */
  #costFactor = 1;
  #nextDelisting = 0;
  #nextAction = 0;
  #delistingLoss = 0;
  /** Undefined where every rate is 0. */
  readonly #rates: HoldingRates | undefined;
  readonly #carry = { interest: 0, borrow: 0, dividends: 0, impact: 0 };

  constructor(market: Market, options: SimulationOptions) {
    const { startRow, endRow, lag, initialCapital } = options;
    if (!(lag >= 1)) throw new AppError('INVALID_CONFIG', `Expected an execution lag of at least 1 bar, found ${lag}.`);
    if (!(startRow >= 0 && startRow <= endRow && endRow < market.dates.length)) {
      throw new AppError(
        'INTERNAL',
        `Expected rows 0 ≤ start ≤ end < ${market.dates.length}, found ${startRow} and ${endRow}.`,
      );
    }
    this.#market = market;
    this.#options = options;
    this.#shares = new Float64Array(market.assets.length);
    const days = endRow - startRow + 1;
    this.#equity = new Float64Array(days);
    this.#gross = new Float64Array(days);
    this.#exposure = new Float64Array(days);
    this.#dailyWeights = options.keepDailyWeights ? new Float64Array(days * market.assets.length) : undefined;
    this.#cash = initialCapital;
    this.#row = startRow;
    const { rates } = options;
    if (rates && (rates.borrowBps !== 0 || rates.cashRate !== 0 || rates.financingSpread !== 0)) this.#rates = rates;
    while (this.#peekDelisting() <= startRow) this.#nextDelisting += 1;
    while (this.#peekAction() <= startRow) this.#nextAction += 1;
    this.#report(startRow, initialCapital);
  }

  /** Row up to whose close the account has been valued. */
  get row(): number {
    return this.#row;
  }

  /** Value of the account at the close of the current row, currency. */
  get equity(): number {
    return this.#equity[this.#row - this.#options.startRow];
  }

  /** Values the account at every close up to `row`, filling the orders that fall due. */
  advanceTo(row: number): void {
    const last = Math.min(row, this.#options.endRow);
    const shares = this.#shares;
    const n = shares.length;
    const { valuation } = this.#market;
    while (this.#row < last) {
      const t = this.#row + 1;
      const event = Math.min(this.#peekDelisting(), this.#peekAction(), this.#orders[0]?.fillRow ?? Infinity);
      if (this.#rates === undefined && Math.min(last + 1, event) - t >= 4) {
        const values = holdingsValues(shares, valuation, t * n);
        for (let k = 0; k < 4; k++) this.#report(t + k, this.#cash + values[k]);
        this.#row = t + 3;
        continue;
      }
      this.#row = t;
      if (this.#rates) this.#accrue(this.#rates, (t - 1) * n);
      if (this.#peekAction() <= t) this.#bookActions(t);
      if (this.#peekDelisting() <= t) this.#bookDelistings(t);
      while (this.#orders.length > 0 && this.#orders[0].fillRow <= t) this.#fill(this.#orders.splice(0, 1)[0], t);
      this.#report(t, this.#cash + holdingsValue(shares, valuation, t * n));
    }
  }

  /** Weights at the close of the current row, fractions of equity; length N. */
  weights(): Float64Array {
    const shares = this.#shares;
    const { valuation } = this.#market;
    const perUnit = 1 / this.#equity[this.#row - this.#options.startRow];
    const offset = this.#row * shares.length;
    const weights = new Float64Array(shares.length);
    for (let i = 0; i < shares.length; i++) weights[i] = shares[i] * valuation[offset + i] * perUnit;
    return weights;
  }

  /** A decision at the close of the current row: fractions of equity per asset; what is missing to 1 stays in cash. */
  order(targets: Float64Array): void {
    let sum = 0;
    for (let i = 0; i < targets.length; i++) sum += targets[i];
    if (targets.length !== this.#shares.length || !(sum <= 1 + 1e-6)) {
      throw new AppError(
        'INTERNAL',
        `Expected ${this.#shares.length} finite target weights summing to at most 1, found ${targets.length} summing to ${sum}.`,
      );
    }
    const decisionRow = this.#row;
    const fillRow = decisionRow + this.#options.lag;
    const index = this.#records.length;
    const kept = targets.slice();
    this.#records.push({
      decisionRow,
      fillRow: -1,
      targets: kept,
      executed: undefined,
      turnover: NaN,
      cost: NaN,
      orders: 0,
      equityBefore: NaN,
      equityAfter: NaN,
    });
    this.#orders.push({ decisionRow, fillRow, targets: kept, index });
  }

  /** Runs to the last row and hands over everything recorded. */
  finish(): Simulation {
    this.advanceTo(this.#options.endRow);
    return {
      firstRow: this.#options.startRow,
      equity: this.#equity,
      grossEquity: this.#gross,
      exposure: this.#exposure,
      finalWeights: this.weights(),
      dailyWeights: this.#dailyWeights,
      rebalances: this.#records,
      delistingLoss: this.#delistingLoss,
      carry: { ...this.#carry },
    };
  }

  #report(t: number, equity: number): void {
    const day = t - this.#options.startRow;
    this.#equity[day] = equity;
    this.#gross[day] = equity * this.#costFactor;
    this.#exposure[day] = 1 - this.#cash / equity;
    if (this.#dailyWeights) {
      const n = this.#shares.length;
      const perUnit = 1 / equity;
      for (let i = 0; i < n; i++) {
        this.#dailyWeights[day * n + i] = this.#shares[i] * this.#market.valuation[t * n + i] * perUnit;
      }
    }
  }

  #peekDelisting(): number {
    return this.#market.delistings[this.#nextDelisting]?.row ?? Infinity;
  }

  #peekAction(): number {
    return this.#market.actions[this.#nextAction]?.row ?? Infinity;
  }

  /** Shares and cash change on the ex-date, before anything is traded or valued at its close. */
  #bookActions(t: number): void {
    for (; this.#peekAction() <= t; this.#nextAction++) {
      const { asset, splitRatio, cashPerShare } = this.#market.actions[this.#nextAction];
      const cash = this.#shares[asset] * cashPerShare;
      this.#cash += cash;
      this.#carry.dividends += cash;
      this.#shares[asset] *= splitRatio;
    }
  }

  /** One day of interest and borrow on the balances at the close of the row that starts at `offset`. */
  #accrue({ borrowBps, cashRate, financingSpread }: HoldingRates, offset: number): void {
    const rate = this.#cash >= 0 ? cashRate : cashRate + financingSpread;
    const interest = (this.#cash * rate) / DAYS_PER_YEAR;
    let short = 0;
    for (let i = 0; i < this.#shares.length; i++) {
      if (this.#shares[i] < 0) short -= this.#shares[i] * this.#market.valuation[offset + i];
    }
    const borrow = (short * borrowBps * 1e-4) / DAYS_PER_YEAR;
    this.#cash += interest - borrow;
    this.#carry.interest += interest;
    this.#carry.borrow += borrow;
  }

  #bookDelistings(t: number): void {
    const n = this.#shares.length;
    for (; this.#peekDelisting() <= t; this.#nextDelisting++) {
      const { asset, row } = this.#market.delistings[this.#nextDelisting];
      const value = this.#shares[asset] * this.#market.valuation[row * n + asset];
      this.#cash += value * (1 + this.#options.delistingReturn);
      this.#delistingLoss -= value * this.#options.delistingReturn;
      this.#shares[asset] = 0;
    }
  }

  #fill(order: Order, t: number): void {
    // Never to be switched off: filling at the price that the decision was made with is look-ahead.
    if (t <= order.decisionRow) {
      throw new AppError('INTERNAL', `A decision on row ${order.decisionRow} was about to be filled on row ${t}.`);
    }
    const shares = this.#shares;
    const n = shares.length;
    const prices = this.#fillPrices(t);
    const { valuation } = this.#market;
    const { targets } = order;
    const offset = t * n;
    let invested = 0;
    let kept = 0;
    let wanted = 0;
    let budget = 0;
    for (let i = 0; i < n; i++) {
      const price = prices[offset + i];
      budget += targets[i];
      if (price > 0) {
        invested += shares[i] * price;
        wanted += targets[i];
      } else kept += shares[i] * valuation[offset + i];
    }
    const equityBefore = this.#cash + invested + kept;
    const share = (equity: number) => affordableShare(budget * equity, kept, wanted * equity);
    const trade = this.#priceTrades(targets, prices, t, equityBefore, share(equityBefore));
    const equityAfter = equityBefore - trade.cost;
    if (!(equityAfter > 0)) {
      throw new AppError(
        'INVALID_CONFIG',
        `Expected costs below the account of ${equityBefore.toFixed(2)} on ${this.#market.dates[t]}, found ${trade.cost.toFixed(2)}. ` +
          'Lower the minimum per order or raise the initial capital.',
      );
    }
    const scale = equityAfter * share(equityAfter);
    const executed = new Float64Array(n);
    let cash = equityAfter;
    const perUnit = 1 / equityAfter;
    for (let i = 0; i < n; i++) {
      const price = prices[offset + i];
      const tradable = price > 0;
      if (tradable) shares[i] = (targets[i] * scale) / price;
      const value = shares[i] * (tradable ? price : valuation[offset + i]);
      cash -= value;
      executed[i] = value * perUnit;
    }
    this.#cash = cash;
    this.#costFactor *= equityBefore / equityAfter;
    this.#records[order.index] = {
      ...this.#records[order.index],
      fillRow: t,
      executed,
      turnover: trade.turnover,
      cost: trade.cost,
      orders: trade.orders,
      equityBefore,
      equityAfter,
    };
  }

  #fillPrices(t: number): Float64Array {
    if (this.#options.fillAt !== 'open') return this.#market.close;
    if (this.#market.open) return this.#market.open;
    throw new AppError(
      'INVALID_CONFIG',
      `Expected opening prices to fill at on ${this.#market.dates[t]}, found none in the data. Fill at the close instead.`,
    );
  }

  /** Costs and one-way turnover of moving to the targets, at the weights before costs; assets without a price are kept. */
  #priceTrades(targets: Float64Array, prices: Float64Array, row: number, equity: number, share: number) {
    const shares = this.#shares;
    const { costs } = this.#options;
    const impact = costs.impact && costs.impact.coefficient > 0 ? costs.impact : undefined;
    const offset = row * shares.length;
    let moving = 0;
    const perUnit = 1 / equity;
    let cost = 0;
    let moved = 0;
    let orders = 0;
    for (let i = 0; i < shares.length; i++) {
      const price = prices[offset + i];
      if (!(price > 0)) continue;
      const change = Math.abs(targets[i] * share - shares[i] * price * perUnit);
      if (change <= NO_TRADE) continue;
      moved += change;
      orders += 1;
      if (costs.minimum > 0) cost += orderCost(change * equity, costs);
      if (impact) {
        // The day of the fill is not known when the order is sized.
        const { adv, volatility } = liquidityAt(this.#market, row - 1, i, impact.window);
        moving += impactCost(change * equity, adv, volatility, impact);
      }
    }
    if (costs.minimum === 0) cost = orderCost(moved * equity, costs);
    cost += moving;
    this.#carry.impact += moving;
    return { cost, turnover: moved / 2, orders };
  }
}

/** Share of the wanted purchases that fits beside holdings that cannot be sold: 1 where nothing is in the way. */
function affordableShare(budget: number, kept: number, wanted: number): number {
  return kept > 0 && wanted > 0 ? Math.min(1, Math.max(0, (budget - kept) / wanted)) : 1;
}
