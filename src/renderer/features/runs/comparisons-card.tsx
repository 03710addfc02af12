/** Every strategy against every yardstick: one row a strategy, one group of columns a yardstick, grey where not distinguishable. */
import { Fragment } from 'react';
import type { Run } from '#contract/runs';
import { decimal, probability } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { MeasureText } from '#renderer/ui/measure-text';
import { Term } from '#renderer/ui/term';

type Comparison = Run['comparisons'][number];

function TestChip({ item }: { readonly item: Comparison }) {
  const title = `${item.verdict} ${item.method}`;
  if (item.distinguishable === null) {
    return (
      <Chip tone="warn" title={title}>
        Not tested
      </Chip>
    );
  }
  return item.distinguishable ? (
    <Chip tone="gain" title={title}>
      Distinguishable
    </Chip>
  ) : (
    <Chip title={title}>Not distinguishable</Chip>
  );
}

function Cells({ item }: { readonly item: Comparison | undefined }) {
  if (item === undefined) {
    return (
      <td colSpan={4} className="faint">
        not compared
      </td>
    );
  }
  const { sharpeDifference: difference } = item;
  return (
    <>
      <td className="right group-start">
        <MeasureText measure={difference} format={(value) => decimal(value, 2, true)} />
      </td>
      <td className="right faint">
        {difference.low === undefined || difference.high === undefined
          ? '–'
          : `${decimal(difference.low, 2, true)} … ${decimal(difference.high, 2, true)}`}
      </td>
      <td className="right">{probability(item.pValue)}</td>
      <td>
        <TestChip item={item} />
      </td>
    </>
  );
}

export function ComparisonsCard({ run }: { readonly run: Run }) {
  if (run.comparisons.length === 0) return null;
  const yardsticks = [...new Set(run.comparisons.map(({ against }) => against))];
  const strategies = [...new Set(run.comparisons.map(({ strategy }) => strategy))];
  const find = (strategy: string, against: string) =>
    run.comparisons.find((item) => item.strategy === strategy && item.against === against);
  const primary = run.strategies.find(({ role }) => role === 'primary')?.name;
  return (
    <Card title="Comparisons on the same dates and costs" flush id="comparisons">
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Comparisons, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Strategy</th>
              {yardsticks.map((against) => (
                <Fragment key={against}>
                  <th scope="col" className="right group-start">
                    <Term id="sharpe_difference">{`Δ Sharpe vs ${against}`}</Term>
                  </th>
                  <th scope="col" className="right">
                    Interval
                  </th>
                  <th scope="col" className="right">
                    p
                  </th>
                  <th scope="col">Verdict</th>
                </Fragment>
              ))}
            </tr>
          </thead>
          <tbody>
            {strategies.map((strategy) => (
              <tr key={strategy} data-role={strategy === primary ? 'primary' : undefined}>
                <th scope="row">{strategy}</th>
                {yardsticks.map((against) => (
                  <Cells key={against} item={find(strategy, against)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
