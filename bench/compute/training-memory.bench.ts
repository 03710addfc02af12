/**
 * Memory of LSTM training at B 4,096 (T 60, F 16, H 64, 2 layers): what the plan says against what the process takes more than before,
 * at its peak, with all states kept and with every 8th.
 */
import { loadEngine } from '#compute/nn/engines';
import type { LstmNetwork } from '#quant/nn/network';

const network: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const [rows, steps, series, days] = [4096, 60, 500, 1260];
const table = { values: new Float32Array(series * days * 16).fill(0.1), series, days, inputs: 16 };
const batch = {
  kind: 'windows' as const,
  series: Uint32Array.from({ length: rows }, (_, row) => row % series),
  end: Uint32Array.from({ length: rows }, (_, row) => steps + (row % 1000)),
  lookback: steps,
  targets: new Float32Array(rows).fill(0.1),
  groups: Uint32Array.of(0, rows),
};
const update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null };
const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);

const engine = await loadEngine('wasm');
// Code and compiled kernels are loaded before anything is measured.
const warm = { seed: 1, largest: { rows: 8, steps }, checkpointEvery: 0, precision: 'f32' as const, threads: 1 };
const small = await engine.open(network, { ...table, values: table.values.subarray(0, days * 16), series: 1 }, warm);
const few = { ...batch, series: new Uint32Array(8), end: batch.end.slice(0, 8), targets: new Float32Array(8) };
for (let k = 0; k < 20; k++) await small.accumulate({ ...few, groups: Uint32Array.of(0, 8) }, { id: 'mse' }, 1);
small.dispose();
for (const checkpointEvery of [0, 8]) {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const options = { seed: 1, largest: { rows, steps }, checkpointEvery, precision: 'f32' as const, threads: 1 };
  const session = await engine.open(network, table, options);
  await session.accumulate(batch, { id: 'mse' }, 1);
  await session.update(update);
  const grown = process.memoryUsage().rss - before;
  const { total, activations } = session.memory;
  console.log(
    `LSTM memory B 4,096, ${checkpointEvery === 0 ? 'all states kept' : `every ${checkpointEvery}th kept`} | planned ${mega(total)} MB ` +
      `(activations ${mega(activations)}), the process grew by ${mega(grown)} MB: ${((100 * grown) / total).toFixed(0)} % of the plan`,
  );
  session.dispose();
}
await engine.dispose();
