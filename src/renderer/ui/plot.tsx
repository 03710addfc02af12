/**
 * A Plotly chart. The library is loaded when the first chart is shown; colors and type come from the tokens, again
 * when the theme changes. The figure itself is described in words for those who cannot see it.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { loadPlotly, type PlotClick, type PlotElement, type PlotRange, themedLayout } from '#renderer/plotly';

export interface PlotProps {
  /** What the chart shows, in one sentence. */
  readonly label: string;
  readonly height: number;
  /** Built from the tokens, so that colors follow the theme. Keep the function stable between changes. */
  readonly figure: () => { readonly data: readonly object[]; readonly layout: object };
  readonly onRange?: (range: PlotRange) => void;
  readonly onClick?: (click: PlotClick) => void;
  /** Shared horizontal range, where charts are linked. */
  readonly range?: PlotRange;
}

const CONFIG = { displaylogo: false, displayModeBar: false, responsive: false, doubleClick: 'reset' };

function rangeOf(event: Readonly<Record<string, unknown>>): PlotRange | undefined {
  if (Object.keys(event).some((key) => key.endsWith('.autorange'))) return null;
  const from = event['xaxis.range[0]'];
  const to = event['xaxis.range[1]'];
  return typeof from === 'string' && typeof to === 'string' ? [from, to] : undefined;
}

export function Plot({ label, height, figure, onRange, onClick, range }: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const current = useRef({ onRange, onClick, range });
  const [ready, setReady] = useState(false);
  const [failed, setFailed] = useState(false);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    current.current = { onRange, onClick, range };
  });

  useEffect(() => {
    const box = element.current;
    if (box === null) return undefined;
    let gone = false;
    const resize = new ResizeObserver(() => {
      void loadPlotly().then((plotly) => {
        if (!gone && box.classList.contains('js-plotly-plot')) plotly.Plots.resize(box);
      });
    });
    void loadPlotly()
      .then(async (plotly) => {
        if (gone) return;
        const { data, layout } = figure();
        await plotly.newPlot(box, data, themedLayout(layout, height, current.current.range ?? null), CONFIG);
        if (gone) return;
        setReady(true);
        const plot = box as unknown as PlotElement; // newPlot adds the event methods to the element
        plot.on('plotly_relayout', (event) => {
          const next = rangeOf(event);
          if (next !== undefined) current.current.onRange?.(next);
        });
        plot.on('plotly_click', (event) => {
          const [point] = event.points;
          current.current.onClick?.({ x: String(point.x), y: String(point.y), series: point.data.name ?? '' });
        });
        resize.observe(box);
      })
      .catch(() => setFailed(true));
    return () => {
      gone = true;
      resize.disconnect();
      void loadPlotly().then((plotly) => plotly.purge(box));
    };
  }, [figure, height, scheme]);

  useEffect(() => {
    const box = element.current;
    if (!ready || box === null || range === undefined) return;
    void loadPlotly().then((plotly) =>
      plotly.relayout(box, range === null ? { 'xaxis.autorange': true } : { 'xaxis.range': [...range] }),
    );
  }, [ready, range]);

  return (
    <figure className="plot" style={{ height }} aria-label={label}>
      <div ref={element} style={{ height }} />
      {!ready && (
        <div className="plot-waiting">{failed ? 'The chart could not be drawn. Reload the page.' : 'Drawing …'}</div>
      )}
    </figure>
  );
}
