/** Means across assets on each date: of the whole market and of each sector, over members that have a value. */
import type { Panel } from '../panel';

/** Subtracts from every asset the equal-weight mean of the date's members. */
export function lessMarketMean(x: Float64Array, panel: Panel): Float64Array {
  const n = panel.assets.length;
  const everyone = new Int32Array(n);
  return lessGroupMeans(x, panel, everyone, 1);
}

/** Subtracts the mean of the asset's sector; assets of unknown sector ('') are compared with one another. */
export function lessSectorMean(x: Float64Array, panel: Panel): Float64Array {
  const names = [...new Set(panel.sectors ?? [''])];
  const groups = Int32Array.from(panel.assets, (_, j) => names.indexOf(panel.sectors?.[j] ?? ''));
  return lessGroupMeans(x, panel, groups, names.length);
}

/** groups: position of each asset's group. */
function lessGroupMeans(x: Float64Array, panel: Panel, groups: Int32Array, groupCount: number): Float64Array {
  const n = groups.length;
  const { membership } = panel;
  const result = new Float64Array(x.length);
  const sums = new Float64Array(groupCount);
  const counts = new Int32Array(groupCount);
  for (let row = 0; row < x.length; row += n) {
    sums.fill(0);
    counts.fill(0);
    for (let j = 0; j < n; j++) {
      const value = x[row + j];
      if (value !== value || membership?.[row + j] === 0) continue;
      sums[groups[j]] += value;
      counts[groups[j]] += 1;
    }
    for (let j = 0; j < n; j++) {
      const group = groups[j];
      result[row + j] = counts[group] === 0 ? NaN : x[row + j] - sums[group] / counts[group];
    }
  }
  return result;
}
