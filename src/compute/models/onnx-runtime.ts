/**
 * ONNX Runtime as a faster way to answer forecasts: the optional package onnxruntime-node, loaded only where it was asked for. It is given
 * the network alone, since frames arrive scaled, and has to give the golden rows back like any other device. It answers what it was asked to
 * answer or says why not; nothing else answers in its place.
 */
import { createRequire } from 'node:module';
import { AppError } from '#base/errors';
import type { Committee } from './load-model';
import { onnxOf, type OnnxSource } from './onnx';

const PACKAGE = 'onnxruntime-node';
const HELP = `Install it beside Sextant (npm install --ignore-scripts ${PACKAGE}), or leave SEXTANT_INFERENCE out: our own kernels need nothing.`;

/** What is used of the package; declared here because it is usually not installed. onnxruntime-web has the same face. */
export interface OnnxRuntime {
  readonly env: { readonly versions: { readonly common: string } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

interface OnnxTensor {
  readonly data: unknown;
}

interface OnnxSession {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

/** @param load gives the package, or throws as `require` does. Errors: DEVICE_UNAVAILABLE with what is missing. */
export function loadOnnxRuntime(load: () => unknown = () => createRequire(import.meta.url)(PACKAGE)): OnnxRuntime {
  try {
    return load() as OnnxRuntime; // the package's own interface, of which these calls are part
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    const found = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    const reason =
      code === 'MODULE_NOT_FOUND' && found.includes(PACKAGE)
        ? `The optional package ${PACKAGE} is not installed.`
        : `${PACKAGE} is installed and does not load: ${found}.`;
    throw new AppError('DEVICE_UNAVAILABLE', `${reason} ${HELP}`, { cause });
  }
}

/** @param threads of one forecast. Errors: DEVICE_UNAVAILABLE for a graph attention network, which ONNX has no form for. */
export async function onnxCommittee(runtime: OnnxRuntime, source: OnnxSource, threads: number): Promise<Committee> {
  const { manifest, members } = source;
  const { input, network, features } = manifest;
  if (input.kind !== 'windows') {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected an LSTM for ONNX Runtime, found ${network.kind}: a graph has no form there. Leave SEXTANT_INFERENCE out to let our own kernels answer.`,
    );
  }
  const bare = {
    ...manifest,
    features: features.map((feature) => ({ ...feature, mean: 0, deviation: 1 })),
    output: { shift: 0, scale: 1 },
  };
  const session = await runtime.InferenceSession.create(onnxOf({ manifest: bare, members }), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const width = input.lookback * network.inputs;
  return {
    device: `ONNX Runtime ${runtime.env.versions.common}`,
    async answers(inputs) {
      const x = new runtime.Tensor('float32', inputs, [inputs.length / width, input.lookback, network.inputs]);
      const { forecast } = await session.run({ x });
      return Float64Array.from(forecast.data as Float32Array); // the graph's only output, of float32
    },
    dispose: () => void session.release(),
  };
}
