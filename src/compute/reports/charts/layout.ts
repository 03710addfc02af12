/**
 * One drawing for every medium: a chart becomes lines, areas, rectangles and texts in points, which HTML writes as SVG and PDF as vectors.
 * Nothing here knows either. Colors are those of the template, then Okabe-Ito.
 */
import type { Chart, ColorRole, Look } from '../model';
import type { NumberTexts } from '../numbers';
import { axisTicks, thinned, type Scale } from './scales';

export type Shape =
  | {
      readonly kind: 'line';
      readonly points: readonly (readonly [number, number])[];
      readonly color: string;
      readonly width: number;
      readonly dash?: boolean;
      /** Place in `chart.series`. */
      readonly series?: number;
    }
  | {
      readonly kind: 'area';
      readonly points: readonly (readonly [number, number])[];
      readonly color: string;
      readonly series?: number;
    }
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly color: string;
      readonly series?: number;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the baseline. */
      readonly y: number;
      readonly text: string;
      readonly size: number;
      readonly color: string;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly bold?: boolean;
      readonly series?: number;
    };

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly shapes: readonly Shape[];
}

export interface DrawingOptions {
  readonly width: number;
  readonly look: Look;
  readonly numbers: NumberTexts;
  /** Width of a text in points. */
  measure(text: string, size: number): number;
}

export const CATEGORICAL = [
  '#0072B2',
  '#E69F00',
  '#009E73',
  '#CC79A7',
  '#56B4E9',
  '#D55E00',
  '#B8A800',
  '#7A7A7A',
] as const;
const GRID = '#E6E5E0';
const AXIS = '#5A5D63';
const BAND = '#DCE6F4';
const SIZE = 7.5;
const LABEL_GAP = 9.5;
const DEFAULT_HEIGHT = 176;
const LONGEST_LABEL = 120;

export function colorOf(role: ColorRole, look: Look): string {
  if (typeof role === 'number') return CATEGORICAL[role % CATEGORICAL.length];
  if (role === 'positive') return CATEGORICAL[0];
  if (role === 'negative') return CATEGORICAL[5];
  return look[role];
}

/** Null where there is nothing to draw: no finite value, or a line of one point. */
export function drawChart(chart: Chart, options: DrawingOptions): Drawing | null {
  const finite = valuesOf(chart);
  if (finite === null || (chart.kind !== 'bars' && chart.x.length < 2)) return null;
  const height = chart.height ?? DEFAULT_HEIGHT;
  const labels = chart.series.map(({ name }) => shortened(name, options));
  const labelWidth = Math.max(...labels.map((label) => options.measure(label, SIZE))) + 10;
  const scale = scaleOf(chart, finite);
  const ticks = axisTicks(scale, 5);
  const tickTexts = ticks.map((value) => options.numbers.text(value, chart.unit));
  const left = Math.max(...tickTexts.map((text) => options.measure(text, SIZE)), 8) + 6;
  const plot = { left, right: options.width - labelWidth, top: 6, bottom: height - 16 };
  const y = (value: number) => plot.bottom - scale.position(value) * (plot.bottom - plot.top);
  const frame = { chart, options, plot, y };
  const grid = ticks.flatMap((value, i): Shape[] => [
    {
      kind: 'line',
      points: [
        [plot.left, y(value)],
        [plot.right, y(value)],
      ],
      color: value === 0 ? AXIS : GRID,
      width: 0.5,
    },
    {
      kind: 'text',
      x: plot.left - 4,
      y: y(value) + SIZE * 0.35,
      text: tickTexts[i],
      size: SIZE,
      color: AXIS,
      anchor: 'end',
    },
  ]);
  const body = chart.kind === 'bars' ? bars(frame) : curves(frame);
  return { width: options.width, height, plot, shapes: [...grid, ...body, ...endLabels(frame, labels)] };
}

interface FrameOf {
  readonly chart: Chart;
  readonly options: DrawingOptions;
  readonly plot: Drawing['plot'];
  y(value: number): number;
}

function valuesOf({ series, band, logarithmic }: Chart): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const values of [...series.map((item) => item.values), ...(band === undefined ? [] : [band.low, band.high])]) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value) || (logarithmic === true && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? { low, high } : null;
}

/** Bars and areas include zero; a flat series gets room around it. */
function scaleOf({ kind, logarithmic }: Chart, { low, high }: { low: number; high: number }): Scale {
  const bottom = kind === 'line' ? low : Math.min(0, low);
  const top = kind === 'line' ? high : Math.max(0, high);
  const isLog = logarithmic === true && bottom > 0;
  const room = top > bottom ? 0 : Math.abs(top) * 0.1 || 1;
  const from = isLog ? Math.log(bottom / (1 + room)) : bottom - room;
  const to = isLog ? Math.log(top * (1 + room)) : top + room;
  return {
    low: isLog ? Math.exp(from) : from,
    high: isLog ? Math.exp(to) : to,
    logarithmic: isLog,
    position: (value) => ((isLog ? Math.log(Math.max(value, 1e-300)) : value) - from) / (to - from),
  };
}

