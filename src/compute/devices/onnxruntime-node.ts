/**
 * The rung that forecasts and does not train: ONNX Runtime through the optional package onnxruntime-node. Sealed models answer on it where
 * SEXTANT_INFERENCE asks for it.
 */
import { availableParallelism } from 'node:os';
import { AppError } from '#base/errors';
import type { DeviceRungState } from '#contract/devices';
import { initialState } from '#quant/nn/initialize';
import type { LstmNetwork } from '#quant/nn/network';
import { loadOnnxRuntime, onnxCommittee, type OnnxRuntime } from '../models/onnx-runtime';
import { fastest } from './stopwatch';

const NAMES = 500;
const LOOKBACK = 60;
const NETWORK: LstmNetwork = { kind: 'lstm', inputs: 16, hidden: 64, layers: 2, dropout: 0, layerNorm: false };

/** @param load gives the package, or throws as `require` does */
export async function probe(load?: () => unknown): Promise<DeviceRungState> {
  const threads = availableParallelism();
  const state = {
    rung: 'onnxruntime-node',
    title: 'ONNX Runtime',
    adapter: null,
    limits: { threads },
  } as const;
  let runtime: OnnxRuntime;
  try {
    runtime = loadOnnxRuntime(load);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...state, status: 'unavailable', reason: error.message, probe: null };
  }
  const start = performance.now();
  const ms = await forecastMs(runtime, threads);
  const probed = {
    matmulGflops: null,
    lstmStepMs: null,
    lstmStep: 'not measured: it does not train',
    copyGBs: null,
    seconds: (performance.now() - start) / 1000,
  };
  const title = `ONNX Runtime: forecast of ${NAMES} names ${ms.toFixed(1)} ms`;
  return { ...state, title, status: 'works', reason: null, probe: probed };
}

/** The cross-section of the latency benchmark. */
async function forecastMs(runtime: OnnxRuntime, threads: number): Promise<number> {
  const { inputs } = NETWORK;
  const features = Array.from({ length: inputs }, (_, k) => ({
    name: `f${k}`,
    dtype: 'float32' as const,
    unit: '',
    mean: 0,
    deviation: 1,
    minimum: -1,
    maximum: 1,
  }));
  const manifest = {
    model: 'probe',
    network: NETWORK,
    input: { kind: 'windows', lookback: LOOKBACK },
    features,
    output: { shift: 0, scale: 1 },
  } as const;
  const { parameters } = initialState(NETWORK, 1);
  const committee = await onnxCommittee(runtime, { manifest, members: [parameters] }, threads);
  try {
    const frame = Float32Array.from({ length: NAMES * LOOKBACK * inputs }, (_, k) => Math.sin(k));
    return await fastest(async () => void (await committee.answers(frame, undefined)));
  } finally {
    committee.dispose();
  }
}
