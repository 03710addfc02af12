/** `ml.random_forest`, `ml.gradient_boosting`: tree ensembles trained and tested on one asset's features, with what they lean on. */
import { z } from 'zod';
import { model as boosting } from '#quant/models/gradient-boosting/model';
import { params as boostingParams } from '#quant/models/gradient-boosting/spec';
import type { Model } from '#quant/models/model';
import { permutationImportance } from '#quant/models/permutation-importance';
import { model as forest } from '#quant/models/random-forest/model';
import { params as forestParams } from '#quant/models/random-forest/spec';
import type { FittedTrees } from '#quant/trees/tree-ensemble';
import { calcKind } from '../kind';
import { FEATURES_INPUT, readSplit, SPLIT_RECIPE, splitParams, testBlock, type SplitParams } from '../supervised-input';

const shared = {
  seed: z.int().gte(0).default(1).meta({ title: 'Seed' }),
  repeats: z.int().gte(1).lte(100).default(5).meta({ title: 'Shuffles per feature' }),
};

const IMPORTANCE =
  'importance = rise of the test mean squared error when a feature is shuffled, mean over the repeats.';

function fitAndTest<Params>(
  model: Model<Params, FittedTrees>,
  inputs: Parameters<typeof readSplit>[0],
  split: SplitParams,
  params: Params,
  { seed, repeats }: { readonly seed: number; readonly repeats: number },
): Record<string, unknown> {
  const { names, train, test } = readSplit(inputs, split);
  const fitted = model.fit({ featureNames: names, ...train }, params, { seed });
  const importance = permutationImportance(model, fitted, { featureNames: names, ...test }, repeats, { seed });
  return {
    trees: fitted.roots.length,
    nodes: fitted.feature.length,
    test: testBlock(test.y, model.forecast(fitted, test.X)),
    importance: Object.fromEntries(importance.map(({ feature, rise }) => [feature, rise])),
  };
}

const randomForest = calcKind({
  id: 'ml.random_forest',
  summary: 'Random-forest forecast of one asset, with the importance of its features.',
  recipe: `${SPLIT_RECIPE}${IMPORTANCE}`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({ ...splitParams, ...shared, forest: forestParams.prefault({ minLeafRows: 20 }) }),
  run: (inputs, params) => fitAndTest(forest, inputs, params, params.forest, params),
});

const gradientBoosting = calcKind({
  id: 'ml.gradient_boosting',
  summary: 'Gradient-boosting forecast of one asset, with the importance of its features.',
  recipe: `${SPLIT_RECIPE}Every round is kept (rows carry no dates here). ${IMPORTANCE}`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({
    ...splitParams,
    ...shared,
    boosting: boostingParams.prefault({ rounds: 50, minLeafRows: 20 }),
  }),
  run: (inputs, params) => fitAndTest(boosting, inputs, params, params.boosting, params),
});

export const kinds = [randomForest, gradientBoosting];
