/**
 * Transforms of one date's cross-section, over the assets that count on that date. Values that do not count come out NaN.
 * Each works on row-major [T, N] tables in place, row by row, so a date never sees another one.
 */
import { quantileOfSorted } from '../array/stats';
import { CrossSectionSorter } from './cross-section-sorter';

type CrossSectionTransform = 'rank' | 'zscore' | 'none';

export interface CrossSectionOptions {
  readonly transform: CrossSectionTransform;
  /** Share per tail, 0 … 0.5, whose values are pulled in to the quantile (type 7) before a z-score; ranks need none. */
  readonly winsorize: number;
}

/**
 * Transforms every row of `values` [T, N] in place; `membership` [T, N] says who counts (absent = all).
 * rank: (r − (n+1)/2) / n in (−½, ½) with average ranks for ties; zscore: (x − mean) / population deviation, 0 where all are equal.
 */
export function transformCrossSections(
  values: Float64Array,
  columns: number,
  membership: Uint8Array | undefined,
  options: CrossSectionOptions,
): void {
  if (columns === 0) return;
  const sorter = new CrossSectionSorter(columns);
  for (let row = 0; row < values.length; row += columns) {
    const n = sorter.load(values, row, membership);
    if (options.transform === 'none' && options.winsorize === 0) {
      sorter.scatter(values, row);
      continue;
    }
    if (options.transform === 'rank') sorter.rank();
    else if (n > 0) {
      if (options.winsorize > 0) winsorize(sorter, options.winsorize);
      if (options.transform === 'zscore') standardize(sorter.loaded);
    }
    sorter.scatter(values, row);
  }
}

function winsorize(sorter: CrossSectionSorter, share: number): void {
  const { loaded } = sorter;
  const sorted = loaded.slice().sort();
  const low = quantileOfSorted(sorted, share);
  const high = quantileOfSorted(sorted, 1 - share);
  for (let i = 0; i < loaded.length; i++) loaded[i] = Math.min(high, Math.max(low, loaded[i]));
}

function standardize(x: Float64Array): void {
  const n = x.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (x[i] - mean) / (i + 1);
  let scatter = 0;
  for (let i = 0; i < n; i++) scatter += (x[i] - mean) * (x[i] - mean);
  const deviation = Math.sqrt(scatter / n);
  const scale = deviation > Math.abs(mean) * 1e-12 ? 1 / deviation : 0;
  for (let i = 0; i < n; i++) x[i] = (x[i] - mean) * scale;
}
