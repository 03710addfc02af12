/** The constraints of a portfolio: limit, value, slack, and a light that also says it in words. Sectors are folded to the tightest. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Portfolio } from '#contract/portfolios';
import { decimal, percent, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';

type Check = Portfolio['checks'][number];

/** Counts are whole numbers; everything else is a share of net asset value. */
function written(check: Check, value: number | null): string {
  if (value === null) return '–';
  return /holding/i.test(check.constraint) ? decimal(value, 0) : percent(value, 2);
}

const isSector = ({ constraint }: Check) => /^sector\b/i.test(constraint);

/** Violated sectors always, of the others the one with the least slack. */
export function foldSectors(checks: readonly Check[]): Check[] {
  const sectors = checks.filter((check) => isSector(check) && check.satisfied);
  const tightest = sectors.reduce<Check | undefined>(
    (least, check) => (least === undefined || (check.slack ?? Infinity) < (least.slack ?? Infinity) ? check : least),
    undefined,
  );
  return checks.filter((check) => !isSector(check) || !check.satisfied || check === tightest);
}

function CheckRow({ check }: { readonly check: Check }) {
  return (
    <tr title={check.note}>
      <th scope="row">
        <span className="light" data-ok={check.satisfied}>
          {words(check.constraint)}
          <span className="visually-hidden">{check.satisfied ? 'holds' : 'is violated'}</span>
        </span>
      </th>
      <td className="right">{written(check, check.value)}</td>
      <td className="right">{written(check, check.limit)}</td>
      <td className={check.satisfied ? 'right' : 'right danger'}>
        {check.satisfied ? written(check, check.slack) : 'violated'}
      </td>
    </tr>
  );
}

export function ConstraintsCard({ checks }: { readonly checks: readonly Check[] }) {
  const [all, setAll] = useState(false);
  const folded = foldSectors(checks);
  const shown = all ? checks : folded;
  return (
    <Card
      title="Constraints"
      flush
      actions={
        folded.length < checks.length && (
          <Button variant="subtle" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? 'Tightest sector only' : `All ${checks.length}`}
          </Button>
        )
      }
    >
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Constraints, table">
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
            {shown.map((check) => (
              <CheckRow key={check.constraint} check={check} />
            ))}
            {checks.length === 0 && (
              <tr>
                <td className="faint" colSpan={4}>
                  No constraint was set.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
