/** Equity of the latest finished run beside equal weight and the index, small. */
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import type { RunSummary } from '#contract/runs';
import { plotText } from '#renderer/plotly';
import { Card } from '#renderer/ui/card';
import { Plot } from '#renderer/ui/plot';
import { RemoteView } from '#renderer/ui/remote-view';
import { seriesColors } from '../backtests/series-colors';
import { readSeries, type RunSeries, useRuns } from '../runs/runs-store';

function Equity({ series }: { readonly series: RunSeries }) {
  const figure = useCallback(() => {
    const colors = seriesColors(series.strategies);
    const data = series.strategies
      .filter(({ role }) => role !== 'compare')
      .map(({ name, role, equity }) => ({
        type: 'scatter',
        mode: 'lines',
        name: plotText(name),
        x: series.dates,
        y: equity,
        line: {
          color: colors.get(name),
          width: role === 'primary' ? 1.8 : 1.1,
          dash: role === 'benchmark' ? 'dot' : 'solid',
        },
        hovertemplate: '%{y:.3f}',
      }));
    const layout = {
      margin: { l: 34, r: 4, t: 4, b: 36 },
      showlegend: true,
      legend: { orientation: 'h', y: -0.16, font: { size: 10 } },
      xaxis: { type: 'date', fixedrange: true, nticks: 5 },
      yaxis: { fixedrange: true, nticks: 5 },
    };
    return { data, layout };
  }, [series]);
  return (
    <Plot
      label="Growth of 1, net of costs, of the latest run, equal weight and the index"
      height={180}
      figure={figure}
    />
  );
}

export function EquityCard({ run }: { readonly run: RunSummary }) {
  const remote = useRuns((state) => state.series[run.id]);
  useEffect(() => {
    void readSeries(run.id);
  }, [run.id]);
  return (
    <Card
      title="Growth of 1, net of costs"
      actions={
        <Link to="/backtests/$run" params={{ run: run.id }}>
          Backtest
        </Link>
      }
    >
      <RemoteView remote={remote} what="the equity">
        {(series) => <Equity series={series} />}
      </RemoteView>
    </Card>
  );
}
