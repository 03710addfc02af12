/**
 * The rung of older NVIDIA cards: TensorFlow through the optional package @tensorflow/tfjs-node-gpu, which `npm run gpu:cuda` installs.
 * It binds TensorFlow 2.9 and CUDA 11.2, so cards newer than that CUDA are out of its reach.
 */
import { createRequire } from 'node:module';
import type * as TensorFlowCore from '@tensorflow/tfjs-core';
import type { DeviceProbe, DeviceRungState } from '#contract/devices';
import { putBack } from '../nn/tf/load-tensorflow';
import { tfEngine } from '../nn/tf/tf-engine';
import { LSTM_STEP, measureLstmStep } from './lstm-step';
import { fastest, gigaPerSecond } from './stopwatch';

/** The few calls that a probe makes; declared here because the package is usually not installed. */
interface TensorFlow {
  ready(): Promise<void>;
  getBackend(): string;
  backend(): { isUsingGpuDevice?: boolean };
  randomNormal(shape: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  add(a: Tensor, b: number): Tensor;
}

interface Tensor {
  data(): Promise<unknown>;
  dispose(): void;
}

const PACKAGE = '@tensorflow/tfjs-node-gpu';
const SIDE = 2048;
const COPIED = 16 * 2 ** 20;

const HELP =
  '`npm run gpu:cuda` installs it; it drives cards up to those of CUDA 11.2 (not the RTX 50 series) and is not needed where webgpu works.';

/** `load` gives the package, or throws as `require` does. */
export async function probe(load: () => unknown = requirePackage): Promise<DeviceRungState> {
  const state = { rung: 'tfjs-node-gpu', title: 'CUDA 11 through TensorFlow', adapter: null, limits: {} } as const;
  const unavailable = (reason: string): DeviceRungState => ({ ...state, status: 'unavailable', reason, probe: null });
  let tf: TensorFlow;
  try {
    putBack(createRequire(import.meta.url)('node:util') as Record<string, unknown>); // a module's exports are an object of functions
    tf = load() as TensorFlow; // the package's own interface, of which these calls are part
    await tf.ready();
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const found = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return unavailable(
      code === 'MODULE_NOT_FOUND' && found.includes(PACKAGE)
        ? `The optional package ${PACKAGE} is not installed. ${HELP}`
        : `${PACKAGE} is installed and does not load: ${found}. It needs CUDA 11.2 and cuDNN 8.1. ${HELP}`,
    );
  }
  if (tf.getBackend() !== 'tensorflow' || tf.backend().isUsingGpuDevice !== true) {
    return unavailable(
      `${PACKAGE} loads and sees no card: its CUDA 11.2 does not drive what is installed here. ${HELP}`,
    );
  }
  return { ...state, status: 'works', reason: null, probe: await measure(tf) };
}

function requirePackage(): unknown {
  return createRequire(import.meta.url)(PACKAGE);
}

async function measure(tf: TensorFlow): Promise<DeviceProbe> {
  const start = performance.now();
  const [a, b, vector] = [tf.randomNormal([SIDE, SIDE]), tf.randomNormal([SIDE, SIDE]), tf.randomNormal([COPIED])];
  const matmulMs = await fastest(() => finish(tf.matMul(a, b)));
  const copyMs = await fastest(() => finish(tf.add(vector, 0)));
  for (const tensor of [a, b, vector]) tensor.dispose();
  const lstmStepMs = await lstmStep(tf);
  return {
    matmulGflops: gigaPerSecond(2 * SIDE ** 3, matmulMs),
    lstmStepMs,
    lstmStep: lstmStepMs === null ? 'not measured' : LSTM_STEP,
    copyGBs: gigaPerSecond(2 * 4 * COPIED, copyMs),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Null where the package cannot take the network. */
async function lstmStep(tf: TensorFlow): Promise<number | null> {
  const engine = tfEngine(tf as unknown as typeof TensorFlowCore, PACKAGE); // the package exports the core's operations, among others
  try {
    return await measureLstmStep(engine, 1);
  } catch {
    return null;
  } finally {
    await engine.dispose();
  }
}

/** Waits for a result on the device by reading it. */
async function finish(tensor: Tensor): Promise<void> {
  await tensor.data();
  tensor.dispose();
}
