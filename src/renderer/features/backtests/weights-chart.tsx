/** Weights over time: stacked by sector or by the largest assets, or every asset as a heat map. */
import { useCallback } from 'react';
import { CATEGORICAL, type PlotRange, plotText, token } from '#renderer/plotly';
import { Plot } from '#renderer/ui/plot';
import type { RunWeights } from '../runs/runs-store';

export interface WeightsChartProps {
  readonly weights: RunWeights;
  readonly view: 'sectors' | 'assets' | 'heat map';
  readonly range: PlotRange;
  readonly onRange: (range: PlotRange) => void;
  readonly onDay: (day: string) => void;
}

interface Band {
  readonly name: string;
  readonly values: readonly number[];
}

const MOST_BANDS = 8;
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0);

/** Sums columns by key, largest first; what is beyond the limit becomes "others". */
function bandsOf(weights: RunWeights, keyOf: (column: number) => string): Band[] {
  const sums = new Map<string, number[]>();
  for (const [column] of weights.assets.entries()) {
    const key = keyOf(column);
    const known = sums.get(key) ?? weights.dates.map(() => 0);
    for (const [row, values] of weights.weights.entries()) known[row] += values[column];
    sums.set(key, known);
  }
  const sorted = [...sums]
    .map(([name, values]) => ({ name, values }))
    .sort((a, b) => total(b.values) - total(a.values));
  const rest = sorted.slice(MOST_BANDS);
  if (rest.length === 0) return sorted;
  const others = weights.dates.map((_, row) => rest.reduce((sum, band) => sum + band.values[row], 0));
  return [...sorted.slice(0, MOST_BANDS), { name: `${rest.length} others`, values: others }];
}

function stacked(weights: RunWeights, view: 'sectors' | 'assets'): { data: object[]; layout: object } {
  const bands = bandsOf(weights, (column) =>
    view === 'sectors' ? weights.sectors[column] || 'No sector' : weights.assets[column],
  );
  const data = bands.map((band, index) => ({
    type: 'scatter',
    mode: 'lines',
    stackgroup: 'weights',
    name: plotText(band.name),
    x: weights.dates,
    y: band.values,
    line: { width: 0.5, shape: 'hv', color: index < CATEGORICAL.length ? CATEGORICAL[index] : token('faint') },
    hovertemplate: '%{y:.1%}',
  }));
  const layout = {
    margin: { l: 46, r: 12, t: 6, b: 64 },
    showlegend: true,
    legend: { orientation: 'h', y: -0.12, font: { size: 11 }, traceorder: 'normal' },
    xaxis: { type: 'date' },
    yaxis: { tickformat: '.0%', fixedrange: true },
  };
  return { data, layout };
}

function heat(weights: RunWeights): { data: object[]; layout: object } {
  const order = weights.assets
    .map((asset, column) => ({ asset, column, size: total(weights.weights.map((row) => row[column])) }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => a.size - b.size);
  const data = [
    {
      type: 'heatmap',
      x: weights.dates,
      y: order.map(({ asset }) => plotText(asset)),
      z: order.map(({ column }) => weights.weights.map((row) => row[column])),
      colorscale: [
        [0, token('surface')],
        [0.02, token('accent-soft')],
        [1, token('accent')],
      ],
      showscale: false,
      hovertemplate: '%{y} · %{x}<br>%{z:.2%}<extra></extra>',
    },
  ];
  const layout = {
    margin: { l: 46, r: 12, t: 6, b: 26 },
    hovermode: 'closest',
    xaxis: { type: 'date' },
    yaxis: { type: 'category', fixedrange: true, nticks: 18, tickfont: { size: 10, color: token('faint') } },
  };
  return { data, layout };
}

export function WeightsChart({ weights, view, range, onRange, onDay }: WeightsChartProps) {
  const figure = useCallback(() => (view === 'heat map' ? heat(weights) : stacked(weights, view)), [weights, view]);
  const onClick = ({ x }: { readonly x: string }) => {
    const day = weights.dates.filter((date) => date <= x.slice(0, 10)).at(-1);
    if (day !== undefined) onDay(day);
  };
  return (
    <Plot
      label={`Weights of ${weights.assets.length} assets at ${weights.dates.length} rebalances, by ${view}`}
      height={view === 'heat map' ? 380 : 300}
      figure={figure}
      range={range}
      onRange={onRange}
      onClick={onClick}
    />
  );
}
