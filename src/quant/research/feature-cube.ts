/** Features of a panel in the layout that training reads: all features of one cell side by side. */
import type { Panel } from '../panel';
import { computeFeatureTable } from '../features/feature-table';
import { selectFeatures } from '../features/named-features';
import type { Strategy } from './config';
import type { FeatureCube } from './pieces';

/** Computes one feature at a time, so that no more than one table is held beside the cube. Errors: those of `selectFeatures`. */
export async function buildFeatureCube(
  choice: Strategy['features'],
  panel: Panel,
  progress: (done: number, of: number) => Promise<void>,
): Promise<FeatureCube> {
  const { features, omitted } = selectFeatures(choice.set, panel);
  const K = features.length;
  const cells = panel.dates.length * panel.assets.length;
  const values = new Float64Array(cells * K);
  for (const [k, feature] of features.entries()) {
    await progress(k, K);
    const [column] = computeFeatureTable(panel, [feature], choice).columns;
    for (let cell = 0; cell < cells; cell++) values[cell * K + k] = column[cell];
  }
  await progress(K, K);
  return {
    names: features.map(({ name }) => name),
    values,
    lookback: features.reduce((most, { lookback }) => Math.max(most, lookback), 0),
    notes: omitted.map(({ name, reason }) => `Feature ${name} is left out: ${reason}.`),
  };
}
