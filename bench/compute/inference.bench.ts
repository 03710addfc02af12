/**
 * Latency of a forecast (60 days, 16 features, hidden 64, 2 layers) for one cross-section of 500 names and for one name, warm: 95th percentiles,
 * the network's weights and the feature table resident.
 */
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import type { LstmNetwork } from '#quant/nn/network';

const network: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const [series, days, lookback] = [500, 120, 60];
const random = createRandom(1);
const values = Float32Array.from({ length: series * days * 16 }, () => random.normal());
const engine = await loadEngine('wasm');

function batchOf(rows: number) {
  return {
    kind: 'windows' as const,
    series: Uint32Array.from({ length: rows }, (_, row) => row),
    end: new Uint32Array(rows).fill(days - 1),
    lookback,
    groups: Uint32Array.of(0, rows),
  };
}

for (const threads of [1, 2]) {
  const session = await engine.open(
    network,
    { values, series, days, inputs: 16 },
    { seed: 1, largest: { rows: series, steps: lookback }, checkpointEvery: 0, precision: 'f32', threads },
  );
  for (const [rows, rounds, goalMs] of [
    [500, 40, 100],
    [1, 400, 2],
  ]) {
    const batch = batchOf(rows);
    for (let k = 0; k < rounds / 10; k++) await session.predict(batch);
    const times = new Float64Array(rounds);
    for (let k = 0; k < rounds; k++) {
      const start = performance.now();
      await session.predict(batch);
      times[k] = performance.now() - start;
    }
    times.sort();
    const at = (share: number): string => times[Math.min(rounds - 1, Math.floor(share * rounds))].toFixed(2);
    console.log(
      `LSTM forecast, ${rows} names, ${threads} thread(s) | median ${at(0.5)} ms, p95 ${at(0.95)} ms, goal ${goalMs} ms`,
    );
  }
  session.dispose();
}
await engine.dispose();
