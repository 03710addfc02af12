/** The use of the card's memory while a job ran: all of it in one color, this program's share in another, the budget and its 90 % line. */
import { useEffect, useState } from 'react';
import { VRAM_ALERT_SHARE, type VramSeries } from '#contract/vram';
import { client } from '#renderer/app/client';
import { bytes } from '#renderer/format';
import { Card } from '#renderer/ui/card';

const [WIDTH, HEIGHT] = [600, 80];

/** Closed outline of the known stretches of a series, as an SVG path; unknown points leave gaps. `top`: bytes at the upper edge. */
export function areaPath(points: readonly (number | null)[], top: number): string {
  const step = WIDTH / Math.max(1, points.length);
  return points
    .map((value, i) => {
      if (value === null || !(top > 0)) return '';
      const y = HEIGHT * (1 - Math.min(1, value / top));
      return `M${round(i * step)} ${HEIGHT}V${round(y)}H${round((i + 1) * step)}V${HEIGHT}Z`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function Chart({ series }: { readonly series: VramSeries }) {
  const { usedBytes, ownBytes, budgetBytes, alerts } = series;
  const known = usedBytes.filter((value) => value !== null);
  const peak = known.reduce((most, value) => Math.max(most, value), 0);
  const top = Math.max(budgetBytes, peak);
  const line = HEIGHT * (1 - (VRAM_ALERT_SHARE * budgetBytes) / top);
  const unknown = usedBytes.length - known.length;
  const crossings =
    alerts.length === 0 ? '' : ` 90 % was reached ${alerts.length === 1 ? 'once' : `${alerts.length} times`}.`;
  const gaps = unknown === 0 ? '' : ` Unknown for ${unknown * series.stepSeconds} s.`;
  const text = `At most ${bytes(peak)} of ${bytes(budgetBytes)}.${crossings}${gaps}`;
  return (
    <div className="stack">
      <svg
        className="vram-chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text}
      >
        <path className="foreign" d={areaPath(usedBytes, top)} />
        <path className="own" d={areaPath(ownBytes, top)} />
        <line x1="0" x2={WIDTH} y1={line} y2={line} />
      </svg>
      <p className="secondary">
        {text} In blue Sextant's own share, in brown that of other programs; the line is 90 % of the budget.
      </p>
    </div>
  );
}

/** Nothing where nothing was known of the card. */
export function MemoryCard({ job }: { readonly job: string }) {
  const [series, setSeries] = useState<VramSeries | null>(null);
  useEffect(() => {
    let isShown = true;
    client()
      .jobs.memory({ job })
      .then(({ memory }) => {
        if (isShown) setSeries(memory);
      })
      // The card is an extra of the page; the page itself says that the engine does not answer.
      .catch(() => {});
    return () => {
      isShown = false;
    };
  }, [job]);
  if (series === null) return null;
  return (
    <Card title="Memory of the graphics card">
      <Chart series={series} />
    </Card>
  );
}
