/**
 * Sealed model bundles: weights, golden rows and manifest in one safetensors file. Writing computes the hashes, reading checks that
 * manifest, network and tensors agree to the last number; the golden rows are replayed by whoever loads (`load-model.ts`).
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { type BundleFeature, modelManifestSchema, type ModelManifest } from '#contract/model-manifest';
import { parameterCount, parameterLayout } from '#quant/nn/network';
import { decodeTensorFile, encodeTensorFile, type Tensor } from './safetensors';

/** Inputs of the golden rows, scaled as the network sees them, and its answers (mean of the members, before shift and scale). */
export interface GoldenRows {
  /** [rows, lookback, features]; graphs: [nodes, 1, features]. */
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
  /** Of one graph over the rows; absent for windows. */
  readonly graph?: { readonly rowStart: Uint32Array; readonly columns: Uint32Array };
}

export interface ModelBundle {
  readonly manifest: ModelManifest;
  /** Per member, flat in the order of `parameterLayout`. */
  readonly members: readonly Float32Array[];
  readonly golden: GoldenRows;
}

const MOST_BYTES = 256 * 2 ** 20;
const MANIFEST = 'manifest';

export function featuresHash(features: readonly Pick<BundleFeature, 'name' | 'dtype' | 'unit'>[]): string {
  const said = features.map(({ name, dtype, unit }) => ({ name, dtype, unit }));
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}

export function encodeBundle({ manifest, members, golden }: ModelBundle): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  members.forEach((parameters, m) => {
    for (const { name, shape, offset, size } of parameterLayout(manifest.network)) {
      tensors.set(`member.${m}.${name}`, { dtype: 'F32', shape, data: parameters.slice(offset, offset + size) });
    }
  });
  const { rows } = manifest.golden;
  const K = manifest.features.length;
  tensors.set('golden.inputs', { dtype: 'F32', shape: [rows, stepsOf(manifest), K], data: golden.inputs });
  tensors.set('golden.outputs', { dtype: 'F32', shape: [rows], data: golden.outputs });
  if (golden.graph) {
    const { rowStart, columns } = golden.graph;
    tensors.set('golden.row_start', { dtype: 'I32', shape: [rows + 1], data: Int32Array.from(rowStart) });
    if (columns.length > 0) {
      tensors.set('golden.columns', { dtype: 'I32', shape: [columns.length], data: Int32Array.from(columns) });
    }
  }
  return encodeTensorFile({ metadata: { [MANIFEST]: canonicalJson(manifest) }, tensors });
}

/** Errors: INVALID_DATA saying what does not fit. */
export function decodeBundle(bytes: Uint8Array): ModelBundle {
  const { metadata, tensors } = decodeTensorFile(bytes, MOST_BYTES);
  const manifest = parseManifest(metadata);
  const left = new Map(tensors);
  const take = (name: string, dtype: Tensor['dtype'], shape: readonly number[]): Tensor => {
    const tensor = left.get(name);
    left.delete(name);
    if (tensor?.dtype === dtype && tensor.shape.join() === shape.join()) return tensor;
    throw refused(
      `the tensor ${name}, ${dtype} [${shape.join(', ')}]`,
      tensor === undefined ? 'none' : `${tensor.dtype} [${tensor.shape.join(', ')}]`,
    );
  };
  const floats = (name: string, shape: readonly number[]): Float32Array => {
    const { data } = take(name, 'F32', shape);
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw refused(`finite numbers in ${name}`, `${data[bad]} at ${bad}`);
    return Float32Array.from(data);
  };
  const members = Array.from({ length: manifest.members }, (_, m) => {
    const parameters = new Float32Array(parameterCount(manifest.network));
    for (const { name, shape, offset } of parameterLayout(manifest.network)) {
      parameters.set(floats(`member.${m}.${name}`, shape), offset);
    }
    return parameters;
  });
  const { rows } = manifest.golden;
  const golden = {
    inputs: floats('golden.inputs', [rows, stepsOf(manifest), manifest.features.length]),
    outputs: floats('golden.outputs', [rows]),
    ...(manifest.input.kind === 'graph' && { graph: takeGraph(take, left, rows) }),
  };
  if (left.size > 0) throw refused('no further tensors', [...left.keys()].slice(0, 5).join(', '));
  return { manifest, members, golden };
}

function parseManifest(metadata: Readonly<Record<string, string>>): ModelManifest {
  const { [MANIFEST]: text, ...others } = metadata;
  if (text === undefined || Object.keys(others).length > 0)
    throw refused('a manifest and no other metadata', 'something else');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw refused('a manifest in JSON', 'other text', error);
  }
  const parsed = modelManifestSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused('a manifest of this format', `at ${issue.path.join('.')}: ${issue.message}`);
  }
  const manifest = parsed.data;
  if (canonicalJson(manifest) !== text) throw refused('a canonical manifest', 'another spelling');
  const { features, network, input } = manifest;
  if (features.length !== network.inputs) throw refused(`${network.inputs} features`, `${features.length}`);
  if (new Set(features.map(({ name }) => name)).size < features.length)
    throw refused('different features', 'one twice');
  if (featuresHash(features) !== manifest.featuresHash)
    throw refused('features that fit their hash', 'others or in another order');
  if ((network.kind === 'gat') !== (input.kind === 'graph')) throw refused(`an input for ${network.kind}`, input.kind);
  return manifest;
}

function takeGraph(
  take: (name: string, dtype: Tensor['dtype'], shape: readonly number[]) => Tensor,
  left: ReadonlyMap<string, Tensor>,
  rows: number,
): NonNullable<GoldenRows['graph']> {
  const rowStart = take('golden.row_start', 'I32', [rows + 1]).data;
  const edges = left.get('golden.columns')?.shape[0] ?? 0;
  const columns = edges === 0 ? new Int32Array(0) : take('golden.columns', 'I32', [edges]).data;
  const rises = rowStart.every((start, i) => start >= (i === 0 ? 0 : rowStart[i - 1]));
  if (!rises || rowStart[0] !== 0 || rowStart[rows] !== edges)
    throw refused(`row starts that rise to ${edges}`, 'others');
  if (columns.some((column) => column < 0 || column >= rows)) throw refused(`edges between ${rows} rows`, 'others');
  return { rowStart: Uint32Array.from(rowStart), columns: Uint32Array.from(columns) };
}

function stepsOf({ input }: ModelManifest): number {
  return input.kind === 'windows' ? input.lookback : 1;
}

function refused(expected: string, found: string, cause?: unknown): AppError {
  return new AppError('INVALID_DATA', `Expected a model bundle with ${expected}, found ${found}. It was not loaded.`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
