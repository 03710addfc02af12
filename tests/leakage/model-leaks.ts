/** Models and optimizers that look past their training window, through a window that the pipeline does not give them. */
import { z } from 'zod';
import { prepareMarket } from '#quant/backtest/market';
import type { FeatureTable } from '#quant/features/feature-table';
import type { Model, ModelSpec } from '#quant/models/model';
import type { Panel } from '#quant/panel';
import { forwardReturns } from '#quant/research/labels';
import { productPieces, type ResearchPieces } from '#quant/research/pieces';

/** All that there is: features, outcomes and prices of every date. */
interface Everything {
  readonly table: FeatureTable;
  readonly labels: Float64Array;
  readonly panel: Panel;
}

const spec: ModelSpec = {
  id: 'peeking',
  title: 'Peeking',
  summary: 'Knows the whole sample.',
  references: [],
  params: z.strictObject({}),
  minRows: () => 10,
};

/** A model that is made once the features are known. */
function peekingModel(make: (everything: () => Everything) => Model<unknown, Float64Array>): ResearchPieces {
  let seen: Everything | undefined;
  const everything = (): Everything => {
    if (seen === undefined) throw new Error('The features come first.');
    return seen;
  };
  return {
    ...productPieces,
    model: () => Promise.resolve({ spec, model: make(everything) as Model }),
    features: async (choice, panel, progress) => {
      const selected = await productPieces.features(choice, panel, progress);
      seen = { table: selected.table, labels: forwardReturns(prepareMarket(panel), 5, 1), panel };
      return selected;
    },
  };
}

const dot = (w: Float64Array, X: Float64Array, row: number) =>
  w.reduce((sum, b, k) => sum + b * X[row * w.length + k], 0);
const forecast = (w: Float64Array, X: Float64Array) =>
  Float64Array.from({ length: X.length / w.length }, (_, row) => dot(w, X, row));

/** Mean squared error of weights on every cell whose features and label are known. */
function errorOnAll(w: Float64Array, { table, labels }: Everything): number {
  let sum = 0;
  let count = 0;
  labels.forEach((y, cell) => {
    const x = table.columns.map((column) => column[cell]);
    if (!Number.isFinite(y) || !x.every(Number.isFinite)) return;
    sum += (y - x.reduce((value, feature, k) => value + feature * w[k], 0)) ** 2;
    count += 1;
  });
  return sum / count;
}

/** Coefficients after some steps of gradient descent on the training rows. */
function descend(X: Float64Array, y: Float64Array, K: number, steps: number, penalty: number): Float64Array {
  const w = new Float64Array(K);
  for (let step = 0; step < steps; step++) {
    const gradient = w.map((b) => penalty * b);
    for (let row = 0; row < y.length; row++) {
      const residual = dot(w, X, row) - y[row];
      for (let k = 0; k < K; k++) gradient[k] += (residual * X[row * K + k]) / y.length;
    }
    gradient.forEach((g, k) => {
      w[k] -= g;
    });
  }
  return w;
}

/** Keeps the candidate that does best on the whole sample, the test included. */
function bestOnAll(candidates: readonly Float64Array[], everything: Everything): Float64Array {
  const errors = candidates.map((w) => errorOnAll(w, everything));
  return candidates[errors.indexOf(Math.min(...errors))];
}

export const modelLeaks: Readonly<Record<string, ResearchPieces>> = {
  'hyper-parameters chosen on the test': peekingModel((everything) => ({
    fit: ({ X, y, featureNames }) =>
      bestOnAll(
        [0, 0.01, 0.1, 1].map((penalty) => descend(X, y, featureNames.length, 40, penalty)),
        everything(),
      ),
    forecast,
  })),
  'early stopping on the test': peekingModel((everything) => ({
    fit: ({ X, y, featureNames }) =>
      bestOnAll(
        [1, 3, 10, 30, 60].map((steps) => descend(X, y, featureNames.length, steps, 0)),
        everything(),
      ),
    forecast,
  })),
  'a scaler refitted on everything that is scored': peekingModel((everything) => ({
    fit: ({ X, y, featureNames }) => descend(X, y, featureNames.length, 30, 0),
    forecast(w, X) {
      const scale = everything().table.columns.map((column) => {
        const known = column.filter(Number.isFinite);
        return Math.sqrt(known.reduce((sum, x) => sum + x * x, 0) / known.length);
      });
      return forecast(
        w,
        X.map((x, at) => x / scale[at % w.length]),
      );
    },
  })),
};

/** Risk measured over the whole sample, for every decision. */
export function peekingOptimizer(): ResearchPieces {
  let panel: Panel | undefined;
  return {
    ...productPieces,
    features: (choice, given, progress) => {
      panel = given;
      return productPieces.features(choice, given, progress);
    },
    optimizer: (id, params) => {
      const bound = productPieces.optimizer(id, params);
      return {
        spec: bound.spec,
        optimize({ assets }) {
          const scores = Float64Array.from(assets, (asset) => 1 / deviationOf(panel, asset));
          const sum = scores.reduce((a, b) => a + b, 0);
          return { weights: scores.map((score) => score / sum), diagnostics: {} };
        },
      };
    },
  };
}

function deviationOf(panel: Panel | undefined, asset: string): number {
  const n = panel?.assets.length ?? 1;
  const i = panel?.assets.indexOf(asset) ?? 0;
  let squares = 1e-9;
  panel?.fields.close.forEach((price, cell) => {
    const change = price / panel.fields.close[cell - n] - 1;
    if (cell % n === i && Number.isFinite(change)) squares += change ** 2;
  });
  return Math.sqrt(squares);
}