function curves({ chart, options, plot, y }: FrameOf): Shape[] {
  const last = Math.max(1, chart.x.length - 1);
  const x = (t: number) => plot.left + (t / last) * (plot.right - plot.left);
  const most = Math.round(plot.right - plot.left);
  const shapes: Shape[] = [];
  if (chart.band !== undefined) {
    const { low, high } = chart.band;
    const upper = high.flatMap((value, t) => (value === null ? [] : [[x(t), y(value)] as const]));
    const lower = low.flatMap((value, t) => (value === null ? [] : [[x(t), y(value)] as const]));
    shapes.push({ kind: 'area', points: [...upper, ...lower.reverse()], color: BAND });
  }
  chart.series.forEach(({ values, color, emphasized }, i) => {
    for (const stretch of stretches(values)) {
      const points = thinned(stretch, most).map(([t, value]) => [x(t), y(value)] as const);
      if (points.length < 2) continue;
      const paint = colorOf(color, options.look);
      shapes.push({ kind: 'line', points, color: paint, width: emphasized === true ? 1.4 : 0.8, series: i });
    }
  });
  return [...shapes, ...xLabels(chart.x, x, plot, options)];
}

/** Runs of values without a gap, as [row, value]. */
function stretches(values: readonly (number | null)[]): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [[]];
  values.forEach((value, t) => {
    if (value !== null && Number.isFinite(value)) found[found.length - 1].push([t, value]);
    else if (found[found.length - 1].length > 0) found.push([]);
  });
  return found.filter((stretch) => stretch.length > 0);
}

/** Years for long spans of days, months for short ones, categories as they are; never more than fit. */
function xLabels(
  names: readonly string[],
  x: (t: number) => number,
  plot: Drawing['plot'],
  options: DrawingOptions,
): Shape[] {
  const isDays = /^\d{4}-\d{2}-\d{2}$/.test(names[0] ?? '');
  const years = new Set(names.map((name) => name.slice(0, 4))).size;
  const length = !isDays ? Infinity : years > 2 ? 4 : 7;
  const starts = names.flatMap((name, t) =>
    t === 0 ? (isDays ? [] : [t]) : name.slice(0, length) === names[t - 1].slice(0, length) ? [] : [t],
  );
  const widest = options.measure('2024-06', SIZE) + 10;
  const keep = Math.max(1, Math.ceil((starts.length * widest) / (plot.right - plot.left)));
  return starts
    .filter((_, i) => i % keep === 0)
    .map((t): Shape => ({
      kind: 'text',
      x: x(t),
      y: plot.bottom + 11,
      text: names[t].slice(0, length === Infinity ? 12 : length),
      size: SIZE,
      color: AXIS,
      anchor: 'middle',
    }));
}

function bars({ chart, options, plot, y }: FrameOf): Shape[] {
  const groups = chart.x.length;
  const width = (plot.right - plot.left) / groups;
  const thickness = (width * 0.76) / chart.series.length;
  const zero = y(0);
  const shapes = chart.series.flatMap(({ values, color }, i) =>
    values.flatMap((value, g): Shape[] => {
      if (value === null || !Number.isFinite(value)) return [];
      const top = y(value);
      return [
        {
          kind: 'rect',
          x: plot.left + g * width + width * 0.12 + i * thickness,
          y: Math.min(top, zero),
          width: thickness,
          height: Math.max(Math.abs(zero - top), 0.2),
          color: colorOf(color, options.look),
          series: i,
        },
      ];
    }),
  );
  const middle = (g: number) => plot.left + (g + 0.5) * width;
  return [...shapes, ...xLabels(chart.x, middle, plot, options)];
}

/** Names at the right end, at the height of the last value, pushed apart so that none overlaps another. */
function endLabels({ chart, options, plot, y }: FrameOf, labels: readonly string[]): Shape[] {
  const wanted = chart.series.map(({ values }, i) => {
    const last = values.findLast((value) => value !== null && Number.isFinite(value)) ?? null;
    const at = chart.kind === 'bars' || last === null ? plot.top + SIZE + i * LABEL_GAP : y(last);
    return { i, at };
  });
  const order = [...wanted].sort((a, b) => a.at - b.at || a.i - b.i);
  let previous = -Infinity;
  for (const label of order) {
    label.at = Math.max(label.at, previous + LABEL_GAP);
    previous = label.at;
  }
  // A stack that ran out of the bottom is pushed back up.
  let limit = plot.bottom + 4;
  for (const label of [...order].reverse()) {
    label.at = Math.min(label.at, limit);
    limit = label.at - LABEL_GAP;
  }
  return order.map(({ i, at }): Shape => ({
    kind: 'text',
    x: plot.right + 5,
    y: at + SIZE * 0.35,
    text: labels[i],
    size: SIZE,
    color: colorOf(chart.series[i].color, options.look),
    anchor: 'start',
    bold: chart.series[i].emphasized === true,
    series: i,
  }));
}

function shortened(name: string, { measure }: DrawingOptions): string {
  if (measure(name, SIZE) <= LONGEST_LABEL) return name;
  const letters = Array.from(name);
  while (letters.length > 1 && measure(`${letters.join('')}…`, SIZE) > LONGEST_LABEL) letters.pop();
  return `${letters.join('')}…`;
}
