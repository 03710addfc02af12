/** One metric over steps of several runs on one axis: learning curves by epoch, measures by fold; what at least one of the runs tracked. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { plural, shortName, words } from '#renderer/format';
import { plotText, runLine } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Plot } from '#renderer/ui/plot';
import { type RunMetrics, readMetrics, useRuns } from './runs-store';

/** Shown first where a run has it. */
const FIRST = ['epoch/validation_loss', 'epoch/loss'];

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Names that any of the runs tracked, those of all runs before those of some, then by name. */
export function metricNames(known: readonly RunMetrics[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of known.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...counts].sort(([a, n], [b, m]) => rank(a) - rank(b) || m - n || a.localeCompare(b)).map(([name]) => name);
}

function Overlay({ runs, name }: { readonly runs: readonly Named[]; readonly name: string }) {
  const figure = useCallback(() => {
    const { metrics } = useRuns.getState();
    const data = runs.flatMap(({ id, name: run }, k) => {
      const series = metrics[id]?.value?.find((each) => each.name === name);
      if (series === undefined) return [];
      const mode = series.steps.length > 60 ? 'lines' : 'lines+markers';
      return [
        { type: 'scatter', mode, name: plotText(shortName(run)), x: series.steps, y: series.values, line: runLine(k) },
      ];
    });
    const step = name.startsWith('epoch/') ? 'epoch' : name.startsWith('fold/') ? 'fold' : 'step';
    return { data, layout: { xaxis: { title: { text: step } }, showlegend: true } };
  }, [runs, name]);
  return <Plot label={`${words(name)} of each run over its steps`} height={260} figure={figure} />;
}

/** Nothing where no run has tracked anything over steps. */
export function MetricsTogether({ runs }: { readonly runs: readonly Named[] }) {
  const all = useRuns((state) => state.metrics);
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    for (const { id } of runs) void readMetrics(id);
  }, [runs]);
  const known = useMemo(() => runs.flatMap(({ id }) => (all[id]?.value ? [all[id].value] : [])), [all, runs]);
  const names = useMemo(() => metricNames(known), [known]);
  const complete = known.length === runs.length;
  if (complete && names.length === 0) return null;
  const shown = wanted !== null && names.includes(wanted) ? wanted : names.at(0);
  const holders = known.filter((metrics) => metrics.some(({ name }) => name === shown)).length;
  return (
    <Card title="Metrics over steps">
      {!complete || shown === undefined ? (
        <p className="faint">Reading the metrics of {plural(runs.length, 'run')} …</p>
      ) : (
        <div className="stack">
          <label className="row">
            <span className="caption">Metric</span>
            <select value={shown} onChange={(event) => setWanted(event.currentTarget.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <Overlay key={shown} runs={runs} name={shown} />
          {holders < runs.length && (
            <p className="caption">{`Tracked by ${holders} of ${plural(runs.length, 'run')}.`}</p>
          )}
        </div>
      )}
    </Card>
  );
}
