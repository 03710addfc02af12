/**
 * Which features a fitted model leans on: by how much its squared error rises when one column is shuffled (Breiman 2001, §10; Fisher,
 * Rudin, Dominici 2019). For any model, on any rows: training rows say what it uses, held-out rows what helps. Features that say the same share.
 */
import { throwIfCancelled } from '#base/async';
import { createRandom, deriveSeed } from '../array/random';
import type { Model, ModelContext, TrainingSet } from './model';

export interface FeatureImportance {
  readonly feature: string;
  /** Mean rise of the mean squared error, in squared units of the target; negative where shuffling helps. */
  readonly rise: number;
  /** Standard deviation over the repeats. */
  readonly sd: number;
}

/** In the order of the columns. Errors: CANCELLED, and what the model refuses. */
export function permutationImportance<Fitted>(
  model: Pick<Model<never, Fitted>, 'forecast'>,
  fitted: Fitted,
  { featureNames, X, y }: TrainingSet,
  repeats: number,
  context: ModelContext,
): FeatureImportance[] {
  const K = featureNames.length;
  const base = squaredError(model.forecast(fitted, X), y);
  const shuffled = X.slice();
  return featureNames.map((feature, k) => {
    const rises = Float64Array.from({ length: repeats }, (_, repeat) => {
      throwIfCancelled(context.signal);
      context.heartbeat?.();
      const order = createRandom(deriveSeed(context.seed, `${feature}/${repeat}`)).shuffle(Uint32Array.from(y.keys()));
      order.forEach((from, to) => {
        shuffled[to * K + k] = X[from * K + k];
      });
      return squaredError(model.forecast(fitted, shuffled), y) - base;
    });
    for (let i = 0; i < y.length; i++) shuffled[i * K + k] = X[i * K + k];
    const rise = rises.reduce((sum, value) => sum + value, 0) / repeats;
    const spread = rises.reduce((sum, value) => sum + (value - rise) ** 2, 0);
    return { feature, rise, sd: repeats > 1 ? Math.sqrt(spread / (repeats - 1)) : 0 };
  });
}

function squaredError(forecast: Float64Array, y: Float64Array): number {
  return forecast.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / y.length;
}
