/** One training step of a graph attention layer (16 inputs, 4 × 32 channels, k ≈ 20 neighbours), forward, backward and update, on one thread. */
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import type { GraphBatch, InputTable, Update } from '#quant/nn/engine';
import type { GatNetwork } from '#quant/nn/network';
import { bench } from '../harness';

const network: GatNetwork = {
  kind: 'gat',
  inputs: 16,
  layers: [{ heads: 4, channels: 32, concat: true }],
  negativeSlope: 0.2,
  dropout: 0,
};
const update: Update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };
const random = createRandom(1);

function problem(nodes: number): { table: InputTable; batch: GraphBatch } {
  const rowStart = [0];
  const columns: number[] = [];
  for (let i = 0; i < nodes; i++) {
    const seen = new Set([i]);
    for (let k = 0; k < 20; k++) seen.add(random.integer(nodes));
    columns.push(...[...seen].sort((a, b) => a - b));
    rowStart.push(columns.length);
  }
  const values = Float32Array.from({ length: nodes * 16 }, () => random.normal());
  return {
    table: { values, series: nodes, days: 1, inputs: 16 },
    batch: {
      kind: 'graph',
      series: Uint32Array.from({ length: nodes }, (_, i) => i),
      day: 0,
      rowStart: Uint32Array.from(rowStart),
      columns: Uint32Array.from(columns),
      targets: Float32Array.from({ length: nodes }, () => random.normal()),
    },
  };
}

const engine = await loadEngine('wasm');
for (const [nodes, goalMs] of [
  [500, 1.5],
  [2000, 5],
]) {
  const { table, batch } = problem(nodes);
  const largest = { rows: nodes, steps: 1, edges: batch.columns.length };
  const options = { seed: 1, largest, checkpointEvery: 0, precision: 'f32' as const };
  const session = await engine.open(network, table, options);
  const strict = await engine.open(network, table, { ...options, strict: true });
  const pair = await engine.open({ ...network, layers: [...network.layers, ...network.layers] }, table, options);
  const step = (on: typeof session) => async () => {
    await on.accumulate(batch, { id: 'mse' }, 1);
    await on.update(update);
  };
  await bench({ job: `GAT step N ${nodes}, E ${batch.columns.length}`, goalMs, rounds: 41, warmups: 20 }, [
    { name: 'one layer', run: step(session) },
    { name: 'forward only', run: () => session.predict(batch) },
    { name: 'strict build', run: step(strict) },
    { name: 'two layers', run: step(pair) },
  ]);
  for (const each of [session, strict, pair]) each.dispose();
}
await engine.dispose();
