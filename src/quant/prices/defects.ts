/**
 * Finders of single kinds of defects in a dense panel, asset by asset. "Consecutive" always means consecutive rows of the asset: dates
 * on which it has no row at all are skipped. Each finder is pure and lists everything it finds, in asset and date order.
 */
import { PRICE_FIELDS, type PriceField } from '../panel';

export interface DefectPanel {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** [T, N] row-major, NaN = missing. */
  readonly fields: Readonly<Partial<Record<PriceField, Float64Array>>>;
}

/** Position of a finding: asset index and date index. */
export interface At {
  readonly asset: number;
  readonly date: number;
}

/** Date indices on which each asset has a row, ascending. */
export function presentRows(panel: DefectPanel): Int32Array[] {
  const width = panel.assets.length;
  const columns = PRICE_FIELDS.flatMap((field) => panel.fields[field] ?? []);
  const found: number[][] = panel.assets.map(() => []);
  for (let t = 0, cell = 0; t < panel.dates.length; t++) {
    for (let n = 0; n < width; n++, cell++) {
      for (const column of columns) {
        if (column[cell] === column[cell]) {
          found[n].push(t);
          break;
        }
      }
    }
  }
  return found.map((list) => Int32Array.from(list));
}

/** Rows with any missing field. */
export function missingFields(
  panel: DefectPanel,
  present: readonly Int32Array[],
): (At & { readonly fields: readonly PriceField[] })[] {
  const fields = PRICE_FIELDS.filter((field) => panel.fields[field]);
  const columns = fields.flatMap((field) => panel.fields[field] ?? []);
  const found: (At & { fields: readonly PriceField[] })[] = [];
  forEachRow(panel, present, (asset, date, cell) => {
    for (const column of columns) {
      if (column[cell] === column[cell]) continue;
      found.push({ asset, date, fields: fields.filter((_, k) => Number.isNaN(columns[k][cell])) });
      return;
    }
  });
  return found;
}

export interface BarViolation extends At {
  readonly kind: 'high-below-low' | 'open-outside' | 'close-outside';
}

/** Bars with all four prices whose high is below, or whose low is above, another price by more than `slack`. */
export function barViolations(panel: DefectPanel, present: readonly Int32Array[], slack = 1e-9): BarViolation[] {
  const { open, high, low, close } = panel.fields;
  if (!open || !high || !low || !close) return [];
  const found: BarViolation[] = [];
  forEachRow(panel, present, (asset, date, cell) => {
    const o = open[cell];
    const h = high[cell];
    const l = low[cell];
    const c = close[cell];
    if (!(h < Math.max(o, c, l) - slack || l > Math.min(o, c, h) + slack)) return;
    const closeOutside = c > h + slack || c < l - slack;
    found.push({
      asset,
      date,
      kind: h < l - slack ? 'high-below-low' : closeOutside ? 'close-outside' : 'open-outside',
    });
  });
  return found;
}

/** Rows with a volume of exactly zero. */
export function zeroVolumes(panel: DefectPanel, present: readonly Int32Array[]): At[] {
  const { volume } = panel.fields;
  const found: At[] = [];
  if (volume) {
    forEachRow(panel, present, (asset, date, cell) => {
      if (volume[cell] === 0) found.push({ asset, date });
    });
  }
  return found;
}

/** Simple returns between consecutive rows that both have a close. */
export interface Step extends At {
  readonly previous: number;
  readonly value: number;
}

/** Calls `visit` with the simple return of every pair of consecutive rows of an asset; NaN where a close is missing. */
export function forEachReturn(
  panel: DefectPanel,
  present: readonly Int32Array[],
  visit: (asset: number, date: number, previous: number, value: number) => void,
): void {
  const { close } = panel.fields;
  if (!close) return;
  const width = panel.assets.length;
  for (let asset = 0; asset < width; asset++) {
    const rows = present[asset];
    for (let i = 1; i < rows.length; i++) {
      visit(asset, rows[i], rows[i - 1], close[rows[i] * width + asset] / close[rows[i - 1] * width + asset] - 1);
    }
  }
}

/** Returns larger than `threshold` in size. */
export function jumps(panel: DefectPanel, present: readonly Int32Array[], threshold: number): Step[] {
  const found: Step[] = [];
  forEachReturn(panel, present, (asset, date, previous, value) => {
    if (Math.abs(value) > threshold) found.push({ asset, date, previous, value });
  });
  return found;
}

export interface Reversal extends At {
  readonly first: number;
  readonly second: number;
}

/** Two consecutive returns, both above `threshold` in size and of opposite sign, that compound to less than `net`. */
export function reversals(
  panel: DefectPanel,
  present: readonly Int32Array[],
  threshold: number,
  net: number,
): Reversal[] {
  const found: Reversal[] = [];
  let last: Step | null = null;
  forEachReturn(panel, present, (asset, date, previous, value) => {
    if (last !== null && last.asset === asset && last.date === previous) {
      const first = last.value;
      const isSpike =
        Math.abs(first) > threshold &&
        Math.abs(value) > threshold &&
        first * value < 0 &&
        Math.abs((1 + first) * (1 + value) - 1) < net;
      if (isSpike) found.push({ asset, date: previous, first, second: value });
    }
    last = { asset, date, previous, value };
  });
  return found;
}

export interface Gap {
  readonly asset: number;
  /** Calendar dates without a row between the first and the last row. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Longest run of consecutive calendar dates without a row, and the row it follows. */
  readonly longest: number;
  readonly longestAfter: number;
}

/** Assets with calendar dates missing inside their life. */
export function calendarGaps(present: readonly Int32Array[]): Gap[] {
  const found: Gap[] = [];
  present.forEach((rows, asset) => {
    let count = 0;
    let first = -1;
    let last = -1;
    let longest = 0;
    let longestAfter = -1;
    for (let i = 1; i < rows.length; i++) {
      const missing = rows[i] - rows[i - 1] - 1;
      if (missing <= 0) continue;
      count += missing;
      if (first < 0) first = rows[i - 1] + 1;
      last = rows[i] - 1;
      if (missing > longest) [longest, longestAfter] = [missing, rows[i - 1]];
    }
    if (count > 0) found.push({ asset, count, first, last, longest, longestAfter });
  });
  return found;
}

export interface Run {
  readonly asset: number;
  readonly first: number;
  readonly last: number;
  readonly length: number;
}

/** Runs of at least `shortest` identical closes in consecutive rows. */
export function staleRuns(panel: DefectPanel, present: readonly Int32Array[], shortest: number): Run[] {
  const { close } = panel.fields;
  if (!close) return [];
  const width = panel.assets.length;
  const found: Run[] = [];
  present.forEach((rows, asset) => {
    let start = 0;
    for (let i = 1; i <= rows.length; i++) {
      if (i < rows.length && close[rows[i] * width + asset] === close[rows[start] * width + asset]) continue;
      if (i - start >= shortest) found.push({ asset, first: rows[start], last: rows[i - 1], length: i - start });
      start = i;
    }
  });
  return found;
}

function forEachRow(
  panel: DefectPanel,
  present: readonly Int32Array[],
  visit: (asset: number, date: number, cell: number) => void,
): void {
  const width = panel.assets.length;
  present.forEach((rows, asset) => {
    for (const date of rows) visit(asset, date, date * width + asset);
  });
}
