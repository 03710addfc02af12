/**
 * TensorFlow.js for cards that CUDA 11 still drives: the optional package @tensorflow/tfjs-node-gpu. It was last released for
 * older Nodes and calls functions of node:util that Node 23 removed; they are put back before it is loaded. A package that sees no card
 * would compute on the processor without a word: it is refused.
 */
import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { AppError } from '#base/errors';

const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** Errors: DEVICE_UNAVAILABLE where the package is not installed, or its native part finds no CUDA. */
export async function loadTensorFlow(): Promise<{ readonly tf: typeof TensorFlow; readonly device: string }> {
  const require = createRequire(import.meta.url);
  putBack(require('node:util') as Record<string, unknown>); // a module's exports are an object of functions
  try {
    const tf = require(PACKAGE) as typeof TensorFlow; // the package exports the core's operations, among others
    await tf.ready();
    // TensorFlow's binding says this of its backend; the core's type does not know it.
    const { isUsingGpuDevice } = tf.backend() as { readonly isUsingGpuDevice?: boolean };
    if (isUsingGpuDevice !== true) throw new Error('its CUDA 11.2 sees no card here');
    return { tf, device: `TensorFlow.js ${tf.version_core} (${tf.getBackend()})` };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected the optional package ${PACKAGE} with CUDA 11, found: ${reason}. Install it with "npm run gpu:cuda", or choose the engine wgsl or wasm.`,
      { cause },
    );
  }
}

/** What tfjs-node calls of node:util and Node 23 has no more. */
export function putBack(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
