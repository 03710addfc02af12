import { expect, test } from 'vitest';
import { createRandom, type Random } from '#quant/array/random';
import { buildFeasibleSet } from '../feasible-set';
import { requireFeasible } from '../infeasibility/require-feasible';
import { solveOverSet } from './portfolio-program';

const N = 24;

/** A factor-model covariance, with duplicated columns now and then. */
function covariance(random: Random): Float64Array {
  const loadings = Array.from({ length: N }, () => Float64Array.from({ length: 3 }, () => 0.01 * random.normal()));
  const H = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) H[i * N + j] = loadings[i].reduce((sum, value, k) => sum + value * loadings[j][k], 0);
    H[i * N + i] += 1e-4 * (0.5 + random.uniform());
  }
  return H;
}

/**
 * A year of monthly decisions, each from the drifted answer of the one before. The solver checks the Karush–Kuhn–Tucker conditions of
 * every answer to 1e-8 and throws where they do not hold, so a solved walk is a proof.
 */
function walk(seed: number): number {
  const random = createRandom(seed);
  const assets = Array.from({ length: N }, (_, i) => `A${i}`);
  const sectors = assets.map((_, i) => `S${i % 5}`);
  let current: Float64Array | undefined;
  let worst = 0;
  for (let month = 0; month < 12; month++) {
    const set = buildFeasibleSet({
      assets,
      sectors,
      ...(current && { currentWeights: current }),
      constraints: { longOnly: true, maxWeight: 0.1, sectorCap: 0.4, turnoverLimit: 0.3, cash: 0 },
    });
    requireFeasible(set);
    const c = Float64Array.from({ length: N }, () => -0.02 * random.normal());
    const { x, residual } = solveOverSet(set, covariance(random), c, c);
    worst = Math.max(worst, residual);
    const drifted = x.map((weight) => weight * (1 + 0.02 * random.normal()));
    const total = drifted.reduce((sum, weight) => sum + weight, 0);
    current = drifted.map((weight) => weight / total);
  }
  return worst;
}

test('every decision of 300 walks under a turnover limit meets the optimality conditions', () => {
  for (let seed = 0; seed < 300; seed++) expect(walk(seed), `seed ${seed}`).toBeLessThanOrEqual(1e-8);
});
