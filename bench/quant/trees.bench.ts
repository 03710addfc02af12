/**
 * Histogram gradient boosting and random forest on pooled rows. The same jobs in scikit-learn, one thread: bench/peers/trees.py.
 * `SEXTANT_BENCH_LARGE=1` adds 1.5 million rows.
 */
import { createRandom } from '#quant/array/random';
import { model as boosting } from '#quant/models/gradient-boosting/model';
import { params as boostingParams } from '#quant/models/gradient-boosting/spec';
import { model as forest } from '#quant/models/random-forest/model';
import { params as forestParams } from '#quant/models/random-forest/spec';
import type { TrainingSet } from '#quant/models/model';
import { bench } from '../harness';

const FEATURES = 40;
const context = { seed: 1 };
/** As in the peer: every round is kept. */
const settings = boostingParams.parse({ rounds: 100, learningRate: 0.1, minLeafRows: 20, l2: 0, validationShare: 0 });

function table(rows: number): TrainingSet {
  const random = createRandom(1);
  const X = Float64Array.from({ length: rows * FEATURES }, () => random.normal());
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const at = i * FEATURES;
    return 0.05 * X[at] + 0.03 * Math.sin(2 * X[at + 1]) + 0.02 * X[at + 2] * X[at + 3] + 0.2 * random.normal();
  });
  return { featureNames: Array.from({ length: FEATURES }, (_, k) => `f${k}`), X, y };
}

const data = table(190_000);
await bench({ job: 'gradient boosting 190,000 × 40 × 100 rounds × 31 leaves', rounds: 3, warmups: 0 }, [
  { name: 'sextant', run: () => boosting.fit(data, settings, context) },
]);
await bench({ job: 'random forest 190,000 × 40 × 100 trees × 64 leaves', rounds: 1, warmups: 0 }, [
  { name: 'sextant', run: () => forest.fit(data, forestParams.parse({}), context) },
]);
const fitted = boosting.fit(data, { ...settings, rounds: 10 }, context);
await bench({ job: 'forecast of 500 names with 10 trees', goalMs: 2 }, [
  { name: 'sextant', run: () => boosting.forecast(fitted, data.X.subarray(0, 500 * FEATURES)) },
]);
if (process.env['SEXTANT_BENCH_LARGE'] === '1') {
  const large = table(1_500_000);
  await bench({ job: 'gradient boosting 1.5 M × 40 × 100 rounds × 31 leaves', goalMs: 90_000, rounds: 1, warmups: 0 }, [
    { name: 'sextant', run: () => boosting.fit(large, settings, context) },
  ]);
}
