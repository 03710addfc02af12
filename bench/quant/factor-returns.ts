/** Daily returns with a ten-factor structure, for benchmarks of risk estimates and optimizers. */
import { createRandom } from '#quant/array/random';

/** [days, assets] row-major. */
export function factorReturns(days: number, assets: number, seed: number): Float64Array {
  const factors = 10;
  const random = createRandom(seed);
  const loadings = Float64Array.from({ length: assets * factors }, () => random.uniform() - 0.3);
  const noise = Float64Array.from({ length: assets }, () => 0.008 + 0.012 * random.uniform());
  const X = new Float64Array(days * assets);
  const shocks = new Float64Array(factors);
  for (let t = 0; t < days; t++) {
    for (let k = 0; k < factors; k++) shocks[k] = 0.006 * random.normal();
    for (let j = 0; j < assets; j++) {
      let value = noise[j] * random.normal();
      for (let k = 0; k < factors; k++) value += loadings[j * factors + k] * shocks[k];
      X[t * assets + j] = value;
    }
  }
  return X;
}
