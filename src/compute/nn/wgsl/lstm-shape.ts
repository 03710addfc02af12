/**
 * How an LSTM lies on the device: parameters packed so that the four gates of a unit are one vector and neighboring threads read
 * neighboring vectors, everything padded to whole vectors (pads are zero and stay zero), and the sizes of its buffers.
 */
import { AppError } from '#base/errors';
import type { SessionOptions } from '#quant/nn/engine';
import { parameterLayout, type LstmNetwork } from '#quant/nn/network';
import { ROW_BASE } from './shader-parts';

/** Rows that one workgroup carries through all days; fewer where shared memory is short. */
const TILE_ROWS = 8;
/** Sums over the batch are split into at most this many parts, added in order afterwards. */
const MAX_SPLITS = 32;
const ROWS_PER_SPLIT = 16;
const MAX_HIDDEN = 128;

export interface LstmShape {
  readonly network: LstmNetwork;
  readonly precision: 'f32' | 'f16';
  /** Padded to whole vectors. */
  readonly inputs: number;
  readonly hidden: number;
  readonly layers: readonly LstmLayerShape[];
  /** A workgroup is `hidden` × `groups` threads; each thread owns one unit of `rowsPerThread` rows. */
  readonly groups: number;
  readonly rowsPerThread: number;
  readonly tileRows: number;
  readonly threads: number;
  /** First number (not vector) of gain, bias and head in the packed parameters; gain is absent without layer norm. */
  readonly gain: number | null;
  readonly headWeight: number;
  readonly headBias: number;
  /** Vectors of four. */
  readonly packedVectors: number;
  readonly transposedVectors: number;
  /** Packed position of every parameter of the flat layout. */
  readonly packing: Uint32Array;
  /** Days whose states are kept at once, and how many such segments the longest batch has. */
  readonly segmentSteps: number;
  readonly segments: number;
}

interface LstmLayerShape {
  /** Padded width of what comes in. */
  readonly inputs: number;
  /** First vector of its rows (inputs, hidden, two biases) and of the transposed weights. */
  readonly offset: number;
  readonly transposed: number;
}

const padded = (n: number): number => 4 * Math.ceil(n / 4);

/**
 * @param sharedBytes workgroup memory of the device
 * Errors: TOO_LARGE where even one row per workgroup does not fit; BAD_REQUEST beyond 128 hidden units.
 */
export function lstmShape(network: LstmNetwork, options: SessionOptions, sharedBytes: number): LstmShape {
  if (network.hidden > MAX_HIDDEN) {
    throw new AppError('BAD_REQUEST', `Expected at most ${MAX_HIDDEN} hidden units, found ${network.hidden}.`);
  }
  const inputs = padded(network.inputs);
  const hidden = padded(network.hidden);
  const layers: LstmLayerShape[] = [];
  let offset = 0;
  let transposed = 0;
  for (let l = 0; l < network.layers; l++) {
    const width = l === 0 ? inputs : hidden;
    layers.push({ inputs: width, offset, transposed });
    offset += (width + hidden + 2) * hidden;
    transposed += (width + hidden) * hidden;
  }
  const tail = 4 * offset;
  const gain = network.layerNorm ? tail : null;
  const headWeight = tail + (network.layerNorm ? 2 * hidden : 0);
  const headBias = headWeight + hidden;
  const { steps } = options.largest;
  const segmentSteps = options.checkpointEvery === 0 ? steps : Math.min(steps, options.checkpointEvery);
  return {
    network,
    precision: options.precision,
    inputs,
    hidden,
    layers,
    ...tileFor(network, inputs, hidden, sharedBytes),
    gain,
    headWeight,
    headBias,
    packedVectors: headBias / 4 + 1,
    transposedVectors: transposed,
    packing: packingOf(network, layers, hidden, { gain, headWeight, headBias }),
    segmentSteps,
    segments: Math.ceil(steps / segmentSteps),
  };
}

/** Parts into which sums over a batch of that many rows are split. */
export function splitCount(rows: number): number {
  return Math.min(MAX_SPLITS, Math.ceil(rows / ROWS_PER_SPLIT));
}

/** Words of the largest batch: header, row bases, labels, dates and their order. */
export function lstmBatchWords({ largest }: SessionOptions): number {
  return ROW_BASE + largest.rows + 3 * largest.rows * largest.steps + 2;
}

type Tile = Pick<LstmShape, 'groups' | 'rowsPerThread' | 'tileRows' | 'threads'>;

function tileFor(network: LstmNetwork, inputs: number, hidden: number, sharedBytes: number): Tile {
  const groups = Math.min(TILE_ROWS, 2 ** Math.floor(Math.log2(256 / hidden)));
  for (let rowsPerThread = TILE_ROWS / groups; rowsPerThread >= 1; rowsPerThread--) {
    const tileRows = groups * rowsPerThread;
    const forward = 4 * tileRows * (network.layers * hidden + Math.max(inputs, hidden));
    const backward = 16 * tileRows * hidden;
    if (Math.max(forward, backward) > sharedBytes) continue;
    return { groups, rowsPerThread, tileRows, threads: hidden * groups };
  }
  throw new AppError(
    'TOO_LARGE',
    `Expected an LSTM whose states of ${groups} rows fit in ${sharedBytes} bytes of workgroup memory, ` +
      `found ${network.layers} layers of ${network.hidden} units on ${network.inputs} inputs. Use fewer.`,
    { data: { reason: 'workgroup-memory' } },
  );
}

function packingOf(
  network: LstmNetwork,
  layers: readonly LstmLayerShape[],
  hidden: number,
  tail: Pick<LstmShape, 'gain' | 'headWeight' | 'headBias'>,
): Uint32Array {
  const positions: number[] = [];
  const H = network.hidden;
  for (const { name, size, shape } of parameterLayout(network)) {
    const [, layer, part] = /^lstm\.(\d+)\.(\w+)$/.exec(name) ?? [];
    for (let k = 0; k < size; k++) {
      if (part === undefined) {
        positions.push(tailStart(name, hidden, tail) + k);
        continue;
      }
      const { inputs, offset } = layers[Number(layer)];
      const columns = shape[1] ?? 1;
      const row = Math.floor(k / columns);
      const firstRow = { w_ih: 0, w_hh: inputs, b_ih: inputs + hidden, b_hh: inputs + hidden + 1 }[part] ?? 0;
      const vector = offset + (firstRow + (k % columns)) * hidden + (row % H);
      positions.push(4 * vector + Math.floor(row / H));
    }
  }
  return Uint32Array.from(positions);
}

function tailStart(
  name: string,
  hidden: number,
  { gain, headWeight, headBias }: Pick<LstmShape, 'gain' | 'headWeight' | 'headBias'>,
): number {
  if (name === 'norm.gain') return gain ?? headWeight;
  if (name === 'norm.bias') return (gain ?? headWeight) + hidden;
  return name === 'head.w' ? headWeight : headBias;
}
