import { describe, expect, it } from 'vitest';
import { createRandom } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { Panel } from '../panel';
import { researchConfigSchema } from './config';
import { runResearch } from './run-research';

const N = 8;
const DAYS = tradingDays('2020-01-02', '2021-06-30');
const context = { emit() {}, breathe: () => Promise.resolve() };

/** The first half of the assets rises; with `shares` traded a day. */
function market(shares: number | null): Panel {
  const random = createRandom(5);
  const close = new Float64Array(DAYS.length * N).fill(100);
  for (let at = N; at < close.length; at++) {
    const drift = at % N < N / 2 ? 0.002 : -0.001;
    close[at] = close[at - N] * Math.exp(0.01 * random.normal() + drift);
  }
  return {
    dates: DAYS,
    assets: Array.from({ length: N }, (_, i) => `A${i}`),
    fields: { close, ...(shares === null ? {} : { volume: close.map(() => shares) }) },
  };
}

const configuration = (costs: object = {}) =>
  researchConfigSchema.parse({
    model: {
      forecast: { id: 'ridge' },
      horizon: 5,
      features: { set: ['momentum_1m', 'return_5d'] },
      optimizer: { id: 'top-n', params: { count: 3 } },
    },
    backtest: { window: { train: 100 }, lookback: 60, costs },
    experiment: { bootstrap: { replications: 100 } },
  });

const capacityOn = async (panel: Panel, costs?: object) =>
  (await runResearch(configuration(costs), panel, null, context)).capacity;

describe('the capacity of a run', () => {
  it('grows in proportion to what trades, and takes the square-root law where the run charges no impact', async () => {
    const thin = await capacityOn(market(1e5));
    const deep = await capacityOn(market(4e5));
    expect(thin.estimate).toMatchObject({
      against: 'equal-weight',
      impact: { coefficient: 1, exponent: 0.5, assumed: true },
    });
    expect(thin.estimate?.excessReturn).toBeGreaterThan(0);
    expect((deep.netAssetValue.value ?? NaN) / (thin.netAssetValue.value ?? NaN)).toBeCloseTo(4, 9);
  });

  it('takes the impact of the run where it charges one, and counts the excess before impact', async () => {
    const free = await capacityOn(market(1e4));
    const charged = await capacityOn(market(1e4), { impact: { coefficient: 1 } });
    expect(charged.estimate?.impact).toMatchObject({ coefficient: 1, assumed: false });
    const drag = free.estimate?.impactDrag ?? NaN;
    expect(drag).toBeGreaterThan(0.001);
    const [before, after] = [free.estimate?.excessReturn ?? NaN, charged.estimate?.excessReturn ?? NaN];
    // What is charged is added back; only compounding is left between the two.
    expect(Math.abs(after - before)).toBeLessThan(0.5 * drag);
  });

  it('is not known without volume, nor where a traded asset has none, and says why', async () => {
    const absent = await capacityOn(market(null));
    expect(absent).toMatchObject({
      netAssetValue: { value: null, reason: expect.stringContaining('no traded volume') },
      estimate: null,
    });
    const silent = market(1e5);
    const volume = silent.fields.volume?.map((shares, at) => (at % N < N / 2 ? 0 : shares)) ?? new Float64Array(0);
    const found = await capacityOn({ ...silent, fields: { ...silent.fields, volume } });
    expect(found.netAssetValue).toEqual({
      value: null,
      reason: expect.stringMatching(/^A\d was traded by the strategy but has no volume in the 63 days to 20/),
    });
  });
});
