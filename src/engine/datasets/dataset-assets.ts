/** Span, gaps and monthly coverage per asset: what the coverage strip of a dataset shows. */

export interface AssetCoverage {
  readonly asset: string;
  readonly sector: string;
  readonly firstDate: string;
  readonly lastDate: string;
  readonly rows: number;
  /** Trading days without a price between the first and the last one. */
  readonly gaps: number;
}

export interface Coverage {
  readonly assets: readonly AssetCoverage[];
  readonly months: readonly string[];
  /** Per asset one character per month: '#' every day, '+' some days, '.' none. */
  readonly coverage: readonly string[];
}

export interface CoverageInput {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  readonly sectors?: readonly string[] | undefined;
  /** [T, N] row-major. */
  readonly close: Float64Array;
}

export function coverageOf({ dates, assets, sectors, close }: CoverageInput): Coverage {
  const months = [...new Set(dates.map((date) => date.slice(0, 7)))];
  const monthOf = Int32Array.from(dates, (date) => months.indexOf(date.slice(0, 7)));
  const days = new Int32Array(months.length);
  for (const month of monthOf) days[month]++;
  const rows: AssetCoverage[] = [];
  const coverage: string[] = [];
  const width = assets.length;
  for (let i = 0; i < width; i++) {
    const seen = new Int32Array(months.length);
    let first = -1;
    let last = -1;
    let count = 0;
    for (let t = 0; t < dates.length; t++) {
      if (Number.isNaN(close[t * width + i])) continue;
      if (first < 0) first = t;
      last = t;
      count++;
      seen[monthOf[t]]++;
    }
    rows.push({
      asset: assets[i],
      sector: sectors?.[i] ?? '',
      firstDate: first < 0 ? '' : dates[first],
      lastDate: last < 0 ? '' : dates[last],
      rows: count,
      gaps: first < 0 ? 0 : last - first + 1 - count,
    });
    coverage.push(Array.from(seen, (n, month) => (n === 0 ? '.' : n === days[month] ? '#' : '+')).join(''));
  }
  return { assets: rows, months, coverage };
}
