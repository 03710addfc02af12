/** What the engine asks the inference worker, and what it answers. Plain, cloneable data. */

export interface PredictionFrame {
  /** One per row, such as tickers. */
  readonly rows: readonly string[];
  /** Names in the order of the values; any order will do, positions mean nothing. */
  readonly features: readonly string[];
  /** [rows, steps, features], in the features' units, not scaled. */
  readonly values: readonly number[] | Float64Array;
}

/** Edges between the rows of a graph model's frame, in compressed rows. */
export interface FrameGraph {
  readonly rowStart: Uint32Array;
  readonly columns: Uint32Array;
}

export interface ModelQuestion {
  /** SHA-256 of the bundle. */
  readonly hash: string;
  /** Given only where the worker said that it does not know the model. */
  readonly bytes?: Uint8Array;
  readonly frame: PredictionFrame;
  readonly graph?: FrameGraph;
}

export interface ModelAnswer {
  readonly device: string;
  /** Length rows, in units of the label. */
  readonly forecasts: Float64Array;
  /** Per row: why it gets no forecast, or null. */
  readonly refusals: readonly (string | null)[];
  readonly warnings: readonly string[];
}

/** The worker does not know the model: ask again with its bytes. */
export const UNKNOWN_MODEL = 'unknown-model';
