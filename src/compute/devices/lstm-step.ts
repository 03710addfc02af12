/** One training step of a probe network on any engine: the same work on every rung, so that their times compare. */
import { createRandom } from '#quant/array/random';
import type { InputTable, NetworkEngine, SessionOptions, Update, WindowBatch } from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import type { LstmNetwork } from '#quant/nn/network';
import { fastest } from './stopwatch';

const [ROWS, STEPS, INPUTS] = [256, 60, 16];
const network: LstmNetwork = { kind: 'lstm', inputs: INPUTS, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const update: Update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };

export const LSTM_STEP = `batch ${ROWS}, ${STEPS} days, ${INPUTS} features, hidden 64, 2 layers`;

/** Milliseconds of the fastest of a few steps, the wait for the device included. Errors: those of the engine. */
export async function measureLstmStep(engine: NetworkEngine, threads: number): Promise<number> {
  const random = createRandom(1);
  const [series, days] = [50, 120];
  const values = Float32Array.from({ length: series * days * INPUTS }, () => random.normal());
  const table: InputTable = { values, series, days, inputs: INPUTS };
  const batch: WindowBatch = {
    kind: 'windows',
    series: Uint32Array.from({ length: ROWS }, () => random.integer(series)),
    end: Uint32Array.from({ length: ROWS }, () => STEPS - 1 + random.integer(days - STEPS)),
    lookback: STEPS,
    targets: Float32Array.from({ length: ROWS }, () => random.normal()),
    groups: Uint32Array.of(0, ROWS),
  };
  const options: SessionOptions = {
    seed: 1,
    largest: { rows: ROWS, steps: STEPS },
    checkpointEvery: 0,
    precision: 'f32',
    threads,
  };
  const session = await engine.open(network, table, options);
  try {
    await session.write(initialState(network, 1));
    return await fastest(async () => {
      await session.accumulate(batch, { id: 'mse' }, 1);
      await session.update(update);
      await session.measured();
    });
  } finally {
    session.dispose();
  }
}
