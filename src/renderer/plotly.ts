/** The door to Plotly: loaded once on demand, with the few functions in use typed, and its look taken from the tokens. */

export type PlotRange = readonly [string, string] | null;

export interface PlotClick {
  readonly x: string;
  readonly y: string;
  readonly series: string;
}

export interface PlotElement {
  on(event: 'plotly_relayout', listener: (event: Readonly<Record<string, unknown>>) => void): void;
  on(
    event: 'plotly_click',
    listener: (event: {
      readonly points: readonly {
        readonly x: unknown;
        readonly y: unknown;
        readonly data: { readonly name?: string };
      }[];
    }) => void,
  ): void;
}

interface Plotly {
  newPlot(element: HTMLElement, data: readonly object[], layout: object, config: object): Promise<unknown>;
  relayout(element: HTMLElement, update: object): Promise<unknown>;
  purge(element: HTMLElement): void;
  readonly Plots: { resize(element: HTMLElement): void };
}

let loading: Promise<Plotly> | undefined;

export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-cartesian-dist-min').then(
    (module: { default: Plotly }) => module.default, // the bundle has no types of its own
  );
  return loading;
}

/** The value of a token now, e.g. `token('series-ours')`. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Okabe and Ito (2008): told apart with every common form of color blindness. */
export const CATEGORICAL = [
  '#0072B2',
  '#E69F00',
  '#009E73',
  '#CC79A7',
  '#56B4E9',
  '#D55E00',
  '#F0E442',
  '#999999',
] as const;

/** Lines that lie on one another are still told apart. */
const DASHES = ['solid', 'dash', 'dot', 'dashdot'];

/** The line of the k-th of several runs on one axis. */
export function runLine(k: number): object {
  return { color: CATEGORICAL[k % CATEGORICAL.length], width: 1.6, dash: DASHES[k % DASHES.length] };
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function axisLook(): Record<string, unknown> {
  return {
    gridcolor: token('line'),
    linecolor: token('line-strong'),
    zerolinecolor: token('line-strong'),
    tickcolor: token('line-strong'),
    tickfont: { color: token('faint'), size: 11 },
    zeroline: false,
    automargin: false,
    title: { font: { color: token('faint'), size: 11 }, standoff: 6 },
  };
}

/** Lays the look of the tokens under a layout: what the layout says itself stays. `range` zooms the horizontal axis. */
export function themedLayout(layout: object, height: number, range: PlotRange): object {
  const base: Record<string, unknown> = {
    height,
    margin: { l: 48, r: 12, t: 10, b: 28 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: token('font-text'), size: 11, color: token('secondary') },
    hoverlabel: {
      bgcolor: token('raised'),
      bordercolor: token('line-strong'),
      font: { family: token('font-text'), size: 11, color: token('text') },
    },
    showlegend: false,
    dragmode: 'zoom',
    hovermode: 'x unified',
  };
  const result = { ...base, ...layout } as Record<string, unknown>; // a layout is a plain document
  for (const key of new Set([...Object.keys(layout), 'xaxis', 'yaxis'])) {
    if (!/^[xy]axis\d*$/.test(key)) continue;
    const own = result[key];
    const look = axisLook();
    const axis: Record<string, unknown> = { ...look, ...(isPlain(own) ? own : {}) };
    if (isPlain(own) && isPlain(own['title'])) axis['title'] = { ...(look['title'] as object), ...own['title'] }; // both are plain
    if (key === 'xaxis' && range !== null) axis['range'] = [...range];
    result[key] = axis;
  }
  return result;
}

/** Text for a chart: Plotly reads a few HTML tags in labels, and names of assets are not markup. */
export function plotText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
