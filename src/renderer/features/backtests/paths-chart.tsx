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

const ROWS = { equity: [0.52, 1], drawdown: [0.33, 0.465], sharpe: [0.15, 0.275], turnover: [0, 0.095] } as const;
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

/** Round values of one decade for a logarithmic axis, finest first; 1 is always among them. */
const LOG_DIGITS = [
  [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
  [1, 1.2, 1.4, 1.6, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
  [1, 1.5, 2, 3, 4, 5, 7],
  [1, 2, 5],
  [1],
] as const;
const DECADES = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
const MOST_TICKS = 8;

/** The finest round ticks that fit, so that growth reads 0.8, 1, 1.2 and not digits of a decade. */
function logTicks(values: readonly number[]): object {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity) * 0.98;
  const high = values.reduce((most, value) => Math.max(most, value), 0) * 1.02;
  const inside = LOG_DIGITS.map((digits) =>
    DECADES.flatMap((decade) => digits.map((digit) => Number((digit * 10 ** decade).toPrecision(3)))).filter(
      (tick) => tick >= low && tick <= high,
    ),
  );
  const ticks = inside.find((candidate) => candidate.length <= MOST_TICKS) ?? inside[inside.length - 1];
  return { tickvals: ticks, ticktext: ticks.map(String) };
}

/** The name of a panel, at its upper left. */
function panelTitle(text: string, top: number): object {
  return {
    text,
    xref: 'paper',
    yref: 'paper',
    x: 0,
    y: top,
    xanchor: 'left',
    yanchor: 'bottom',
    showarrow: false,
    font: { size: 11, color: token('secondary') },
  };
}

function layoutOf(scale: 'log' | 'linear', dates: readonly string[], equity: readonly number[]): object {
  const axis = (domain: readonly number[], rest: object) => ({ domain: [...domain], fixedrange: true, ...rest });
  return {
    margin: { l: 46, r: 12, t: 22, b: 24 },
    hoversubplots: 'axis',
    bargap: 0,
    annotations: [
      panelTitle(scale === 'log' ? 'Growth of 1, net of costs, log' : 'Growth of 1, net of costs', ROWS.equity[1]),
      panelTitle('Drawdown', ROWS.drawdown[1]),
      panelTitle('Sharpe ratio, rolling year', ROWS.sharpe[1]),
      panelTitle('Turnover, one-way', ROWS.turnover[1]),
    ],
    xaxis: {
      type: 'date',
      anchor: 'y4',
      range: [dates[0], dates[dates.length - 1]],
      showspikes: true,
      spikemode: 'across',
      spikethickness: 1,
      spikecolor: token('line-strong'),
    },
    yaxis: axis(ROWS.equity, { type: scale, ...(scale === 'log' ? logTicks(equity) : {}) }),
    yaxis2: axis(ROWS.drawdown, { tickformat: '.0%', nticks: 4 }),
    yaxis3: axis(ROWS.sharpe, { nticks: 4, zeroline: true }),
    yaxis4: axis(ROWS.turnover, { tickformat: '.0%', nticks: 3, rangemode: 'tozero' }),
  };
}

export function PathsChart({ series, shown, scale, focus, range, onRange, onDay }: PathsChartProps) {
  const figure = useCallback(() => {
    const colors = seriesColors(series.strategies);
    const drawn = series.strategies.filter(({ name }) => shown.has(name));
    const data = drawn.flatMap((strategy) => lines(strategy, series.dates, colors.get(strategy.name) ?? ''));
    const focused = series.strategies.find(({ name }) => name === focus);
    if (focused !== undefined) data.push(turnoverBars(focused, colors.get(focus) ?? ''));
    return {
      data,
      layout: layoutOf(
        scale,
        series.dates,
        drawn.flatMap(({ equity }) => equity),
      ),
    };
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
