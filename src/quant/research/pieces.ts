/** Where a research run gets its interchangeable pieces from: the product's registries, or stand-ins in tests. */
import { computeFeatureTable, type FeatureTable } from '../features/feature-table';
import { selectFeatures } from '../features/named-features';
import { type LoadedModel, loadModel } from '../models/load';
import { bindOptimizer, type BoundOptimizer } from '../optimizers/load';
import type { Panel } from '../panel';
import type { Strategy } from './config';

export interface SelectedFeatures {
  readonly table: FeatureTable;
  /** What was left out, as sentences. */
  readonly notes: readonly string[];
}

export interface ResearchPieces {
  /** Errors: INVALID_CONFIG for an unknown identifier or parameter. */
  optimizer(id: string, params: unknown): BoundOptimizer;
  /** Errors: NOT_FOUND listing the identifiers that exist. */
  model(id: string): Promise<LoadedModel>;
  /** `progress` is awaited before every feature. Errors: INVALID_CONFIG, INVALID_DATA. */
  features(
    choice: Strategy['features'],
    panel: Panel,
    progress: (done: number, of: number) => Promise<void>,
  ): Promise<SelectedFeatures>;
}

/** Computes one feature at a time, so that a run can be cancelled between two of them. */
export async function selectedFeatures(
  choice: Strategy['features'],
  panel: Panel,
  progress: (done: number, of: number) => Promise<void>,
): Promise<SelectedFeatures> {
  const { features, omitted } = selectFeatures(choice.set, panel);
  const tables: FeatureTable[] = [];
  for (const [k, feature] of features.entries()) {
    await progress(k, features.length);
    tables.push(computeFeatureTable(panel, [feature], choice));
  }
  await progress(features.length, features.length);
  return {
    table: {
      dates: panel.dates,
      assets: panel.assets,
      names: features.map(({ name }) => name),
      columns: tables.flatMap(({ columns }) => columns),
      warmUp: features.reduce((most, { warmUp }) => Math.max(most, warmUp), 0),
      lookback: features.reduce((most, { lookback }) => Math.max(most, lookback), 0),
    },
    notes: omitted.map(({ name, reason }) => `Feature ${name} is left out: ${reason}.`),
  };
}

/** What the product has registered. */
export const productPieces: ResearchPieces = {
  optimizer: bindOptimizer,
  model: loadModel,
  features: selectedFeatures,
};
