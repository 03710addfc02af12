/** The constraints of a portfolio: limit, value, slack, and a light that also says it in words. */
import type { Portfolio } from '#contract/portfolios';
import { decimal, percent, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';

type Check = Portfolio['checks'][number];

const WORDS: Readonly<Record<string, string>> = {
  longOnly: 'Long only',
  maxWeight: 'Largest weight',
  sectorCap: 'Largest sector',
  turnoverLimit: 'Turnover, one-way',
  maxHoldings: 'Most holdings',
};

/** Counts are whole numbers over one; everything else is a share of net asset value. */
function written(check: Check, value: number | null): string {
  if (value === null) return '–';
  return /holding/i.test(check.constraint) ? decimal(value, 0) : percent(value, 2);
}

export function ConstraintsCard({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <Card title="Constraints" flush>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Constraints">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Constraint</th>
              <th scope="col" className="right">
                Value
              </th>
              <th scope="col" className="right">
                Limit
              </th>
              <th scope="col" className="right">
                Slack
              </th>
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => (
              <tr key={check.constraint} title={check.note}>
                <th scope="row">
                  <span className="light" data-ok={check.satisfied}>
                    {WORDS[check.constraint] ?? words(check.constraint)}
                    <span className="visually-hidden">{check.satisfied ? 'holds' : 'is violated'}</span>
                  </span>
                </th>
                <td className="right">{written(check, check.value)}</td>
                <td className="right">{written(check, check.limit)}</td>
                <td className={check.satisfied ? 'right' : 'right danger'}>
                  {check.satisfied ? written(check, check.slack) : 'violated'}
                </td>
              </tr>
            ))}
            {checks.length === 0 && (
              <tr>
                <td className="faint">No constraint was set.</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
