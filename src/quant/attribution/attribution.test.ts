import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brinsonFachler } from './brinson';
import { internalRateOfReturn, modifiedDietz } from './cashflow';

describe('Brinson-Fachler', () => {
  it('explains the active return exactly, whatever the weights', () => {
    const row = fc.record({
      wp: fc.double({ min: 0, max: 1, noNaN: true }),
      wb: fc.double({ min: 0.01, max: 1, noNaN: true }),
      r: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      group: fc.constantFrom('A', 'B', 'C'),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const normal = (values: number[]) => {
          const sum = values.reduce((a, b) => a + b, 0);
          return Float64Array.from(values, (v) => (sum > 0 ? v / sum : 1 / values.length));
        };
        const { totals, activeReturn } = brinsonFachler(
          normal(rows.map(({ wp }) => wp)),
          normal(rows.map(({ wb }) => wb)),
          Float64Array.from(rows, ({ r }) => r),
          rows.map(({ group }) => group),
        );
        expect(totals.allocation + totals.selection + totals.interaction).toBeCloseTo(activeReturn, 12);
      }),
    );
  });
});

describe('cash flows', () => {
  it('have the rate that was put in', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.6, max: 3, noNaN: true }), (rate) => {
        const flows = [
          { day: 0, amount: 100 },
          { day: 200, amount: 40 },
          { day: 500, amount: -30 },
        ];
        const end = flows.reduce((sum, { day, amount }) => sum + amount * (1 + rate) ** ((730 - day) / 365), 0);
        expect(internalRateOfReturn(flows, end, 730)).toBeCloseTo(rate, 9);
      }),
    );
  });

  it('without a rate are refused', () => {
    expect(() => internalRateOfReturn([{ day: 0, amount: 100 }], -5, 365)).toThrowError(/annual rate/);
  });

  it('weight later deposits by their time in the account (modified Dietz)', () => {
    expect(
      modifiedDietz(
        [
          { day: 0, amount: 100 },
          { day: 50, amount: 20 },
        ],
        132,
        100,
      ),
    ).toBeCloseTo(12 / 110, 12);
  });
});
