/**
 * The sharpest test of an account's clock: a signal that knows which assets did better than the average today earns nothing on noise where
 * orders are filled tomorrow, and a fortune where they are filled today.
 */
import { mean, standardDeviation } from '#quant/array/stats';
import { type Market, prepareMarket } from '#quant/backtest/market';
import { equityReturns } from '#quant/backtest/simulation';
import { Simulator } from '#quant/backtest/simulator';
import type { PriceData } from '#quant/research/select-data';

/** Targets decided at the close of `row`. */
export type Decide = (row: number) => Float64Array;

/** Equity before costs by day when `decide` is asked at every close. */
export type Execute = (market: Market, decide: Decide, lag: number) => Float64Array;

/** The product's account, without costs. */
export function executeWithSimulator(market: Market, decide: Decide, lag: number): Float64Array {
  const endRow = market.dates.length - 1;
  const account = new Simulator(market, {
    startRow: 1,
    endRow,
    lag,
    costs: { bps: 0, halfSpreadBps: 0, minimum: 0 },
    initialCapital: 1e6,
    delistingReturn: 0,
  });
  for (let row = 1; row < endRow; row++) {
    account.advanceTo(row);
    account.order(decide(row));
  }
  return account.finish().grossEquity;
}

/** z of the daily return that the oracle earns beyond equal weight. */
export function oracleScore(data: PriceData, lag: number, execute: Execute): number {
  const market = prepareMarket(data.panel);
  const n = market.assets.length;
  const weigh = (choose: (row: number, i: number) => boolean): Decide => {
    return (row) => {
      const weights = new Float64Array(n);
      let count = 0;
      for (let i = 0; i < n; i++) {
        if (!(market.close[row * n + i] > 0) || !choose(row, i)) continue;
        weights[i] = 1;
        count += 1;
      }
      return weights.map((weight) => (count > 0 ? weight / count : 0));
    };
  };
  const change = (row: number, i: number) => market.valuation[row * n + i] / market.valuation[(row - 1) * n + i];
  const average = (row: number) => market.assets.reduce((sum, _, i) => sum + change(row, i), 0) / n;
  const rose = weigh((row, i) => change(row, i) > average(row));
  const all = weigh(() => true);
  const oracle = equityReturns(execute(market, rose, lag));
  const equal = equityReturns(execute(market, all, lag));
  const excess = oracle.map((r, t) => r - equal[t]).slice(lag + 1);
  return (mean(excess) / standardDeviation(excess)) * Math.sqrt(excess.length);
}
