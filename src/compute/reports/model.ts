/**
 * What a report is, before it has a form: sections of blocks, figures with what they rest on, charts as data. Kinds make it, renderers
 * draw it, and neither knows the other. Texts are already in the language of the report; numbers are numbers.
 */

/** `fine` is a percentage with three decimals, for what happens in a day. */
export type Unit = 'percent' | 'fine' | 'decimal' | 'integer' | 'money' | 'probability' | 'days' | 'exact';

/** A number with what a reader must know about it; null comes with the reason. */
export interface Figure {
  readonly value: number | null;
  readonly unit: Unit;
  readonly reason?: string;
  readonly low?: number;
  readonly high?: number;
  /** Key of `Report.derivations`. */
  readonly derivation?: string;
}

/** How a figure comes about. Who computed it, from which data, is the same for all figures of a report: `Report.provenance`. */
export interface Derivation {
  readonly title: string;
  readonly formula: string;
  /** Author, year; '' for plain arithmetic. */
  readonly source: string;
  readonly conventions: readonly string[];
}

export type Tone = 'primary' | 'good' | 'bad' | 'warn' | 'quiet';

export interface Headline {
  readonly label: string;
  readonly figure: Figure;
  /** Interval, sample, trials, convention: small lines under the figure. */
  readonly notes: readonly string[];
}

export interface Column {
  readonly title: string;
  /** Absent: text. */
  readonly unit?: Unit;
  /** A total row ends the table; in a spreadsheet it is a live formula. */
  readonly total?: 'sum';
  /** Colors the figures of the column's own unit: around zero, symmetric, strongest at the given size; or as bars from zero. */
  readonly scale?: { readonly kind: 'diverging' | 'bar'; readonly limit: number };
}

export type Cell = string | Figure | null;

export interface Row {
  readonly cells: readonly Cell[];
  readonly tone?: Tone;
}

export interface Table {
  readonly type: 'table';
  /** Lower-case letters, digits and underscores; unique in the report; names the range in a spreadsheet. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly note?: string;
  /** Of every figure that has none of its own. */
  readonly derivation?: string;
}

export type ColorRole = 'ours' | 'baseline' | 'benchmark' | 'positive' | 'negative' | number;

export interface ChartSeries {
  readonly name: string;
  /** A number is a place in the categorical order. */
  readonly color: ColorRole;
  readonly values: readonly (number | null)[];
  readonly emphasized?: boolean;
}

export interface Chart {
  readonly type: 'chart';
  readonly id: string;
  readonly title: string;
  /** What a person who cannot see it should know. */
  readonly alternative: string;
  readonly kind: 'line' | 'area' | 'bars';
  /** ISO days for lines and areas, categories for bars. */
  readonly x: readonly string[];
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
  readonly logarithmic?: boolean;
  readonly height?: number;
  /** A region between two lines, drawn behind them. */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
}

export type Block =
  | { readonly type: 'text'; readonly text: string; readonly tone?: Tone }
  | { readonly type: 'list'; readonly items: readonly string[]; readonly tone?: Tone }
  | { readonly type: 'headlines'; readonly items: readonly Headline[] }
  | { readonly type: 'facts'; readonly id: string; readonly items: readonly (readonly [string, string])[] }
  | Table
  | Chart;

export interface Section {
  /** What a template names. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Equity curves from which a spreadsheet recomputes the measures. */
export interface SeriesSheet {
  readonly dates: readonly string[];
  readonly periodsPerYear: number;
  readonly items: readonly {
    readonly name: string;
    readonly equity: readonly number[];
    /** What Sextant computed, by measure. */
    readonly measures: Readonly<Record<string, number | null>>;
  }[];
}

export interface Look {
  readonly accent: string;
  readonly ours: string;
  readonly baseline: string;
  readonly benchmark: string;
  /** PNG or JPEG. */
  readonly logo: { readonly bytes: Uint8Array; readonly mediaType: 'image/png' | 'image/jpeg' } | null;
  readonly organization: string;
  readonly disclaimers: readonly string[];
}

export interface Report {
  readonly kind: string;
  readonly title: string;
  readonly subtitle: string;
  /** The first sentence a reader sees; '' where the report judges nothing. */
  readonly verdict: string;
  readonly verdictTone: Tone;
  readonly locale: 'en' | 'de';
  /** ISO 4217; '' where the data do not say. */
  readonly currency: string;
  readonly paper: 'a4' | 'letter';
  /** The one declared time stamp. */
  readonly generatedAt: string;
  readonly sections: readonly Section[];
  /** Header of every page: workspace, run, dataset hash. */
  readonly header: readonly string[];
  /** Carried by every figure. */
  readonly provenance: readonly (readonly [string, string])[];
  readonly derivations: Readonly<Record<string, Derivation>>;
  readonly series: SeriesSheet | null;
  readonly look: Look;
  /** Words of the frame in the report's language. */
  readonly words: FrameWords;
  /** Words of the sheets that recompute the measures, and the names of those. */
  readonly seriesWords: SeriesWords;
}

export type FrameWords = Readonly<
  Record<
    | 'page'
    | 'of'
    | 'generated'
    | 'contents'
    | 'derivation'
    | 'derivations'
    | 'figure'
    | 'value'
    | 'chartData'
    | 'notComputable'
    | 'total'
    | 'formula'
    | 'source'
    | 'conventions'
    | 'provenance'
    | 'howComputed'
    | 'undrawable'
    | 'from'
    | 'to',
    string
  >
>;

export type SeriesWords = Readonly<
  Record<
    | 'date'
    | 'equity'
    | 'returns'
    | 'drawdown'
    | 'recomputed'
    | 'reported'
    | 'difference'
    | 'strategy'
    | 'measure'
    | 'periods'
    | 'total_return'
    | 'cagr'
    | 'volatility'
    | 'sharpe'
    | 'max_drawdown',
    string
  >
>;
