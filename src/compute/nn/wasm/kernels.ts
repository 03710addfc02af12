/** The compiled kernels: two builds of the same sources, and the memory that all threads of a session share. */
import { AppError } from '#base/errors';
import { bytes as relaxedBytes } from './kernels/kernels.as.ts?compiled=relaxed';
import { bytes as strictBytes } from './kernels/kernels.as.ts?compiled=strict';

/** `relaxed`: fused multiply-adds, fast; `strict`: the same bits on every machine. */
export type Build = 'relaxed' | 'strict';

export const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach, less a page that keeps the sum of an address and a size from wrapping. */
export const LARGEST_MEMORY = 4 * 1024 ** 3 - PAGE_BYTES;

const modules = new Map<Build, WebAssembly.Module>();

/** Errors: DEVICE_UNAVAILABLE where this runtime has no SIMD of that build (relaxed: Node 20 and older). */
export function kernelModule(build: Build): WebAssembly.Module {
  const known = modules.get(build);
  if (known !== undefined) return known;
  try {
    const module = new WebAssembly.Module(build === 'strict' ? strictBytes : relaxedBytes);
    modules.set(build, module);
    return module;
  } catch (cause) {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected WebAssembly with SIMD and threads for the ${build} build, found Node ${process.version}. Use Node 24 or the strict build.`,
      { cause },
    );
  }
}

/** Errors: TOO_LARGE where 32-bit addresses do not reach that far, or the system does not give that much. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const advice = 'Use smaller micro-batches, checkpointing, or fewer series at once.';
  if (bytes > LARGEST_MEMORY) {
    throw new AppError(
      'TOO_LARGE',
      `Expected a training session of at most ${LARGEST_MEMORY} bytes, found ${bytes}. ${advice}`,
    );
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new AppError('TOO_LARGE', `Expected ${bytes} bytes for a training session; the system gave none. ${advice}`, {
      cause,
    });
  }
}
