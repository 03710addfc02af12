/** 1,000 momentum configurations (20 look-backs × 50 sizes) over 500 assets × 3,780 days, against single recipe backtests. */
import { createRandom } from '#quant/array/random';
import { recipeBacktest } from '#quant/backtest/recipe-backtest';
import { recipeWeights } from '#quant/backtest/recipe-weights';
import { tradingDays } from '#quant/calendar/nyse';
import { momentumSweep } from '#quant/sweeps/momentum-sweep';
import { bench } from '../harness';

const ASSETS = 500;
const DAYS = 3_780;

const dates = tradingDays('2009-01-02', '2024-12-31').slice(0, DAYS);
const random = createRandom(1);
const values = new Float64Array(DAYS * ASSETS).fill(100);
for (let at = ASSETS; at < values.length; at++)
  values[at] = values[at - ASSETS] * Math.exp(0.015 * random.normal() + 0.0002);
const prices = { dates, assets: Array.from({ length: ASSETS }, (_, i) => `A${i}`), values };
const lookbacks = Array.from({ length: 20 }, (_, i) => 42 + 11 * i);
const sizes = Array.from({ length: 50 }, (_, i) => 10 + 5 * i);
const options = { lookbacks, sizes, frequency: 'month', costRate: 0.001, lag: 1 } as const;

await bench({ job: `sweep of 1,000 configurations, ${ASSETS} × ${DAYS}`, goalMs: 500 }, [
  { name: 'shared ranking', run: () => momentumSweep(prices, options) },
  {
    name: '10 of 1,000 plain backtests',
    run: () => {
      for (let k = 0; k < 10; k++) {
        recipeBacktest(
          prices,
          { lookback: 252, frequency: 'month', costRate: 0.001, lag: 1 },
          recipeWeights(prices, {
            method: 'momentum',
            lookback: lookbacks[2 * k],
            top: sizes[5 * k],
            linkage: 'single',
            upper: 1,
          }),
        );
      }
    },
  },
]);
