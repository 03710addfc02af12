/** Stationary bootstrap of many strategies, and the tests on it: 5,000 replications × 100 strategies × 2,520 days. */
import { createRandom } from '#quant/array/random';
import { columnMeans, snoopingFromMeans } from '#quant/inference/data-snooping';
import { effectiveTrials } from '#quant/inference/effective-trials';
import { resampledMeans } from '#quant/inference/resampled-means';
import { bench } from '../harness';

const STRATEGIES = 100;
const DAYS = 2_520;
const REPLICATIONS = 5_000;

const random = createRandom(1);
const returns = Float64Array.from({ length: STRATEGIES * DAYS }, () => 0.01 * random.normal());
const columns = Array.from({ length: STRATEGIES }, (_, k) =>
  Float64Array.from({ length: DAYS }, (_day, t) => returns[t * STRATEGIES + k]),
);

for (const blockLength of [10, 1]) {
  const options = { scheme: 'stationary', blockLength, replications: REPLICATIONS, seed: 1 } as const;
  await bench(
    { job: `bootstrap ${REPLICATIONS} × ${STRATEGIES} × ${DAYS}, mean block ${blockLength}`, goalMs: 2_000, rounds: 3 },
    [
      {
        name: 'means, reality check, SPA and StepM',
        run: () =>
          snoopingFromMeans({
            n: DAYS,
            means: columnMeans(returns, STRATEGIES),
            boot: resampledMeans(returns, STRATEGIES, options),
            alpha: 0.05,
          }),
      },
    ],
  );
}
await bench({ job: `effective number of ${STRATEGIES} trials × ${DAYS}`, rounds: 3 }, [
  { name: 'average-linkage clusters', run: () => effectiveTrials(columns) },
]);
