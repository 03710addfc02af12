/** Equity, drawdown, rolling Sharpe and turnover as one figure with one time axis. */
import { useCallback } from 'react';
import { type PlotRange, plotText, token } from '#renderer/plotly';
import { Plot } from '#renderer/ui/plot';
import type { RunSeries, StrategySeries } from '../runs/runs-store';
import { seriesColors } from './series-colors';

export interface PathsChartProps {
  readonly series: RunSeries;
  readonly shown: ReadonlySet<string>;
  readonly scale: 'log' | 'linear';
  /** Strategy whose turnover is drawn. */
  readonly focus: string;
  readonly range: PlotRange;
  readonly onRange: (range: PlotRange) => void;
  /** A rebalance was clicked: the date of its decision. */
  readonly onDay: (day: string) => void;
}

const ROWS = { equity: [0.5, 1], drawdown: [0.32, 0.47], sharpe: [0.15, 0.29], turnover: [0, 0.12] } as const;
const HEIGHT = 520;

function lines(strategy: StrategySeries, dates: readonly string[], color: string): object[] {
  const line = {
    color,
    width: strategy.role === 'primary' ? 1.8 : 1.2,
    dash: strategy.role === 'benchmark' ? 'dot' : 'solid',
  };
  const common = { type: 'scatter', mode: 'lines', name: plotText(strategy.name), x: dates, line, connectgaps: false };
  return [
    { ...common, y: strategy.equity, yaxis: 'y', hovertemplate: '%{y:.3f}' },
    {
      ...common,
      y: strategy.drawdown,
      yaxis: 'y2',
      hovertemplate: '%{y:.1%}',
      ...(strategy.role === 'primary' ? { fill: 'tozeroy', fillcolor: `${color}22` } : {}),
    },
    { ...common, y: strategy.rollingSharpe, yaxis: 'y3', hovertemplate: '%{y:.2f}' },
  ];
}

function turnoverBars(strategy: StrategySeries, color: string): object {
  return {
    type: 'bar',
    name: plotText(`${strategy.name} turnover`),
    x: strategy.rebalances.map(({ filled }) => filled),
    y: strategy.rebalances.map(({ turnover }) => turnover),
    yaxis: 'y4',
    width: 10 * 86_400_000,
    marker: { color },
    hovertemplate: '%{y:.1%}',
  };
}

function layoutOf(scale: 'log' | 'linear', first: string, last: string): object {
  const axis = (domain: readonly number[], text: string, rest: object) => ({
    domain: [...domain],
    fixedrange: true,
    title: { text },
    ...rest,
  });
  return {
    margin: { l: 58, r: 12, t: 6, b: 24 },
    hoversubplots: 'axis',
    bargap: 0,
    xaxis: {
      type: 'date',
      anchor: 'y4',
      range: [first, last],
      showspikes: true,
      spikemode: 'across',
      spikethickness: 1,
      spikecolor: token('line-strong'),
    },
    yaxis: axis(ROWS.equity, 'Growth of 1', { type: scale, ...(scale === 'log' ? { dtick: 'D1' } : {}) }),
    yaxis2: axis(ROWS.drawdown, 'Drawdown', { tickformat: '.0%', nticks: 4 }),
    yaxis3: axis(ROWS.sharpe, 'Sharpe 1 y', { nticks: 4, zeroline: true }),
    yaxis4: axis(ROWS.turnover, 'Turnover', { tickformat: '.0%', nticks: 3, rangemode: 'tozero' }),
  };
}

export function PathsChart({ series, shown, scale, focus, range, onRange, onDay }: PathsChartProps) {
  const figure = useCallback(() => {
    const colors = seriesColors(series.strategies);
    const drawn = series.strategies.filter(({ name }) => shown.has(name));
    const data = drawn.flatMap((strategy) => lines(strategy, series.dates, colors.get(strategy.name) ?? ''));
    const focused = series.strategies.find(({ name }) => name === focus);
    if (focused !== undefined) data.push(turnoverBars(focused, colors.get(focus) ?? ''));
    return { data, layout: layoutOf(scale, series.dates[0], series.dates[series.dates.length - 1]) };
  }, [series, shown, scale, focus]);
  const onClick = ({ x }: { readonly x: string }) => {
    const rebalances = series.strategies.find(({ name }) => name === focus)?.rebalances ?? [];
    const before = rebalances.filter(({ filled }) => filled <= x.slice(0, 10)).at(-1) ?? rebalances[0];
    if (before !== undefined) onDay(before.decided);
  };
  return (
    <Plot
      label={`Equity, drawdown, rolling Sharpe and turnover from ${series.dates[0]} to ${series.dates.at(-1) ?? ''}`}
      height={HEIGHT}
      figure={figure}
      range={range}
      onRange={onRange}
      onClick={onClick}
    />
  );
}
