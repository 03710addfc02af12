/**
 * One training step of the LSTM of the goal table (B 512, T 60, F 16, H 64, 2 layers): share of the processor's limit for 128-bit fused
 * multiply-adds measured in the same rounds, one thread against two, checkpointing, and bytes of garbage per step.
 */
import { loadEngine } from '#compute/nn/engines';
import { createRandom } from '#quant/array/random';
import type { InputTable, NetworkSession, SessionOptions, Update, WindowBatch } from '#quant/nn/engine';
import type { LstmNetwork } from '#quant/nn/network';
import { bench } from '../harness';
import { measureCeiling } from './fma-ceiling';

const [ROWS, STEPS] = [512, 60];
const network: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };
const update: Update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };
/** Multiply-adds count twice: forward, and twice that backward, less the gradient of the first layer's inputs. */
const FLOPS = ROWS * STEPS * 4 * 64 * 2 * (3 * (16 + 64) + 3 * (64 + 64) - 16);

const random = createRandom(1);
const [series, days] = [500, 300];
const table: InputTable = {
  values: Float32Array.from({ length: series * days * 16 }, () => random.normal()),
  series,
  days,
  inputs: 16,
};
const batch: WindowBatch = {
  kind: 'windows',
  series: Uint32Array.from({ length: ROWS }, () => random.integer(series)),
  end: Uint32Array.from({ length: ROWS }, () => STEPS - 1 + random.integer(days - STEPS)),
  lookback: STEPS,
  targets: Float32Array.from({ length: ROWS }, () => random.normal()),
  groups: Uint32Array.of(0, ROWS),
};

const engine = await loadEngine('wasm');
const open = (stated: Partial<SessionOptions> = {}, net = network): Promise<NetworkSession> =>
  engine.open(net, table, {
    seed: 1,
    largest: { rows: ROWS, steps: STEPS },
    checkpointEvery: 0,
    precision: 'f32',
    threads: 1,
    ...stated,
  });
const stepOf = (session: NetworkSession) => async () => {
  await session.accumulate(batch, { id: 'mse' }, 1);
  await session.update(update);
};

const sessions = {
  one: await open(),
  two: await open({ threads: 2 }),
  strict: await open({ strict: true }),
  checkpointed: await open({ checkpointEvery: 8 }),
  dropout: await open({}, { ...network, dropout: 0.2 }),
};
const ceilings: number[] = [];
const timings = await bench({ job: 'LSTM step B 512, T 60, F 16, H 64, 2 layers', rounds: 5, warmups: 2 }, [
  { name: 'one thread', run: stepOf(sessions.one) },
  { name: 'two threads', run: stepOf(sessions.two) },
  { name: 'strict build', run: stepOf(sessions.strict) },
  { name: 'every 8th state kept', run: stepOf(sessions.checkpointed) },
  { name: 'dropout 0.2', run: stepOf(sessions.dropout) },
  { name: 'IC loss (forward twice)', run: () => sessions.one.accumulate(batch, { id: 'ic' }, 1) },
  { name: 'forward only', run: () => sessions.one.predict(batch) },
  { name: 'ceiling', run: () => ceilings.push(measureCeiling()) },
]);
const rate = FLOPS / timings[0].medianMs / 1e6;
const ceiling = ceilings.sort((a, b) => a - b)[ceilings.length >> 1];
console.log(
  `LSTM step | ${rate.toFixed(1)} GFLOP/s, ${((100 * rate) / ceiling).toFixed(0)} % of this core's ${ceiling.toFixed(1)} (goal 60 %); ` +
    `two threads ${(timings[0].medianMs / timings[1].medianMs).toFixed(2)} × (goal 1.9)`,
);

/** Processor time of a step, all threads together: what threads cost beside the work, whoever else uses the machine. */
async function processorMs(session: NetworkSession): Promise<number> {
  const start = process.cpuUsage();
  for (let k = 0; k < 4; k++) await stepOf(session)();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 4000;
}
const [alone, together] = [await processorMs(sessions.one), await processorMs(sessions.two)];
console.log(
  `LSTM step | processor time ${alone.toFixed(0)} ms on one thread, ${together.toFixed(0)} ms on two: at best ${((2 * alone) / together).toFixed(2)} ×`,
);

const step = stepOf(sessions.one);
await sessions.one.measured();
globalThis.gc?.();
const before = process.memoryUsage();
const STEPS_COUNTED = 20;
for (let k = 0; k < STEPS_COUNTED; k++) await step();
const garbage = (process.memoryUsage().heapUsed - before.heapUsed) / STEPS_COUNTED;
console.log(
  `LSTM step | ${Math.round(garbage)} bytes of JavaScript objects per step, whatever its size: promises, timers and measurements; kernels make none`,
);
for (const session of Object.values(sessions)) session.dispose();
await engine.dispose();
