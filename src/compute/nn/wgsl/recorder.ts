/**
 * Puts dispatches into command buffers: several steps share one submission, their batches and numbers lie in slots of their own until then.
 * At most two submissions are under way, so that the queue cannot run away from the loop that feeds it.
 */
import { aligned, ALIGNMENT, type DeviceBuffers } from './buffers';
import type { WgslDevice } from './device';
import type { CompiledKernel, Kernel } from './kernel';
import { HYPER_FLOATS } from './optimizer-kernels';

/** Batches, and updates, of one submission. */
export const SLOTS = 4;
const MAX_UNDER_WAY = 2;

export interface RecorderCounts {
  dispatches: number;
  submissions: number;
}

/** Buffers that stand in for the session's own in one pass. */
export type Replacements = ReadonlyMap<string, GPUBuffer>;

const NONE: Replacements = new Map();

export class Recorder {
  readonly counts: RecorderCounts = { dispatches: 0, submissions: 0 };
  readonly #gpu: WgslDevice;
  readonly #buffers: DeviceBuffers;
  readonly #slotBytes: number;
  readonly #groups = new Map<CompiledKernel, Map<number, GPUBindGroup>>();
  readonly #underWay: Promise<unknown>[] = [];
  readonly #hyper = new Float32Array(HYPER_FLOATS);
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #batches = 0;
  #updates = 0;

  constructor(gpu: WgslDevice, buffers: DeviceBuffers, batchWords: number) {
    this.#gpu = gpu;
    this.#buffers = buffers;
    this.#slotBytes = aligned(4 * batchWords);
  }

  /** Takes the next slot for a batch; what is dispatched afterwards reads it. */
  async beginBatch(words: Uint32Array<ArrayBuffer>, count: number): Promise<void> {
    if (this.#batches === SLOTS) await this.submit();
    this.#write('batches', this.#batches * this.#slotBytes, words, count);
    this.#batches++;
  }

  async beginUpdate(fill: (hyper: Float32Array) => void): Promise<void> {
    if (this.#updates === SLOTS) await this.submit();
    fill(this.#hyper);
    this.#write('hyper', this.#updates * ALIGNMENT, this.#hyper, HYPER_FLOATS);
    this.#updates++;
  }

  dispatch(kernel: Kernel, x: number, y = 1, segment = 0, replaced: Replacements = NONE): void {
    const compiled = this.#gpu.kernels.compile(kernel);
    this.#encoder ??= this.#gpu.device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(compiled.pipeline);
    this.#pass.setBindGroup(0, this.#bindGroup(compiled, segment, replaced));
    this.#pass.dispatchWorkgroups(x, y);
    this.counts.dispatches++;
  }

  copy(from: GPUBuffer, to: GPUBuffer, bytes: number, toOffset = 0): void {
    this.#endPass();
    this.#encoder ??= this.#gpu.device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(from, 0, to, toOffset, bytes);
  }

  /** Hands over what was recorded; waits only where two submissions are under way already. Errors: those of the device. */
  async submit(): Promise<void> {
    this.#gpu.check();
    this.#batches = 0;
    this.#updates = 0;
    this.#endPass();
    if (this.#encoder === null) return;
    const { queue } = this.#gpu.device;
    queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.counts.submissions++;
    const done = queue.onSubmittedWorkDone();
    done.catch(() => {}); // a lost device is told by whoever waits
    this.#underWay.push(done);
    const oldest = this.#underWay.length > MAX_UNDER_WAY ? this.#underWay.shift() : undefined;
    if (oldest !== undefined) await this.#gpu.whileAlive(oldest);
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #write(name: string, offset: number, values: Uint32Array<ArrayBuffer> | Float32Array, count: number): void {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) return;
    this.#gpu.device.queue.writeBuffer(buffer, offset, values.buffer as ArrayBuffer, values.byteOffset, 4 * count); // both are made here, not shared
  }

  #bindGroup(compiled: CompiledKernel, segment: number, replaced: Replacements): GPUBindGroup {
    const batch = Math.max(0, this.#batches - 1);
    const update = Math.max(0, this.#updates - 1);
    const key = (segment * SLOTS + batch) * SLOTS + update;
    const known = this.#groups.get(compiled) ?? new Map<number, GPUBindGroup>();
    this.#groups.set(compiled, known);
    const held = replaced.size === 0 ? known.get(key) : undefined;
    if (held !== undefined) return held;
    const entries = compiled.kernel.bindings.map(({ name }, binding) => ({
      binding,
      resource: this.#resource(name, segment, batch, update, replaced),
    }));
    const group = this.#gpu.device.createBindGroup({ layout: compiled.layout, entries });
    if (replaced.size === 0) known.set(key, group);
    return group;
  }

  #resource(name: string, segment: number, batch: number, update: number, replaced: Replacements): GPUBufferBinding {
    const buffer = (stored: string): GPUBuffer => {
      const found = replaced.get(stored) ?? this.#buffers.get(stored);
      if (found === undefined) throw new Error(`a kernel binds "${stored}", which its session does not have`);
      return found;
    };
    if (name === 'batch') {
      return { buffer: buffer('batches'), offset: batch * this.#slotBytes, size: this.#slotBytes };
    }
    if (name === 'hyper') return { buffer: buffer('hyper'), offset: update * ALIGNMENT, size: 4 * HYPER_FLOATS };
    if (name === 'segment') return { buffer: buffer('segments'), offset: segment * ALIGNMENT, size: 16 };
    return { buffer: buffer(name) };
  }
}
