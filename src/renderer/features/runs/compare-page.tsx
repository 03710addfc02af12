/** Several runs side by side: only what differs, their equity on one axis, and their metrics over steps. */
import { Link, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo } from 'react';
import { plural, shortName, words } from '#renderer/format';
import { CATEGORICAL, plotText, runLine } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { EmptyState } from '#renderer/ui/empty-state';
import { MeasureText } from '#renderer/ui/measure-text';
import { Page } from '#renderer/ui/page';
import { Plot } from '#renderer/ui/plot';
import { RemoteView } from '#renderer/ui/remote-view';
import { formatOf } from './measures';
import { MetricsTogether } from './metrics-together';
import { readComparison, readSeries, type RunComparison, useRuns } from './runs-store';

type Named = RunComparison['runs'][number];

function shown(value: string): string {
  const text = value.replace(/^"(.*)"$/, '$1');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function Heads({ runs }: { readonly runs: readonly Named[] }) {
  return runs.map((run, index) => (
    <th key={run.id} scope="col" className="right">
      <i className="swatch" style={{ background: CATEGORICAL[index % CATEGORICAL.length] }} />{' '}
      <Link to="/research/$run" params={{ run: run.id }} title={run.name}>
        {shortName(run.name)}
      </Link>
    </th>
  ));
}

function Differences({ comparison }: { readonly comparison: RunComparison }) {
  const { runs, parameters, metrics } = comparison;
  return (
    <>
      <Card title={`Measures that differ · ${metrics.length}`} flush>
        <div
          className="table-scroll"
          style={{ maxHeight: 420 }}
          tabIndex={0}
          role="region"
          aria-label="Measures, table"
        >
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Measure</th>
                <Heads runs={runs} />
              </tr>
            </thead>
            <tbody>
              {metrics.map((metric) => (
                <tr key={metric.name}>
                  <th scope="row">{words(metric.name)}</th>
                  {metric.values.map((measure, index) => (
                    <td key={runs[index].id} className="right">
                      <MeasureText measure={measure} format={formatOf(metric.name)} interval />
                    </td>
                  ))}
                </tr>
              ))}
              {metrics.length === 0 && (
                <tr>
                  <td colSpan={runs.length + 1} className="faint">
                    Every measure is the same.
                  </td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      </Card>
      <Card title={`Parameters that differ · ${parameters.length}`} flush>
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Parameters, table">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Parameter</th>
                <Heads runs={runs} />
              </tr>
            </thead>
            <tbody>
              {parameters.map((parameter) => (
                <tr key={parameter.path}>
                  <th scope="row" className="mono">
                    {parameter.path}
                  </th>
                  {parameter.values.map((value, index) => (
                    <td key={runs[index].id} className="right mono" title={value}>
                      {shown(value)}
                    </td>
                  ))}
                </tr>
              ))}
              {parameters.length === 0 && (
                <tr>
                  <td colSpan={runs.length + 1} className="faint">
                    Every parameter is the same.
                  </td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      </Card>
    </>
  );
}

function EquityTogether({ runs }: { readonly runs: readonly Named[] }) {
  const all = useRuns((state) => state.series);
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  useEffect(() => {
    for (const id of ids) void readSeries(id);
  }, [ids]);
  const complete = ids.every((id) => (all[id]?.value ?? null) !== null);
  const figure = useCallback(() => {
    const data = ids.map((id, index) => {
      const series = useRuns.getState().series[id]?.value;
      const primary = series?.strategies.find(({ role }) => role === 'primary');
      return {
        type: 'scatter',
        mode: 'lines',
        name: plotText(shortName(runs[index].name)),
        x: series?.dates ?? [],
        y: primary?.equity ?? [],
        line: runLine(index),
      };
    });
    return { data, layout: { xaxis: { type: 'date' }, yaxis: { type: 'log', title: { text: 'Growth of 1, log' } } } };
  }, [ids, runs]);
  if (!complete) return <p className="faint">Reading the equity of {plural(ids.length, 'run')} …</p>;
  return <Plot label="Equity of the primary strategy of each run" height={300} figure={figure} />;
}

export function ComparePage() {
  const { runs: text } = useSearch({ from: '/research/compare' });
  const remote = useRuns((state) => state.comparisons[text]);
  const ids = useMemo(() => text.split(',').filter((id) => id !== ''), [text]);
  useEffect(() => {
    if (ids.length >= 2) void readComparison(ids);
  }, [ids]);
  if (ids.length < 2) {
    return (
      <Page title="Compare">
        <EmptyState
          title="Nothing to compare"
          text="Select two or more runs in the table."
          actions={<Link to="/research">All runs</Link>}
        />
      </Page>
    );
  }
  return (
    <Page
      title={`Compare ${ids.length} runs`}
      chip={remote?.value?.sameIdentity === true && <Chip tone="gain">Same identity</Chip>}
      sentence="Only what differs is shown."
    >
      <RemoteView remote={remote} what="the comparison" retry={() => void readComparison(ids)}>
        {(comparison) => (
          <>
            {comparison.missing.length > 0 && (
              <section className="notice" data-tone="quiet" role="status">
                <h2>{plural(comparison.missing.length, 'run is', 'runs are')} not there any more</h2>
                <p className="mono">{comparison.missing.join(', ')}</p>
              </section>
            )}
            <Card title="Equity, net of costs">
              <EquityTogether runs={comparison.runs} />
            </Card>
            <MetricsTogether runs={comparison.runs} />
            <Differences comparison={comparison} />
          </>
        )}
      </RemoteView>
    </Page>
  );
}
