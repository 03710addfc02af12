/**
 * A fold of graph attention on 500 names: the graph of one date from its trailing returns, and one update of eight dates. A fold of 504
 * training days at stride 5 has 80 training dates, and 60 epochs of 10 updates per seed.
 */
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import { associations } from '#quant/graphs/association';
import { compressedRows, triangulatedGraph } from '#quant/graphs/filtered-graph';
import type { GatNetwork } from '#quant/nn/network';
import { bench } from '../harness';

const [N, window, features, dates, epochs, perUpdate] = [500, 126, 16, 80, 60, 8];
const network: GatNetwork = {
  kind: 'gat',
  inputs: features,
  layers: [
    { heads: 4, channels: 32, concat: true },
    { heads: 4, channels: 32, concat: false },
  ],
  negativeSlope: 0.2,
  dropout: 0,
};
const random = createRandom(1);
const returns = new Float64Array(window * N);
for (let t = 0; t < window; t++) {
  const market = 0.01 * random.normal();
  for (let i = 0; i < N; i++) returns[t * N + i] = market + 0.02 * random.normal();
}
const graph = () => compressedRows(triangulatedGraph(associations(returns, N, 'correlation'), N), N);
const edges = graph();
const values = Float32Array.from({ length: N * features }, () => random.normal());
const targets = Float32Array.from({ length: N }, () => random.normal());
const update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
const engine = await loadEngine('wasm');
const session = await engine.open(
  network,
  { values, series: N, days: 1, inputs: features },
  { seed: 1, largest: { rows: N, steps: 1, edges: edges.columns.length }, checkpointEvery: 0, precision: 'f32' },
);
const batch = {
  kind: 'graph' as const,
  series: Uint32Array.from({ length: N }, (_, i) => i),
  day: 0,
  ...edges,
  targets,
};
const [made] = await bench({ job: 'graph of 500 names, 126 days, TMFG', rounds: 3 }, [{ name: 'sextant', run: graph }]);
const [step] = await bench({ job: 'update of 8 graphs of 500 names', rounds: 5 }, [
  {
    name: 'sextant',
    run: async () => {
      for (let k = 0; k < perUpdate; k++) await session.accumulate(batch, { id: 'ic' }, 1 / perUpdate);
      await session.update(update);
    },
  },
]);
const seconds = (made.minMs * dates + step.minMs * epochs * (dates / perUpdate)) / 1000;
console.log(`GAT fold, 60 epochs, one seed | ${seconds.toFixed(0)} seconds, goal 300 on two cores`);
session.dispose();
await engine.dispose();
