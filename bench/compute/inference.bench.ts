/**
 * Latency of a forecast (60 days, 16 features, hidden 64, 2 layers) for one cross-section of 500 names and for one name, warm: 95th percentiles,
 * the network's weights and the feature table resident. Beside our kernels ONNX Runtime, where onnxruntime-node is installed (or on NODE_PATH).
 */
import { loadOnnxRuntime, onnxCommittee } from '#compute/models/onnx-runtime';
import { sampleBundle } from '#compute/models/sample-bundle.test-data';
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import { initialState } from '#quant/nn/initialize';
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

const CASES = [
  [500, 40, 100],
  [1, 400, 2],
] as const;

async function latency(who: string, ask: (rows: number) => Promise<unknown>): Promise<void> {
  for (const [rows, rounds, goalMs] of CASES) {
    for (let k = 0; k < rounds / 10; k++) await ask(rows);
    const times = new Float64Array(rounds);
    for (let k = 0; k < rounds; k++) {
      const start = performance.now();
      await ask(rows);
      times[k] = performance.now() - start;
    }
    times.sort();
    const at = (share: number): string => times[Math.min(rounds - 1, Math.floor(share * rounds))].toFixed(2);
    console.log(
      `LSTM forecast, ${rows} names, ${who} | least ${at(0)} ms, median ${at(0.5)} ms, p95 ${at(0.95)} ms, goal ${goalMs} ms`,
    );
  }
}

async function onnxRuntime(threads: number): Promise<void> {
  const { manifest, golden } = sampleBundle();
  const input = { kind: 'windows', lookback } as const;
  const features = Array.from({ length: 16 }, (_, k) => ({ ...manifest.features[0], name: `f${k}` }));
  const bundle = { manifest: { ...manifest, network, input, features }, members: [parameters], golden };
  try {
    const committee = await onnxCommittee(loadOnnxRuntime(), bundle, threads);
    const frames = new Map<number, Float32Array>(CASES.map(([rows]) => [rows, values.slice(0, rows * lookback * 16)]));
    await latency(`${committee.device}, ${threads} thread(s)`, async (rows) =>
      committee.answers(frames.get(rows) ?? values, undefined),
    );
    committee.dispose();
  } catch (error) {
    console.log(`ONNX Runtime was not measured: ${String(error)}`);
  }
}

const { parameters } = initialState(network, 1);
for (const threads of [1, 2]) {
  const session = await engine.open(
    network,
    { values, series, days, inputs: 16 },
    { seed: 1, largest: { rows: series, steps: lookback }, checkpointEvery: 0, precision: 'f32', threads },
  );
  const batches = new Map<number, ReturnType<typeof batchOf>>(CASES.map(([rows]) => [rows, batchOf(rows)]));
  await latency(`our kernels, ${threads} thread(s)`, (rows) => session.predict(batches.get(rows) ?? batchOf(rows)));
  session.dispose();
  await onnxRuntime(threads);
}
await engine.dispose();
