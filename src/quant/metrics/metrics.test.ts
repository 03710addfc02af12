import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BENCHMARK_MEASURES } from './benchmark-measures';
import { deepestDrawdowns, drawdownEpisodes, drawdownsOf, summarizeDrawdowns, wealthOf } from './drawdown';
import { evaluateMeasures, giniMeanDifference, OWN_MEASURES } from './measures';
import { monthlyReturns, yearlyReturns } from './monthly';
import { rollingSharpe } from './rolling';
import { returnSample } from './sample';

const OPTIONS = { periodsPerYear: 252, riskFree: 0, alpha: 0.95 };
const returns = fc
  .array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 5, maxLength: 80 })
  .map((values) => Float64Array.from(values));
const own = (r: Float64Array) => evaluateMeasures(OWN_MEASURES, returnSample(r, OPTIONS));

describe('measures', () => {
  it('are finite or null with a reason, whatever the returns', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const sample = returnSample(
          r,
          OPTIONS,
          r.map((x) => x / 2),
        );
        for (const measure of Object.values(evaluateMeasures([...OWN_MEASURES, ...BENCHMARK_MEASURES], sample))) {
          if (measure.value === null) expect(measure.reason).toMatch(/^Not defined: .*\.$/);
          else expect(Number.isFinite(measure.value)).toBe(true);
        }
      }),
    );
  });

  it('of constant returns have no Sharpe ratio rather than an enormous one', () => {
    const { sharpe_annual, max_drawdown, calmar } = own(new Float64Array(100).fill(0.001));
    expect(sharpe_annual).toEqual({ value: null, reason: 'Not defined: the returns do not vary.' });
    expect(max_drawdown.value).toBe(0);
    expect(calmar.value).toBeNull();
  });

  it('keep their inequalities: shortfall ≥ value at risk, ulcer ≤ deepest drawdown, win rate in [0, 1]', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const m = own(r);
        expect(m.cvar_hist.value ?? NaN).toBeGreaterThanOrEqual((m.var_hist.value ?? NaN) - 1e-12);
        expect(m.ulcer_index.value ?? NaN).toBeLessThanOrEqual(-(m.max_drawdown.value ?? NaN) + 1e-12);
        expect(m.win_rate.value).toBeGreaterThanOrEqual(0);
        expect(m.win_rate.value).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('against the series itself are beta 1, alpha 0, and no information ratio', () => {
    const r = Float64Array.of(0.01, -0.02, 0.015, 0.003, -0.004);
    const m = evaluateMeasures(BENCHMARK_MEASURES, returnSample(r, OPTIONS, r));
    expect(m.beta.value).toBeCloseTo(1, 12);
    expect(m.alpha_per_period.value).toBeCloseTo(0, 15);
    expect(m.up_capture_geometric.value).toBeCloseTo(1, 12);
    expect(m.information_ratio.value).toBeNull();
  });

  it('refuse missing returns and too few', () => {
    expect(() => returnSample(Float64Array.of(0.1, NaN), OPTIONS)).toThrowError(/missing value/);
    expect(() => returnSample(Float64Array.of(0.1), OPTIONS)).toThrowError(/at least 2 returns/);
    expect(() => returnSample(new Float64Array(5), OPTIONS, new Float64Array(4))).toThrowError(/5 benchmark returns/);
  });

  it('include the Gini mean difference over pairs', () => {
    expect(giniMeanDifference(Float64Array.of(1, 2, 4))).toBeCloseTo((1 + 3 + 2) / 3, 14);
  });
});

describe('drawdowns', () => {
  it('of the example path of pyfolio: 41.7 %, from the second row to the fifth, recovered at the seventh', () => {
    const wealth = Float64Array.of(1.0, 1.2, 1.0, 0.8, 0.7, 1.1, 1.8, 1.5);
    const [deepest] = deepestDrawdowns(drawdownEpisodes(drawdownsOf(wealth)), 1);
    expect(deepest).toMatchObject({ peakRow: 1, troughRow: 4, recoveryRow: 6, periods: 4 });
    expect(deepest.depth).toBeCloseTo(-0.4166666666666667, 14);
  });

  it('partition the days under water, and the deepest one is the summary', () => {
    fc.assert(
      fc.property(returns, (r) => {
        const drawdowns = drawdownsOf(wealthOf(r));
        const episodes = drawdownEpisodes(drawdowns);
        expect(episodes.reduce((sum, { periods }) => sum + periods, 0)).toBe(drawdowns.filter((d) => d < 0).length);
        expect(summarizeDrawdowns(drawdowns).depth).toBe(Math.min(0, ...drawdowns));
      }),
    );
  });

  it('from the start have no peak date', () => {
    expect(summarizeDrawdowns(drawdownsOf(wealthOf(Float64Array.of(-0.1, 0.05))))).toMatchObject({ peakRow: -1 });
  });
});

describe('periods and windows', () => {
  it('compound days to months and years', () => {
    const dates = ['2023-12-29', '2024-01-02', '2024-01-03', '2024-02-01'];
    const r = Float64Array.of(0.1, 0.1, 0.1, -0.5);
    expect(monthlyReturns(dates, r).map(({ month }) => month)).toEqual(['2023-12', '2024-01', '2024-02']);
    expect(monthlyReturns(dates, r)[1].return).toBeCloseTo(0.21, 12);
    expect(yearlyReturns(dates, r)[1]).toMatchObject({ year: '2024' });
    expect(yearlyReturns(dates, r)[1].return).toBeCloseTo(1.21 * 0.5 - 1, 12);
  });

  it('leave a rolling value empty until the window is full and where nothing varies', () => {
    const rolling = rollingSharpe(Float64Array.of(0.01, 0.02, 0.03, 0.03, 0.03), 3, 252);
    expect([...rolling].map(Number.isNaN)).toEqual([true, true, false, false, true]);
  });
});
