/** A small static line chart as SVG text: several series on one date axis, direct labels, no script. */

export interface ChartSeries {
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly emphasized: boolean;
}

export interface ChartOptions {
  readonly dates: readonly string[];
  readonly series: readonly ChartSeries[];
  readonly height: number;
  readonly label: string;
  readonly logarithmic?: boolean;
  format(value: number): string;
}

const WIDTH = 920;
const MARGIN = { top: 10, right: 130, bottom: 24, left: 56 };
const MAX_POINTS = 900;

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Round numbers between low and high, about `count` of them. */
function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.floor((high - first) / step + 1e-9) + 1 }, (_, i) => first + i * step);
}

function yearStarts(dates: readonly string[]): number[] {
  const starts = dates.flatMap((date, t) => (t > 0 && date.slice(0, 4) !== dates[t - 1].slice(0, 4) ? [t] : []));
  const keep = Math.ceil(starts.length / 12);
  return starts.filter((_, i) => i % keep === 0);
}

/** Labels at the right end, pushed apart so that none overlaps. */
function spread(ys: readonly number[]): number[] {
  const order = ys.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  let last = -Infinity;
  const placed = Array.from(ys);
  for (const { y, i } of order) {
    last = Math.max(y, last + 13);
    placed[i] = last;
  }
  return placed;
}

export function lineChart(options: ChartOptions): string {
  const { dates, series, height, logarithmic = false, format } = options;
  const scale = logarithmic ? Math.log : (value: number) => value;
  const all = series.flatMap((item) =>
    item.values.filter((value): value is number => value !== null && Number.isFinite(value)),
  );
  if (dates.length < 2 || all.length === 0)
    return `<p class="empty">${escapeText(options.label)}: there is nothing to draw.</p>`;
  const low = Math.min(...[...series.map((item) => minimum(item.values))]);
  const high = Math.max(
    ...[...series.map((item) => -minimum(item.values.map((value) => (value === null ? null : -value))))],
  );
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const span = scale(high) - scale(low) || 1;
  const x = (t: number) => MARGIN.left + (t / (dates.length - 1)) * inner.width;
  const y = (value: number) => MARGIN.top + (1 - (scale(value) - scale(low)) / span) * inner.height;
  const stride = Math.ceil(dates.length / MAX_POINTS);
  const grid = ticks(low, high, 5)
    .map(
      (value) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" class="grid"/><text x="${MARGIN.left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${escapeText(format(value))}</text>`,
    )
    .join('');
  const years = yearStarts(dates)
    .map((t) => `<text x="${x(t).toFixed(1)}" y="${height - 6}" text-anchor="middle">${dates[t].slice(0, 4)}</text>`)
    .join('');
  const ends = series.map((item) => y(lastValue(item.values) ?? low));
  const labelYs = spread(ends);
  const lines = series.map((item, i) => {
    const points = item.values.flatMap((value, t) =>
      value !== null && (t % stride === 0 || t === dates.length - 1)
        ? [`${x(t).toFixed(1)},${y(value).toFixed(1)}`]
        : [],
    );
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${item.color}" stroke-width="${item.emphasized ? 2 : 1}"/><text x="${WIDTH - MARGIN.right + 6}" y="${(labelYs[i] + 4).toFixed(1)}" fill="${item.color}">${escapeText(item.name)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(options.label)}">${grid}${years}${lines.join('')}</svg>`;
}

function minimum(values: readonly (number | null)[]): number {
  return values.reduce<number>((least, value) => (value !== null && value < least ? value : least), Infinity);
}

function lastValue(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value): value is number => value !== null);
}
