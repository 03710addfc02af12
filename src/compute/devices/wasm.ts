/** The rung that works everywhere: our WebAssembly kernels on the processor. */
import { availableParallelism, totalmem } from 'node:os';
import { AppError } from '#base/errors';
import type { DeviceProbe, DeviceRungState } from '#contract/devices';
import { loadEngine } from '../nn/engines';
import { FIRST_FREE_BYTE } from '../nn/wasm/control';
import { instantiate } from '../nn/wasm/kernel-exports';
import { kernelModule, LARGEST_MEMORY, sharedMemory } from '../nn/wasm/kernels';
import { LSTM_STEP, measureLstmStep } from './lstm-step';
import { fastest, gigaPerSecond } from './stopwatch';

const SIDE = 256;
const COPIED_BYTES = 32 * 2 ** 20;

export async function probe(): Promise<DeviceRungState> {
  const threads = availableParallelism();
  const state = {
    rung: 'wasm',
    title: 'WebAssembly on the processor',
    adapter: null,
    limits: { threads, sessionBytes: LARGEST_MEMORY, memoryBytes: totalmem() },
  } as const;
  try {
    const measured = await measure(threads);
    return { ...state, status: 'works', reason: null, probe: measured };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...state, status: 'unavailable', reason: error.message, probe: null };
  }
}

async function measure(threads: number): Promise<DeviceProbe> {
  const start = performance.now();
  const matmulGflops = await matmul();
  const engine = await loadEngine('wasm');
  try {
    const lstmStepMs = await measureLstmStep(engine, threads);
    const copyGBs = await copy();
    return { matmulGflops, lstmStepMs, lstmStep: LSTM_STEP, copyGBs, seconds: (performance.now() - start) / 1000 };
  } finally {
    await engine.dispose();
  }
}

/** One thread. Row-major factors are packed in panels of eight columns; the values do not matter for the time. */
async function matmul(): Promise<number> {
  const bytes = SIDE * SIDE * 4;
  const kernels = instantiate(kernelModule('relaxed'), sharedMemory(FIRST_FREE_BYTE + 3 * bytes));
  const [A, B, C] = [0, 1, 2].map((k) => FIRST_FREE_BYTE + k * bytes);
  const row = SIDE * 4;
  const repeats = 8;
  const ms = await fastest(() => {
    for (let k = 0; k < repeats; k++) kernels.multiply(A, row, 32, B, C, row, 32, SIDE, SIDE, SIDE, 0, 0);
  });
  return gigaPerSecond(repeats * 2 * SIDE ** 3, ms);
}

async function copy(): Promise<number> {
  const from = new Uint8Array(COPIED_BYTES).fill(1);
  const to = new Uint8Array(COPIED_BYTES);
  return gigaPerSecond(2 * COPIED_BYTES, await fastest(() => to.set(from)));
}
