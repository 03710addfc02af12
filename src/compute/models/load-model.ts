/**
 * Loads a sealed model for use: the bundle is parsed to the letter, its golden rows are replayed on the engine that will answer, and only
 * then does it forecast. A loaded model keeps its device memory warm, and answers a row alone with the bits it has in any batch.
 */
import { AppError } from '#base/errors';
import type { ModelManifest } from '#contract/model-manifest';
import type { FrameGraph } from '#contract/model-questions';
import type { Batch, NetworkEngine, NetworkSession } from '#quant/nn/engine';
import { decodeBundle, type ModelBundle } from './bundle';

export interface LoadedModel {
  readonly manifest: ModelManifest;
  readonly device: string;
  /** inputs: [rows, steps, features], scaled. Returns length rows, in units of the label. */
  forecast(inputs: Float32Array, graph?: FrameGraph): Promise<Float64Array>;
  dispose(): void;
}

/** What answers for the members of a bundle. */
export interface Committee {
  readonly device: string;
  /** inputs: [rows, steps, features], scaled. Mean answer of the members per row, before shift and scale. */
  answers(inputs: Float32Array, graph: FrameGraph | undefined): Promise<Float64Array>;
  dispose(): void;
}

/** Rows that one call of a windows model answers at once. */
const ROWS = 512;

/** Errors: INVALID_DATA (the bundle; golden rows that do not come out again), and those of the engine. */
export function loadModel(bytes: Uint8Array, engine: NetworkEngine): Promise<LoadedModel> {
  return loadModelWith(bytes, async (bundle) => new EngineCommittee(bundle, engine));
}

/** The same with whatever is to answer. Errors: as `loadModel`, and those of `open`. */
export async function loadModelWith(
  bytes: Uint8Array,
  open: (bundle: ModelBundle) => Promise<Committee>,
): Promise<LoadedModel> {
  const bundle = decodeBundle(bytes);
  const { manifest, golden } = bundle;
  const committee = await open(bundle);
  try {
    requireGolden(manifest, golden.outputs, await committee.answers(golden.inputs, golden.graph));
  } catch (error) {
    committee.dispose();
    throw error;
  }
  const { shift, scale } = manifest.output;
  return {
    manifest,
    device: committee.device,
    async forecast(inputs, graph) {
      return (await committee.answers(inputs, graph)).map((answer) => shift + scale * answer);
    },
    dispose: () => committee.dispose(),
  };
}

/** The members of a bundle, each in a session of its own; a frame larger than the sessions makes them anew. */
class EngineCommittee implements Committee {
  readonly device: string;
  readonly #bundle: ModelBundle;
  readonly #engine: NetworkEngine;
  readonly #steps: number;
  #sessions: NetworkSession[] = [];
  #rows = 0;
  #edges = 0;

  constructor(bundle: ModelBundle, engine: NetworkEngine) {
    this.device = engine.device;
    this.#bundle = bundle;
    this.#engine = engine;
    const { input } = bundle.manifest;
    this.#steps = input.kind === 'windows' ? input.lookback : 1;
  }

  async answers(inputs: Float32Array, graph: FrameGraph | undefined): Promise<Float64Array> {
    const width = this.#steps * this.#bundle.manifest.network.inputs;
    const rows = inputs.length / width;
    const sums = new Float64Array(rows);
    // A graph is one piece: its rows look at each other.
    const piece = graph === undefined ? ROWS : rows;
    await this.#open(Math.max(piece, 1), graph?.columns.length ?? 0);
    for (let first = 0; first < rows; first += piece) {
      const count = Math.min(piece, rows - first);
      const part = inputs.subarray(first * width, (first + count) * width);
      const batch = batchOf(count, this.#steps, graph);
      for (const session of this.#sessions) {
        await session.replaceInputs(part);
        const answers = await session.predict(batch);
        for (let row = 0; row < count; row++) sums[first + row] += answers[row];
      }
    }
    return sums.map((sum) => sum / this.#sessions.length);
  }

  dispose(): void {
    for (const session of this.#sessions) session.dispose();
    this.#sessions = [];
    this.#rows = 0;
  }

  async #open(rows: number, edges: number): Promise<void> {
    if (rows <= this.#rows && edges <= this.#edges) return;
    const { manifest, members } = this.#bundle;
    this.dispose();
    [this.#rows, this.#edges] = [rows, edges];
    const { network } = manifest;
    const table = { series: rows, days: this.#steps, inputs: network.inputs };
    const values = new Float32Array(table.series * table.days * table.inputs);
    const options = {
      seed: 0,
      largest: { rows, steps: this.#steps, edges },
      checkpointEvery: 0,
      precision: 'f32',
    } as const;
    for (const parameters of members) {
      const session = await this.#engine.open(network, { ...table, values }, options);
      this.#sessions.push(session);
      const moments = new Float32Array(parameters.length);
      await session.write({ parameters, first: moments, second: moments, step: 0 });
    }
  }
}

function batchOf(rows: number, steps: number, graph: FrameGraph | undefined): Batch {
  const series = Uint32Array.from({ length: rows }, (_, i) => i);
  if (graph !== undefined) return { kind: 'graph', series, day: 0, ...graph };
  const end = new Uint32Array(rows).fill(steps - 1);
  return { kind: 'windows', series, end, lookback: steps, groups: Uint32Array.of(0, rows) };
}

function requireGolden({ golden, model }: ModelManifest, expected: Float32Array, found: Float64Array): void {
  const row = expected.findIndex(
    (value, i) => !(Math.abs(found[i] - value) <= golden.tolerance * Math.max(1, Math.abs(value))),
  );
  if (row < 0) return;
  throw new AppError(
    'INVALID_DATA',
    `Expected ${model} to answer its golden row ${row} with ${expected[row]}, found ${found[row]}. It was not loaded: its weights, ` +
      'its scalers or this device are not those it was sealed with. Train it again, or restore it from a backup.',
    { data: { row, expected: expected[row], found: found[row] } },
  );
}
