/** Monthly returns: years down, months across, every value printed; blue gains, vermilion losses, white at zero. */
import { decimal, percent } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import type { StrategyResult } from '../runs/measures';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Share of the strongest color at the largest value, low enough that text on it stays readable. */
const STRONGEST = 62;

interface Year {
  readonly year: string;
  readonly months: readonly (number | null)[];
  readonly whole: number;
}

/** Rows of twelve; the year's return compounds the months that are there. */
export function yearsOf(monthly: StrategyResult['monthly']): Year[] {
  const byYear = new Map<string, (number | null)[]>();
  for (const { month, return: value } of monthly) {
    const year = month.slice(0, 4);
    const months = byYear.get(year) ?? MONTHS.map(() => null);
    months[Number(month.slice(5, 7)) - 1] = value;
    byYear.set(year, months);
  }
  return [...byYear].map(([year, months]) => ({
    year,
    months,
    whole: months.reduce((growth: number, value) => growth * (1 + (value ?? 0)), 1) - 1,
  }));
}

function shade(value: number, largest: number): string {
  const share = Math.round(Math.min(Math.abs(value) / largest, 1) * STRONGEST);
  return `color-mix(in srgb, var(--heat-${value < 0 ? 'negative' : 'positive'}) ${share}%, var(--heat-zero))`;
}

export function MonthlyHeat({ strategy }: { readonly strategy: StrategyResult }) {
  const years = yearsOf(strategy.monthly);
  const largest = Math.max(...strategy.monthly.map((month) => Math.abs(month.return)), 0.001);
  return (
    <Card title={`Monthly returns, net, % · ${strategy.name}`} flush>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Monthly returns, table">
        <table className="table heat">
          <thead>
            <tr>
              <th scope="col">Year</th>
              {MONTHS.map((month) => (
                <th key={month} scope="col" className="right">
                  {month}
                </th>
              ))}
              <th scope="col" className="right">
                Year
              </th>
            </tr>
          </thead>
          <tbody>
            {years.map((row) => (
              <tr key={row.year}>
                <th scope="row">{row.year}</th>
                {row.months.map((value, index) => (
                  <td key={MONTHS[index]} style={value === null ? undefined : { background: shade(value, largest) }}>
                    {value === null ? <span className="visually-hidden">no data</span> : decimal(value * 100, 1, true)}
                  </td>
                ))}
                <td>
                  <strong>{percent(row.whole, 1, true)}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
