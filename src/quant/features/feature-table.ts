/** Features of a panel, transformed date by date: what models train on and forecast from. */
import type { Panel } from '../panel';
import { transformCrossSections, type CrossSectionOptions } from './cross-section';
import type { NamedFeature } from './named-features';

export interface FeatureTable {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  readonly names: readonly string[];
  /** Per feature, [T, N] row-major; NaN where undefined or, on that date, not a member. */
  readonly columns: readonly Float64Array[];
  /** Rows before t that the values at t may depend on, over all features. */
  readonly lookback: number;
  /** Rows from the start without a value of the slowest feature. */
  readonly warmUp: number;
}

/** Computes and transforms the features one by one; `progress` hears of each one when it is done. */
export function computeFeatureTable(
  panel: Panel,
  features: readonly NamedFeature[],
  options: CrossSectionOptions,
  progress?: (done: number, of: number) => void,
): FeatureTable {
  const columns = features.map(({ feature, params }, k) => {
    const values = feature.compute(panel, params);
    transformCrossSections(values, panel.assets.length, panel.membership, options);
    progress?.(k + 1, features.length);
    return values;
  });
  return {
    dates: panel.dates,
    assets: panel.assets,
    names: features.map(({ name }) => name),
    columns,
    warmUp: features.reduce((most, { warmUp }) => Math.max(most, warmUp), 0),
    lookback: features.reduce((most, { lookback }) => Math.max(most, lookback), 0),
  };
}
