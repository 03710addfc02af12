/**
 * What a training engine does, whichever device it drives. A session owns device memory for one network and one table of inputs;
 * its caller owns the loop. Implementations live in `src/compute/nn/`; all pass one conformance suite.
 */
import type { Network } from './network';

export type EngineId = 'wgsl' | 'wasm' | 'tf' | 'reference';

/** Inputs that stay on the device; batches point into it. */
export interface InputTable {
  /** [series, days, inputs] row-major; finite where a batch looks. */
  readonly values: Float32Array;
  readonly series: number;
  readonly days: number;
  readonly inputs: number;
}

/** Overlapping windows: row b sees days end[b] − lookback + 1 … end[b] of series[b]. */
export interface WindowBatch {
  readonly kind: 'windows';
  readonly series: Uint32Array;
  readonly end: Uint32Array;
  readonly lookback: number;
  /** Length B, absent when only predicting; NaN = no label, no gradient. */
  readonly targets?: Float32Array;
  /** First row of each date's cross-section and, at the end, B: what the losses per date are computed over. */
  readonly groups: Uint32Array;
}

/**
 * Each series once, in chunks: predictions on every day after `burnIn`, row-major [B, length − burnIn].
 * Predictions of the same day (start + offset) are one cross-section. The hidden state begins at zero.
 */
export interface SequenceBatch {
  readonly kind: 'sequences';
  readonly series: Uint32Array;
  readonly start: Uint32Array;
  readonly length: number;
  readonly burnIn: number;
  /** [B, length − burnIn]; NaN = no label, no gradient. */
  readonly targets?: Float32Array;
}

/**
 * One date's assets and their graph in compressed rows: node i attends to columns[rowStart[i] … rowStart[i + 1] − 1].
 * Self-loops are the caller's business; a node without edges answers with the layer's bias. The graph is one cross-section.
 */
export interface GraphBatch {
  readonly kind: 'graph';
  readonly series: Uint32Array;
  readonly day: number;
  readonly rowStart: Uint32Array;
  readonly columns: Uint32Array;
  /** Length N; NaN = no label, no gradient. */
  readonly targets?: Float32Array;
}

export type Batch = WindowBatch | SequenceBatch | GraphBatch;

/** Defined in `losses.ts`: `ic` is Pearson's correlation per date; `rank-ic` the same on soft ranks; `sharpe` that of softmax portfolios. */
export type LossId = 'mse' | 'huber' | 'ic' | 'rank-ic' | 'sharpe';

export interface Loss {
  readonly id: LossId;
  /** Of Huber's loss, > 0; 1 unless told. */
  readonly delta?: number;
}

/** Parameters and optimizer moments, flat in the order of `parameterLayout`. */
export interface NetworkState {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Updates so far; also a counter of dropout's generator (`dropout.ts`). */
  readonly step: number;
}

export interface Update {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled (AdamW), unless `coupledDecay`. */
  readonly weightDecay: number;
  /** Decay added to the clipped gradient instead (Adam with an L2 penalty). */
  readonly coupledDecay?: boolean;
  /** Largest 2-norm of the gradient: it is scaled by clip / (norm + 1e-6) where that is below 1; null = no limit. */
  readonly clipNorm: number | null;
}

export interface GradientResult {
  readonly loss: number;
  readonly predictions: Float32Array;
  /** Flat, in the order of `parameterLayout`. */
  readonly gradients: Float32Array;
  /** ∂loss/∂inputs, in the order of the batch: [B, L, inputs] or [N, inputs]. */
  readonly inputGradients: Float32Array;
}

/** Bytes by what they hold; planned before anything is allocated, and again as allocated. */
export interface MemoryUse {
  readonly parameters: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly workspace: number;
  readonly inputs: number;
  readonly total: number;
}

export interface SessionOptions {
  /** Of dropout: 32 bits. */
  readonly seed: number;
  /** Rows of the largest micro-batch, and its look-back or sequence length; graphs: nodes and edges. */
  readonly largest: { readonly rows: number; readonly steps: number; readonly edges?: number };
  /** Keep every k-th hidden state and compute the rest again in the backward pass; 0 = keep all. */
  readonly checkpointEvery: number;
  /** `f16`: stored activations in half precision, sums in single. Refused where the device cannot. */
  readonly precision: 'f32' | 'f16';
  /** Threads of the wasm engine. Results do not depend on it. */
  readonly threads?: number;
  /** Bit-equal across machines at about half the speed (wasm without fused multiply-add). */
  readonly strict?: boolean;
}

export interface NetworkSession {
  readonly memory: MemoryUse;
  write(state: NetworkState): Promise<void>;
  read(): Promise<NetworkState>;
  /** Puts other numbers into the first rows (series, day by day) of the table: for serving. Errors: BAD_REQUEST for more than it holds. */
  replaceInputs(values: Float32Array): Promise<void>;
  /** No dropout; the same bits for a row alone and in any batch. */
  predict(batch: Batch): Promise<Float32Array>;
  /** Graph networks: per layer, [heads, edges] in the order of the batch. No dropout. Errors: BAD_REQUEST for other networks. */
  attention(batch: GraphBatch): Promise<readonly Float32Array[]>;
  /** One backward pass without an update and without dropout: for tests and probes. */
  gradients(batch: Batch, loss: Loss): Promise<GradientResult>;
  /** Adds `weight` times the gradient of a micro-batch to the sum that the next update takes; with dropout. */
  accumulate(batch: Batch, loss: Loss, weight: number): Promise<void>;
  /**
   * Applies and clears the sum. Resolves when it is submitted; what it measured comes with `measured`.
   * A sum that is not finite changes no parameter and no moment; the step counts, and its norm is measured as it is.
   */
  update(update: Update): Promise<void>;
  /** Weighted loss and gradient norm of the updates since the last call, in order. Errors: WORKER_CRASHED with the reason where the device is lost. */
  measured(): Promise<readonly { readonly loss: number; readonly gradientNorm: number }[]>;
  /** Gives the memory back. What is still running rejects with CANCELLED. */
  dispose(): void;
}

export interface NetworkEngine {
  readonly id: EngineId;
  /** As stored with a run: `wasm relaxed-simd`, `NVIDIA GeForce RTX 5070 Ti (Vulkan)`. */
  readonly device: string;
  /** True where the same state and batches give the same bits on every machine of this kind. */
  readonly deterministic: boolean;
  /** From shapes alone; nothing is allocated. */
  plan(network: Network, options: SessionOptions, table: { readonly series: number; readonly days: number }): MemoryUse;
  /** Errors: DEVICE_UNAVAILABLE with what is missing; TOO_LARGE where the device has not that much memory. */
  open(network: Network, inputs: InputTable, options: SessionOptions): Promise<NetworkSession>;
  dispose(): Promise<void>;
}
