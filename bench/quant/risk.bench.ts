/** Risk of portfolios: tails with contributions, statistical factors, entropy pooling, minimum torsion, and a whole report. */
import { createRandom } from '#quant/array/random';
import { tradingDays } from '#quant/calendar/nyse';
import { periodEndRows } from '#quant/calendar/rebalance-dates';
import { sampleCovariance } from '#quant/covariance/moments';
import { pcaFactors } from '#quant/factors/pca-factors';
import { backtestRisk } from '#quant/risk/backtest-risk';
import { effectiveBets } from '#quant/risk/minimum-torsion';
import { riskModels } from '#quant/risk/models';
import { riskReport } from '#quant/risk/risk-report';
import { poolEntropy } from '#quant/stress/entropy-pooling';
import { bench } from '../harness';

const ASSETS = 500;
const DAYS = 3_780;
const HELD = 60;

const dates = tradingDays('2009-01-02', '2024-12-31').slice(0, DAYS);
const random = createRandom(1);
const returns = new Float64Array(DAYS * ASSETS);
const close = new Float64Array(DAYS * ASSETS).fill(100);
const levels = new Float64Array(DAYS).fill(100);
for (let t = 1; t < DAYS; t++) {
  const common = 0.01 * random.normal();
  levels[t] = levels[t - 1] * (1 + common);
  for (let i = 0, k = t * ASSETS; i < ASSETS; i++, k++) {
    returns[k] = common + 0.015 * random.normal();
    close[k] = close[k - ASSETS] * (1 + returns[k]);
  }
}
const weights = new Float64Array(ASSETS).fill(1 / ASSETS);
const scenarios = { returns, T: DAYS, N: ASSETS, weights };

for (const model of riskModels) {
  await bench({ job: `tail with contributions ${DAYS} × ${ASSETS}` }, [
    { name: model.id, run: () => model.evaluate(scenarios, 0.99) },
  ]);
}
await bench({ job: `statistical factors ${DAYS} × ${ASSETS}`, rounds: 3 }, [
  {
    name: 'Bai-Ng',
    run: () => pcaFactors(returns, DAYS, ASSETS, { factors: 'bai-ng', most: 20, standardize: true }),
  },
]);
const X = returns.slice(0, 2_520 * ASSETS);
const few = Float64Array.from({ length: 2_520 * 10 }, (_, at) => X[Math.floor(at / 10) * ASSETS + (at % 10)]);
await bench({ job: 'entropy pooling 2,520 scenarios, 10 assets, 6 views' }, [
  {
    name: 'dual Newton',
    run: () =>
      poolEntropy(few, 2_520, 10, [
        { kind: 'mean', asset: 0, relation: 'equal', value: -0.001 },
        { kind: 'mean', asset: 1, relation: 'at-least', value: 0.0005 },
        { kind: 'ranking', assets: [2, 3, 4] },
        { kind: 'volatility', asset: 5, value: 0.022 },
        { kind: 'correlation', assets: [6, 7], value: 0.6 },
        { kind: 'tail', asset: 8, threshold: -0.03, probability: 0.1 },
      ]),
  },
]);
const heldColumns = Float64Array.from(
  { length: 504 * HELD },
  (_, at) => returns[(1 + Math.floor(at / HELD)) * ASSETS + (at % HELD)],
);
const S = sampleCovariance(heldColumns, 504, HELD);
await bench({ job: `effective number of bets, ${HELD} assets` }, [
  { name: 'minimum torsion', run: () => effectiveBets(S, new Float64Array(HELD).fill(1 / HELD), HELD) },
]);
const series = Float64Array.from({ length: DAYS }, (_, t) => returns[t * ASSETS]);
await bench({ job: `back-test of a risk model, ${DAYS} days`, rounds: 3 }, [
  {
    name: 'filtered historical, window 250',
    run: () => backtestRisk(series, { model: 'filtered-historical', window: 250, level: 0.95, refitEvery: 63 }),
  },
]);

const rows = periodEndRows(dates, 'month').filter((row) => row > 504 && row + 1 < DAYS);
const targets = new Float64Array(rows.length * ASSETS);
rows.forEach((_, k) => {
  for (let j = 0; j < HELD; j++) targets[k * ASSETS + Math.floor(random.uniform() * ASSETS)] += 1 / HELD;
});
const equity = new Float64Array(DAYS - rows[0]).fill(1);
for (let t = 1; t < equity.length; t++)
  equity[t] = equity[t - 1] * (1 + (levels[rows[0] + t] / levels[rows[0] + t - 1] - 1));
await bench({ job: `risk report ${ASSETS} × ${DAYS}, ${rows.length} rebalances of ${HELD}`, rounds: 3, warmups: 0 }, [
  {
    name: 'whole report',
    run: () =>
      riskReport(
        {
          dates,
          assets: Array.from({ length: ASSETS }, (_, i) => `A${i}`),
          sectors: Array.from({ length: ASSETS }, (_, i) => `S${i % 11}`),
          close,
          benchmark: { name: 'index', levels },
          strategy: {
            name: 'bench',
            dates: dates.slice(rows[0]),
            equity,
            fills: rows.map((row) => dates[row + 1]),
            weights: targets,
          },
        },
        { breathe: () => Promise.resolve() },
      ),
  },
]);
