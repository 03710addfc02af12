/** Ridge, lasso and elastic net together on 1.5 million pooled rows × 20 features: one pass over the data serves all three. */
import { createRandom } from '#quant/array/random';
import { momentsOf } from '#quant/learning/moments';
import { scaleMoments, scalerOf } from '#quant/learning/scaler';
import { model as elasticNet } from '#quant/models/elastic-net/model';
import { model as lasso } from '#quant/models/lasso/model';
import { model as ridge } from '#quant/models/ridge/model';
import { bench } from '../harness';

const ROWS = 1_500_000;
const FEATURES = 20;
const random = createRandom(1);
const X = Float64Array.from({ length: ROWS * FEATURES }, () => random.uniform() - 0.5);
const y = Float64Array.from({ length: ROWS }, (_, i) => 0.02 * X[i * FEATURES] + 0.1 * (random.uniform() - 0.5));
const names = Array.from({ length: FEATURES }, (_, k) => `f${k}`);
const context = { seed: 1 };

await bench({ job: 'moments 1.5 M × 20', goalMs: 150 }, [{ name: 'sextant', run: () => momentsOf(X, y, FEATURES) }]);

await bench({ job: 'ridge + lasso + elastic net, 1.5 M × 20', goalMs: 500 }, [
  {
    name: 'sextant',
    run: () => {
      const moments = momentsOf(X, y, FEATURES);
      const scaled = scaleMoments(scalerOf(moments), moments);
      ridge.fitMoments?.(scaled, names, { alpha: null, relativeAlpha: 0.1 }, context);
      lasso.fitMoments?.(scaled, names, { alpha: null, relativeAlpha: 0.1 }, context);
      elasticNet.fitMoments?.(scaled, names, { alpha: null, relativeAlpha: 0.1, l1Ratio: 0.5 }, context);
    },
  },
]);

const data = { featureNames: names, X, y };
await bench({ job: 'the same, each model with its own pass', rounds: 3 }, [
  {
    name: 'sextant',
    run: () => {
      ridge.fit(data, { alpha: null, relativeAlpha: 0.1 }, context);
      lasso.fit(data, { alpha: null, relativeAlpha: 0.1 }, context);
      elasticNet.fit(data, { alpha: null, relativeAlpha: 0.1, l1Ratio: 0.5 }, context);
    },
  },
]);
