/**
 * Memory of closed sessions, kept for the next one: V8 frees shared memory late, since its collector hardly sees it, and a walk-forward
 * run opens a session per fold. One piece at most lies here, and none that a thread may still write to.
 */
import { sharedMemory } from './kernels';

export interface MemoryShelf {
  /** Zeroed memory of at least that many bytes. Errors: TOO_LARGE. */
  take(bytes: number): Promise<WebAssembly.Memory>;
  /** @param ended when no thread uses it any more */
  giveBack(memory: WebAssembly.Memory, ended: Promise<unknown>): void;
  /** Lets go of what lies here. */
  clear(): void;
}

/** Larger than asked for by this factor is waste, not reuse. */
const LARGEST_WASTE = 1.5;

export function memoryShelf(): MemoryShelf {
  let kept: { readonly memory: WebAssembly.Memory; readonly ended: Promise<unknown> } | undefined;
  return {
    async take(bytes) {
      const candidate = kept;
      kept = undefined;
      const size = candidate?.memory.buffer.byteLength ?? 0;
      if (candidate === undefined || size < bytes || size > LARGEST_WASTE * bytes + 1_000_000)
        return sharedMemory(bytes);
      await candidate.ended;
      new Uint8Array(candidate.memory.buffer).fill(0);
      return candidate.memory;
    },
    giveBack(memory, ended) {
      kept = { memory, ended };
    },
    clear() {
      kept = undefined;
    },
  };
}
