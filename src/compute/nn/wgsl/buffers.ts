/** Device memory of a session as a list made from shapes alone: the plan and the allocation are the same list. */
import { AppError } from '#base/errors';
import type { MemoryUse } from '#quant/nn/engine';
import type { WgslDevice } from './device';

export interface BufferSpec {
  readonly name: string;
  readonly bytes: number;
  readonly holds: Exclude<keyof MemoryUse, 'total'>;
  readonly isUniform?: boolean;
}

/** Values of `GPUBufferUsage`, which Node has no global for. */
const MAP_READ = 1;
const COPY_SRC = 4;
const COPY_DST = 8;
const UNIFORM = 64;
const STORAGE = 128;

/** Bytes of whole vectors, at least one: WebGPU refuses empty bindings. */
export const vectorBytes = (floats: number): number => 16 * Math.max(1, Math.ceil(floats / 4));

/** Offsets of bindings are multiples of this. */
export const ALIGNMENT = 256;

export const aligned = (bytes: number): number => ALIGNMENT * Math.ceil(bytes / ALIGNMENT);

export function memoryOf(specs: readonly BufferSpec[]): MemoryUse {
  const use = { parameters: 0, optimizer: 0, activations: 0, workspace: 0, inputs: 0 };
  for (const { bytes, holds } of specs) use[holds] += bytes;
  return { ...use, total: Object.values(use).reduce((a, b) => a + b, 0) };
}

export type DeviceBuffers = ReadonlyMap<string, GPUBuffer>;

/** Errors: TOO_LARGE, before anything is allocated where a buffer is beyond the device's limits, or because the memory is not there. */
export async function allocate({ device }: WgslDevice, specs: readonly BufferSpec[]): Promise<DeviceBuffers> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  for (const { name, bytes } of specs)
    if (bytes > limit) throw tooLarge(name, bytes, `at most ${mebibytes(limit)}`, 'limit');
  device.pushErrorScope('out-of-memory');
  const buffers = new Map(
    specs.map(({ name, bytes, isUniform }) => {
      const usage = (isUniform === true ? UNIFORM : STORAGE) | COPY_SRC | COPY_DST;
      return [name, device.createBuffer({ label: name, size: bytes, usage })];
    }),
  );
  const error = await device.popErrorScope();
  if (error === null) return buffers;
  release(buffers);
  const { total } = memoryOf(specs);
  throw tooLarge('the session', total, 'less free memory on the graphics card', 'out-of-memory');
}

export function release(buffers: DeviceBuffers): void {
  for (const buffer of buffers.values()) buffer.destroy();
}

/** A buffer that the processor can read, for one copy of `bytes`. */
export function readableBuffer(device: GPUDevice, bytes: number): GPUBuffer {
  return device.createBuffer({ label: 'read', size: bytes, usage: MAP_READ | COPY_DST });
}

function tooLarge(what: string, bytes: number, found: string, reason: string): AppError {
  return new AppError(
    'TOO_LARGE',
    `Expected room for ${mebibytes(bytes)} (${what}), found ${found}. Use smaller micro-batches or keep fewer states.`,
    { data: { reason, bytes } },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
