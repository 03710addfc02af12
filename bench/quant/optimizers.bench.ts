/** Covariance, hierarchical risk parity and constrained minimum variance on 500 … 2,000 assets. */
import { symmetricEigen } from '#quant/array/eigen';
import { correlationOf, sampleCovariance } from '#quant/covariance/moments';
import { gramReference } from '#quant/kernels/gram';
import { constraintsSchema } from '#quant/optimizers/constraints';
import { buildFeasibleSet } from '#quant/optimizers/feasible-set';
import { hierarchicalRiskParity } from '#quant/optimizers/hrp/hierarchical-risk-parity';
import { bindOptimizer } from '#quant/optimizers/load';
import { minimizeCvar } from '#quant/optimizers/min-cvar/cvar-program';
import { setRows, solveOverSet } from '#quant/optimizers/quadratic/portfolio-program';
import { bench } from '../harness';
import { factorReturns } from './factor-returns';

const DAYS = 2_520;
const sizes = [500, 1_000, 2_000];
const covarianceGoals: Record<number, number> = { 500: 40, 2_000: 600 };
const hrpGoals: Record<number, number> = { 500: 50, 2_000: 1_000 };
const quadraticGoals: Record<number, number> = { 500: 60, 1_000: 250 };

for (const n of sizes) {
  const X = factorReturns(DAYS, n, 1);
  const covariance = sampleCovariance(X, DAYS, n);
  const goal = covarianceGoals[n];
  await bench({ job: `covariance ${DAYS} × ${n}`, ...(goal === undefined ? {} : { goalMs: goal }), rounds: 5 }, [
    { name: 'sextant', run: () => sampleCovariance(X, DAYS, n) },
    ...(n > 500 ? [] : [{ name: 'plain TypeScript', run: () => gramReference(X, DAYS, n) }]),
  ]);
  for (const linkage of ['single', 'ward'] as const) {
    const hrpGoal = hrpGoals[n];
    await bench(
      {
        job: `HRP with covariance, ${linkage}, ${DAYS} × ${n}`,
        ...(hrpGoal === undefined ? {} : { goalMs: hrpGoal }),
        rounds: 5,
      },
      [
        {
          name: 'sextant',
          run: () => {
            const S = sampleCovariance(X, DAYS, n);
            const options = { linkage, distance: 'correlation', leafOrdering: 'none', risk: 'variance' } as const;
            return hierarchicalRiskParity(S, correlationOf(S, n), n, options);
          },
        },
      ],
    );
  }
  if (n > 1_000) continue;
  const assets = Array.from({ length: n }, (_, i) => `A${i}`);
  const sectors = assets.map((_, i) => `S${i % 11}`);
  const variances = assets.map((_, i) => covariance[i * n + i]);
  for (const stated of [{ maxWeight: 0.05 }, { maxWeight: 0.005 }, { maxWeight: 0.05, sectorCap: 0.12 }]) {
    const set = buildFeasibleSet({ assets, sectors, constraints: constraintsSchema.parse(stated) });
    const quadraticGoal = quadraticGoals[n];
    await bench(
      {
        job: `minimum variance ${JSON.stringify(stated)}, ${n} assets`,
        ...(quadraticGoal === undefined ? {} : { goalMs: quadraticGoal }),
        rounds: 5,
      },
      [{ name: 'sextant', run: () => solveOverSet(set, covariance, undefined, variances) }],
    );
  }
}

const n = 500;
const X = factorReturns(3_780, n, 2);
const assets = Array.from({ length: n }, (_, i) => `A${i}`);
const base = { assets, sectors: assets.map(() => ''), constraints: constraintsSchema.parse({}) };
const hrp = bindOptimizer('hrp');
await bench({ job: 'HRP walk-forward, 156 × (252 × 500)', goalMs: 2_000, rounds: 3 }, [
  {
    name: 'sextant',
    run: () => {
      for (let k = 0; k < 156; k++) {
        hrp.optimize({ ...base, returns: X.subarray(k * 21 * n, (k * 21 + 252) * n) });
      }
    },
  },
]);

const correlation = correlationOf(sampleCovariance(X, 3_780, n), n);
await bench({ job: 'eigenvectors 500 × 500', rounds: 3 }, [
  { name: 'sextant', run: () => symmetricEigen(correlation, n) },
]);

const narrow = factorReturns(DAYS, 50, 3);
const set = buildFeasibleSet({
  assets: assets.slice(0, 50),
  sectors: base.sectors.slice(0, 50),
  constraints: base.constraints,
});
const start = new Float64Array(50);
start[0] = 1;
const program = {
  returns: narrow,
  T: DAYS,
  n: 50,
  confidence: 0.95,
  lower: set.lower,
  upper: set.upper,
  rows: setRows(set),
};
await bench({ job: `minimum CVaR ${DAYS} × 50`, rounds: 3 }, [
  { name: 'sextant', run: () => minimizeCvar(program, start) },
]);

const scenarioAssets = assets.slice(0, 470);
const scenarioSectors = scenarioAssets.map((_, i) => `S${i % 11}`);
const scenarioBase = {
  assets: scenarioAssets,
  sectors: scenarioSectors,
  expectedReturns: Float64Array.from(scenarioAssets, (_, i) => 0.01 + 0.01 * Math.sin(i)),
  horizon: 21,
  constraints: constraintsSchema.parse({ maxWeight: 0.05, sectorCap: 0.2 }),
};
const thousand = factorReturns(1_000, 470, 4);
const year = thousand.subarray(0, 252 * 470);
for (const id of ['min-cvar', 'min-mad', 'min-semivariance', 'worst-realization']) {
  await bench({ job: `${id} 1,000 × 470`, ...(id === 'min-cvar' ? { goalMs: 1_000 } : {}), rounds: 3 }, [
    { name: 'sextant', run: () => bindOptimizer(id).optimize({ ...scenarioBase, returns: thousand }) },
  ]);
}
for (const id of ['max-sharpe', 'max-diversification', 'risk-parity', 'max-drawdown', 'min-cdar', 'min-ulcer']) {
  await bench({ job: `${id} 252 × 470`, rounds: 3 }, [
    { name: 'sextant', run: () => bindOptimizer(id).optimize({ ...scenarioBase, returns: year }) },
  ]);
}
