/** The risk, stress and factor kinds answer through the same door as every other kind, and refuse what they cannot answer. */
import { describe, expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { tradingDays } from '../calendar/nyse';
import { createRandom } from '../array/random';
import { findCalcKind } from './registry';

const NAMES = ['A', 'B', 'C', 'M'];
const DAYS = tradingDays('2019-06-03', '2020-12-31');

function pricesCsv(): string {
  const random = createRandom(1);
  const prices = NAMES.map(() => 100);
  const lines = DAYS.map((day) => {
    const common = 0.01 * random.normal();
    const row = prices.map((price, i) => {
      prices[i] = price * (1 + common + (i === 3 ? 0 : 0.01 * random.normal()));
      return prices[i];
    });
    return [day, ...row].join(',');
  });
  return [`date,${NAMES.join(',')}`, ...lines].join('\n');
}

const bytes = new TextEncoder().encode(pricesCsv());
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

/** The answer, whose shape each test states. */
function calc<Answer>(id: string, params: unknown, input = 'prices'): Answer {
  const kind = findCalcKind(id);
  if (kind === undefined) throw new Error(`no kind ${id}`);
  return kind.run({ [input]: { name: 'prices.csv', bytes, meta: {} } }, params) as Answer; // stated by the caller
}

describe('risk kinds', () => {
  test('risk.measures answers by model; models without enough returns are null', () => {
    const answer = calc<Record<string, { var: number; cvar: number } | null>>('risk.measures', { level: 0.95 });
    expect(Object.keys(answer)).toEqual(['historical', 'gaussian', 'cornish-fisher', 'filtered-historical']);
    for (const tail of Object.values(answer)) expect(tail?.cvar).toBeGreaterThan(tail?.var ?? Infinity);
  });

  test.each(['volatility', 'var', 'cvar'])('risk.contributions of %s add up by asset and group', (measure) => {
    const answer = calc<{ total: number; contribution: Record<string, number>; groups: Record<string, number> }>(
      'risk.contributions',
      { measure, model: 'gaussian', weights: { A: 0.7, B: 0.3 }, groups: { A: 'x', B: 'y' } },
    );
    expect(sum(Object.values(answer.contribution))).toBeCloseTo(answer.total, 12);
    expect(sum(Object.values(answer.groups))).toBeCloseTo(answer.total, 12);
  });

  test('risk.backtest counts exceptions, risk.exposures counts bets', () => {
    const backtest = calc<{ n: number; exceptions: number }>('risk.backtest', { window: 150, model: 'gaussian' });
    expect(backtest.n).toBe(DAYS.length - 1 - 150);
    expect(backtest.exceptions).toBeGreaterThan(0);
    const exposure = calc<{ effective_bets: number; herfindahl: number }>('risk.exposures', { weights: 'equal' });
    expect(exposure.herfindahl).toBeCloseTo(0.25, 12);
    expect(exposure.effective_bets).toBeGreaterThan(1);
  });

  test('risk.entropy_pooling meets its views and worsens the tail of who holds them', () => {
    const answer = calc<{ mean: { A: number }; prior: { cvar: number }; posterior: { cvar: number } }>(
      'risk.entropy_pooling',
      { weights: { A: 1 }, views: [{ kind: 'mean', asset: 'A', value: -0.004 }] },
    );
    expect(answer.mean.A).toBeCloseTo(-0.004, 12);
    expect(answer.posterior.cvar).toBeGreaterThan(answer.prior.cvar);
    expect(() => calc('risk.entropy_pooling', { views: [{ kind: 'mean', asset: 'A', value: 9 }] })).toThrow(AppError);
  });

  test('stress.historical finds the one crisis inside the data and says why others are skipped', () => {
    const answer = calc<{ windows: { id: string }[]; skipped: { reason: string }[] }>('stress.historical', {});
    expect(answer.windows.map(({ id }) => id)).toEqual(['covid-2020']);
    expect(answer.skipped[0].reason).toContain('2019-06-03');
  });

  test('stress.factor_shock moves the factor itself by its shock', () => {
    const answer = calc<{ asset_moves: { M: number }; return: number; by_asset: Record<string, number> }>(
      'stress.factor_shock',
      { factors: ['M'], shocks: { M: -0.2 } },
    );
    expect(answer.asset_moves.M).toBeCloseTo(-0.2, 12);
    expect(sum(Object.values(answer.by_asset))).toBeCloseTo(answer.return, 12);
    expect(() => calc('stress.factor_shock', { factors: ['M'], shocks: { Q: -0.2 } })).toThrow(/"Q"/);
  });

  test('factors.pca and factors.regression find the common factor', () => {
    const pca = calc<{ factors: number; explained: number[] }>('factors.pca', { factors: 1 });
    expect(pca.explained[0]).toBeGreaterThan(0.4);
    const regression = calc<{ coef: Record<string, number>; lags: number }>(
      'factors.regression',
      { y: 'A', factors: ['M'], lags: 5 },
      'returns',
    );
    expect(regression.lags).toBe(5);
    expect(Number.isFinite(regression.coef['M'])).toBe(true);
  });

  test('attribution.brinson_linked adds up and names a missing return', () => {
    const period = { portfolio: { A: 0.6, B: 0.4 }, benchmark: { A: 0.5, B: 0.5 }, returns: { A: 0.1, B: -0.05 } };
    const answer = calc<{ totals: Record<string, number>; active_return: number }>('attribution.brinson_linked', {
      periods: [period, period, period],
      method: 'menchero',
    });
    expect(sum(Object.values(answer.totals))).toBeCloseTo(answer.active_return, 12);
    const broken = { ...period, returns: { A: 0.1 } };
    expect(() => calc('attribution.brinson_linked', { periods: [broken] })).toThrow(/none of "B"/);
  });
});
