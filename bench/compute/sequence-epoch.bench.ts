/**
 * Sequence training of a fold of 500 names × 1,260 days: each series once, in chunks of 60 days of burn-in and 60 of labels. Two chunks are
 * timed; an epoch has 20 and a fold 30 epochs.
 */
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import type { LstmNetwork } from '#quant/nn/network';
import { bench } from '../harness';

const network: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const [series, days, burnIn, labels, epochs] = [500, 1260, 60, 60, 30];
const length = burnIn + labels;
const chunks = Math.floor((days - burnIn) / labels);
const random = createRandom(1);
const values = Float32Array.from({ length: series * days * 16 }, () => random.normal());
const targets = Float32Array.from({ length: series * labels }, () => random.normal());
const update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
const engine = await loadEngine('wasm');

for (const threads of [1, 2]) {
  const session = await engine.open(
    network,
    { values, series, days, inputs: 16 },
    { seed: 1, largest: { rows: series, steps: length }, checkpointEvery: 0, precision: 'f32', threads },
  );
  const batch = {
    kind: 'sequences' as const,
    series: Uint32Array.from({ length: series }, (_, row) => row),
    start: new Uint32Array(series),
    length,
    burnIn,
    targets,
  };
  const [timing] = await bench({ job: `sequence chunk 500 × (60 + 60), ${threads} thread(s)`, rounds: 2 }, [
    {
      name: 'sextant',
      run: async () => {
        await session.accumulate(batch, { id: 'mse' }, 1);
        await session.update(update);
      },
    },
  ]);
  const minutes = (timing.minMs * chunks * epochs) / 60_000;
  console.log(`LSTM fold in sequence mode, ${threads} thread(s) | ${minutes.toFixed(1)} minutes, goal 15 on two cores`);
  session.dispose();
}
await engine.dispose();
