/** What one kind of network adds to a session: its buffers, how its parameters lie, and its dispatches forward and backward. */
import type { Batch } from '#quant/nn/engine';
import type { BatchWords } from './batch-words';
import type { BufferSpec } from './buffers';
import type { Kernel } from './kernel';
import type { TransposedBlock } from './optimizer-kernels';

/** Puts one dispatch of `x` × `y` workgroups behind the ones before; `segment` chooses the uniform of that number. */
export type Dispatch = (kernel: Kernel, x: number, y?: number, segment?: number) => void;

export interface Program {
  readonly buffers: readonly BufferSpec[];
  /** Words of the largest batch. */
  readonly batchWords: number;
  /** Packed position of every parameter of the flat layout. */
  readonly packing: Uint32Array;
  readonly packedVectors: number;
  /** Parts of the packed parameters of which a transposed copy is kept, and its size. */
  readonly transposed: { readonly blocks: readonly TransposedBlock[]; readonly vectors: number };
  /** Uniforms that dispatches choose from. */
  readonly segments: readonly (readonly [number, number, number, number])[];
  /** Fills in rows, steps and places; labels are added by the session. */
  writeBatch(batch: Batch, words: BatchWords): void;
  /** Parts into which sums over the batch are split. */
  splits(batch: Batch): number;
  /** Leaves `predictions`. */
  forward(batch: Batch, isTraining: boolean, dispatch: Dispatch): void;
  /** From `slopes` to `partial`. */
  backward(batch: Batch, wantsInputs: boolean, dispatch: Dispatch): void;
}
