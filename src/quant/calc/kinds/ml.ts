/** `ml.ols`, `ml.ridge`, `ml.lasso`, `ml.elasticnet`: linear forecasts trained and tested on one asset's features. */
import { z } from 'zod';
import { elasticNet } from '#quant/models/coordinate-descent';
import { forecastLinear, normalEquations, type NormalEquations } from '#quant/models/linear-model';
import { definiteInverse, leastNormSolve } from '#quant/learning/linear-system';
import { calcKind } from '../kind';
import {
  FEATURES_INPUT,
  readSplit,
  SPLIT_RECIPE,
  splitParams,
  testBlock,
  type SplitParams,
  type SupervisedSplit,
} from '../supervised-input';
import { byName } from '../tables';

const alpha = z.number().gte(0).meta({ title: 'Penalty' });

interface LinearAnswer {
  readonly split: SupervisedSplit;
  readonly equations: NormalEquations;
  readonly coefficients: Float64Array;
  readonly answer: Record<string, unknown>;
}

function fitAndTest(
  inputs: Parameters<typeof readSplit>[0],
  params: SplitParams,
  solve: (equations: NormalEquations) => Float64Array,
): LinearAnswer {
  const split = readSplit(inputs, params);
  const { names, moments, test } = split;
  const equations = normalEquations(moments);
  const coefficients = solve(equations);
  const intercept = names.reduce((sum, _, k) => sum - coefficients[k] * moments.mean[k], moments.mean[names.length]);
  const forecast = forecastLinear({ features: names, intercept, coefficients: Array.from(coefficients) }, test.X);
  const answer = { intercept, coef: byName(names, coefficients), test: testBlock(test.y, forecast) };
  return { split, equations, coefficients, answer };
}

const ols = calcKind({
  id: 'ml.ols',
  summary: 'Ordinary least squares forecast of one asset.',
  recipe: `${SPLIT_RECIPE}OLS; t_classical = coefficient / classical standard error, sigma^2 = RSS/(n-k-1).`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject(splitParams),
  run: (inputs, params) => {
    const { split, equations, coefficients, answer } = fitAndTest(inputs, params, ({ A, b, features }) =>
      leastNormSolve(A, features, b),
    );
    const { A, b, yy, rows, features: K } = equations;
    const explained = coefficients.reduce((sum, w, k) => sum + w * b[k], 0);
    const inverse = definiteInverse(A, K);
    const sigma2 = (yy - explained) / (rows - K - 1);
    const t = coefficients.map((w, k) => w / Math.sqrt(sigma2 * inverse[k * K + k]));
    return { ...answer, t_classical: byName(split.names, t), r2_train: explained / yy };
  },
});

const ridge = calcKind({
  id: 'ml.ridge',
  summary: 'Ridge forecast of one asset.',
  recipe: `${SPLIT_RECIPE}min ||y-Xw-b||^2 + alpha ||w||^2 (sum of squares, not mean).`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({ ...splitParams, alpha }),
  run: (inputs, params) =>
    fitAndTest(inputs, params, ({ A, b, features: K }) => {
      const penalized = A.map((value, at) => (at % (K + 1) === 0 ? value + params.alpha : value));
      return leastNormSolve(penalized, K, b);
    }).answer,
});

function sparse(answer: LinearAnswer): Record<string, unknown> {
  return { ...answer.answer, n_nonzero: answer.coefficients.filter((w) => w !== 0).length };
}

const lasso = calcKind({
  id: 'ml.lasso',
  summary: 'Lasso forecast of one asset.',
  recipe: `${SPLIT_RECIPE}min 1/(2n)||y-Xw-b||^2 + alpha ||w||_1.`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({ ...splitParams, alpha }),
  run: (inputs, params) =>
    sparse(
      fitAndTest(inputs, params, (equations) => elasticNet(equations, { alpha: params.alpha, l1Ratio: 1 }, undefined)),
    ),
});

const elasticnet = calcKind({
  id: 'ml.elasticnet',
  summary: 'Elastic-net forecast of one asset.',
  recipe: `${SPLIT_RECIPE}min 1/(2n)||y-Xw-b||^2 + alpha*l1_ratio*||w||_1 + 0.5*alpha*(1-l1_ratio)*||w||_2^2.`,
  inputs: { features: FEATURES_INPUT },
  params: z.strictObject({
    ...splitParams,
    alpha,
    l1_ratio: z.number().gte(0).lte(1).meta({ title: 'Share of the absolute-value penalty' }),
  }),
  run: (inputs, params) =>
    sparse(
      fitAndTest(inputs, params, (equations) =>
        elasticNet(equations, { alpha: params.alpha, l1Ratio: params.l1_ratio }, undefined),
      ),
    ),
});

export const kinds = [ols, ridge, lasso, elasticnet];
