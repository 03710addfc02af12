/** The tables of a finished run: all strategies side by side, and the folds. */
import type { Run } from '#contract/runs';
import { decimal, integer, percent, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { MeasureText } from '#renderer/ui/measure-text';
import { Term } from '#renderer/ui/term';
import { measureOf, RESULT_COLUMNS } from './measures';

export function StrategiesCard({ run }: { readonly run: Run }) {
  return (
    <Card title="Strategies, net of costs" flush id="strategies">
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Strategies, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Strategy</th>
              {RESULT_COLUMNS.map(({ name, title }) => (
                <th key={name} scope="col" className="right">
                  <Term id={name}>{title}</Term>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.strategies.map((strategy) => (
              <tr key={strategy.name} data-role={strategy.role}>
                <th scope="row" title={strategy.summary}>
                  {strategy.name}
                  <span className="small">{strategy.role === 'primary' ? 'this run' : strategy.role}</span>
                </th>
                {RESULT_COLUMNS.map(({ name, format, interval = false }) => (
                  <td key={name} className="right">
                    <MeasureText measure={measureOf(strategy, name)} format={format} interval={interval} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function foldValue(name: string, value: number | null): string {
  return name.includes('return') ? percent(value, 1, true) : decimal(value, name.includes('ic') ? 3 : 2);
}

/** A fold's value as a small bar from the zero line, so that the row of folds reads as a chart. */
function Spark({ value, scale }: { readonly value: number | null; readonly scale: number }) {
  if (value === null || scale === 0) return null;
  const share = Math.min(Math.abs(value) / scale, 1) * 50;
  const color = value < 0 ? 'var(--heat-negative)' : 'var(--heat-positive)';
  return (
    <span className="spark" aria-hidden="true">
      <i style={{ left: value < 0 ? `${50 - share}%` : '50%', width: `${share}%`, background: color }} />
    </span>
  );
}

export function FoldsCard({ run }: { readonly run: Run }) {
  const names = [...new Set(run.folds.flatMap((fold) => Object.keys(fold.metrics)))];
  const [first] = names.filter((name) => name.includes('return'));
  const scale =
    first === undefined ? 0 : Math.max(...run.folds.map((fold) => Math.abs(fold.metrics[first] ?? 0)), Number.EPSILON);
  return (
    <Card title={`Folds · ${integer(run.folds.length)}`} flush id="folds">
      <div className="table-scroll" style={{ maxHeight: 420 }} tabIndex={0} role="region" aria-label="Folds, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Test</th>
              <th scope="col">Training</th>
              <th scope="col" className="right">
                <Term id="purge">Purged</Term>
              </th>
              {names.map((name) => (
                <th key={name} scope="col" className="right">
                  <Term id={name}>{name === 'rank_ic' ? 'Rank IC' : words(name)}</Term>
                </th>
              ))}
              {first !== undefined && (
                <th scope="col">
                  <span className="visually-hidden">{words(first)} as a bar</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {run.folds.map((fold) => (
              <tr key={fold.testFrom}>
                <th scope="row" className="num">
                  {fold.testFrom} … {fold.testTo.slice(5)}
                </th>
                <td className="faint" title={`${integer(fold.trainRows)} training rows`}>
                  {fold.trainFrom} … {fold.trainTo}
                </td>
                <td className="right">{integer(fold.purged)}</td>
                {names.map((name) => (
                  <td key={name} className="right">
                    {foldValue(name, fold.metrics[name] ?? null)}
                  </td>
                ))}
                {first !== undefined && (
                  <td>
                    <Spark value={fold.metrics[first] ?? null} scale={scale} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
