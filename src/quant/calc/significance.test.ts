import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import { findCalcKind } from './registry';

const DAYS = tradingDays('2020-01-02', '2022-12-30');

function csv(columns: Readonly<Record<string, (t: number) => number>>): Uint8Array {
  const names = Object.keys(columns);
  const lines = DAYS.map((day, t) => [day, ...names.map((name) => columns[name](t))].join(','));
  return new TextEncoder().encode([['date', ...names].join(','), ...lines].join('\n'));
}

function answer(id: string, inputs: Readonly<Record<string, Uint8Array>>, params: object): unknown {
  const files = Object.entries(inputs).map(([name, bytes]) => [name, { name, bytes, meta: {} }]);
  return findCalcKind(id)?.run(Object.fromEntries(files), params);
}

const random = createRandom(1);
const draw = (drift: number) => {
  const values = DAYS.map(() => drift + 0.01 * random.normal());
  return (t: number) => values[t];
};
const returns = csv({ bench: draw(0), good: draw(0.003), flat: draw(0), other: draw(0) });
const walk = (seed: number) => {
  const steps = createRandom(seed);
  let price = 100;
  const values = DAYS.map(() => (price *= Math.exp(0.015 * steps.normal())));
  return (t: number) => values[t];
};
const prices = csv(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`P${i}`, walk(i)])));

describe('the command line answers', () => {
  it('which strategies beat a benchmark, in sentences', () => {
    expect(answer('inference.family', { returns }, { benchmark: 'bench', replications: 500 })).toMatchObject({
      step_m_rejected: ['good'],
      spa: { verdict: 'good beats bench at 5 % even though 3 strategies were tried.' },
    });
    expect(answer('inference.compare', { returns }, { a: 'flat', b: 'bench', replications: 300 })).toMatchObject({
      ledoit_wolf: { verdict: expect.stringContaining('not distinguishable from bench at 5 %') },
    });
    expect(answer('inference.model_confidence_set', { returns }, { replications: 500 })).toMatchObject({
      included: ['good'],
    });
    expect(answer('inference.effective_trials', { returns }, {})).toMatchObject({ effective: 4 });
  });

  it('how long a backtest must be, and what tests there are', () => {
    expect(answer('inference.min_backtest_length', {}, { n_trials: 45, sr_annual: 1 })).toEqual({
      min_backtest_length_years: expect.closeTo(4.998087004443404, 10),
    });
    expect(answer('inference.catalog', {}, {})).toHaveProperty('tests.length', 25);
    expect(answer('timeseries.kpss', { series: prices }, { series: 'P0' })).toMatchObject({
      statistic: expect.any(Number),
      lags: 20,
    });
  });

  it('how much of a backtest is timing luck, and how a sweep ends', () => {
    const luck = answer(
      'backtest.timing_luck',
      { prices },
      { method: 'inverse_volatility', lookback: 60, cost_rate: 0.001 },
    );
    expect(luck).toMatchObject({ days: expect.any(Number), tranched: { sharpe: expect.any(Number) } });
    const plain = answer(
      'backtest.walk_forward',
      { prices },
      { method: 'momentum', lookback: 63, top: 4, lag_rows: 1 },
    );
    const sweep = answer('backtest.momentum_sweep', { prices }, { lookbacks: [63], sizes: [4], lag_rows: 1 });
    expect(sweep).toMatchObject({ n_trials: 1, best: { sharpe: expect.any(Number) } });
    // calc answers are unknown by contract
    const { sharpe } = plain as { sharpe: number };
    expect(sweep).toHaveProperty('best.sharpe', expect.closeTo(sharpe, 9));
  });
});
