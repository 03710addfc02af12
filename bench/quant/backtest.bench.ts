/** One daily mark-to-market backtest with dense monthly weights, 500 assets × 3,780 days. */
import { createRandom } from '#quant/array/random';
import { prepareMarket } from '#quant/backtest/market';
import { Simulator } from '#quant/backtest/simulator';
import { tradingDays } from '#quant/calendar/nyse';
import { periodEndRows } from '#quant/calendar/rebalance-dates';
import { bench } from '../harness';

const ASSETS = 500;
const DAYS = 3_780;

const dates = tradingDays('2009-01-02', '2024-12-31').slice(0, DAYS);
const random = createRandom(1);
const close = new Float64Array(DAYS * ASSETS).fill(100);
for (let at = ASSETS; at < close.length; at++)
  close[at] = close[at - ASSETS] * Math.exp(0.02 * (random.uniform() - 0.5));
const panel = { dates, assets: Array.from({ length: ASSETS }, (_, i) => `A${i}`), fields: { close } };
const market = prepareMarket(panel);
const rows = periodEndRows(dates, 'month');
const weights = rows.map(() => {
  const raw = Float64Array.from({ length: ASSETS }, () => random.uniform());
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((w) => w / sum);
});

function simulate(): number {
  const account = new Simulator(market, {
    startRow: rows[0],
    endRow: DAYS - 1,
    lag: 1,
    costs: { bps: 10, halfSpreadBps: 2, minimum: 0 },
    initialCapital: 1_000_000,
    delistingReturn: 0,
  });
  rows.forEach((row, k) => {
    account.advanceTo(row);
    account.order(weights[k]);
  });
  return account.finish().equity[0];
}

await bench({ job: `backtest ${ASSETS} × ${DAYS}, ${rows.length} rebalances`, goalMs: 3, rounds: 21, warmups: 10 }, [
  { name: 'simulated account', run: simulate },
]);
await bench({ job: `prepare market ${ASSETS} × ${DAYS}` }, [
  { name: 'last prices and delistings', run: () => prepareMarket(panel) },
]);
