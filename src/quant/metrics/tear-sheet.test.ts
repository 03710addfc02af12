/** The tear sheet against values worked out by hand, and against identities that hold for any returns. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tearSheet, trailingReturns } from './tear-sheet';

/** Business days of January and February 2024 onward, one per return. */
function days(count: number): string[] {
  return Array.from({ length: count }, (_, t) =>
    new Date(Date.UTC(2024, 0, 1) + t * 86_400_000).toISOString().slice(0, 10),
  );
}

function sheet(returns: readonly number[]): Map<string, number | null> {
  const rows = tearSheet({
    dates: days(returns.length),
    returns: Float64Array.from(returns),
    exposure: new Float64Array(returns.length).fill(1),
    periodsPerYear: 252,
  });
  return new Map(rows.map(({ id, value }) => [id, value.value]));
}

describe('by hand', () => {
  // Gains 0.02, 0.04; losses −0.01, −0.01; p = 1/2, payoff = 0.03 / 0.01 = 3.
  const found = sheet([0.02, -0.01, 0.04, -0.01]);

  test.each([
    ['average_win', 0.03],
    ['average_loss', -0.01],
    ['payoff', 3],
    ['kelly', 0.5 - 0.5 / 3],
    ['cpc_index', (0.06 / 0.02) * 0.5 * 3],
    ['risk_of_ruin', (0.5 / 1.5) ** 4],
    ['streak_wins', 1],
    ['time_in_market', 1],
    ['recovery_factor', 0.04 / 0.01],
    ['expected_day', (1.02 * 0.99 * 1.04 * 0.99) ** (1 / 4) - 1],
    ['average_drawdown_days', 1],
  ])('%s', (id, value) => {
    expect(found.get(id)).toBeCloseTo(value, 12);
  });

  test('what does not exist is null, not a number', () => {
    const rising = sheet([0.01, 0.02, 0.01]);
    for (const id of ['average_loss', 'payoff', 'kelly', 'recovery_factor', 'drawdown_recovery'])
      expect(rising.get(id), id).toBeNull();
  });
});

test('identities hold for any returns', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 40, maxLength: 90 }),
      (returns) => {
        const found = sheet(returns);
        const of = (id: string) => found.get(id) ?? NaN;
        for (const value of found.values()) expect(value === null || Number.isFinite(value)).toBe(true);
        expect(of('streak_wins') + of('streak_losses')).toBeLessThanOrEqual(returns.length);
        expect(of('worst_month')).toBeLessThanOrEqual(of('best_month'));
        if (found.get('smart_sortino') !== null && found.get('sortino_root2') !== null) {
          expect(Math.abs(of('smart_sortino'))).toBeLessThanOrEqual(
            Math.abs(of('sortino_root2')) * Math.SQRT2 * (1 + 1e-9),
          );
        }
      },
    ),
  );
});

test('trailing returns follow the calendar, and are null where the history is shorter', () => {
  const dates = days(400);
  const returns = new Float64Array(400).fill(0.001);
  const found = new Map(trailingReturns(dates, returns, 252).map(({ title, value }) => [title, value]));
  // 2025-02-03 is the last day: three days of February, 34 of the year.
  expect(dates.at(-1)).toBe('2025-02-03');
  expect(found.get('Month to date')).toBeCloseTo(1.001 ** 3 - 1, 12);
  expect(found.get('Year to date')).toBeCloseTo(1.001 ** 34 - 1, 12);
  expect(found.get('1 year')).toBeCloseTo(1.001 ** 366 - 1, 12);
  expect(found.get('3 years, a year')).toBeNull();
});
