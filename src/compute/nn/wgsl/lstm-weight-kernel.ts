/** Weight gradients of all LSTM layers: one matrix product over days and rows, split over the rows, without atomics. */
import { read, readWrite, type Kernel } from './kernel';
import { BATCH, constants, PLACES, SEGMENT } from './lstm-kernels';
import type { LstmShape } from './lstm-shape';
import { dropoutPart, headerReaders, ROW_BASE, storagePart } from './shader-parts';

/** Gate columns (vectors) and parameter rows of one workgroup of the weight gradients. */
const TILE_UNITS = 16;
const TILE_WEIGHTS = 64;
const TILE_SAMPLES = 16;

/** Workgroups of the weight gradients per split. */
export function weightTiles({ layers, hidden }: LstmShape): number {
  return layers.reduce((sum, layer) => sum + layerTiles(layer.inputs, hidden), 0);
}

function layerTiles(inputs: number, hidden: number): number {
  return Math.ceil((inputs + hidden + 1) / TILE_WEIGHTS) * Math.ceil(hidden / TILE_UNITS);
}

/**
 * Weight gradients Σ over days and rows of activation ⊗ slope, all layers in one dispatch (tiles × splits). A split owns some rows and goes
 * through the days backwards, so that segments continue the sum of the one before in the same order: same bits with and without
 * checkpoints. A bias is a weight of the constant 1.
 */
export function weightGradientKernel(shape: LstmShape): Kernel {
  const { network, layers, hidden, packedVectors } = shape;
  const { gates, state, functions } = storagePart(shape.precision);
  const unitTiles = Math.ceil(hidden / TILE_UNITS);
  let first = 0;
  const choose = layers.map(({ inputs, offset }, l) => {
    const tiles = layerTiles(inputs, hidden);
    const line = `if (group.x >= ${first}u && group.x < ${first + tiles}u) { layer = ${l}u; tile = group.x - ${first}u; width = ${inputs}u; offset = ${offset}u; }`;
    first += tiles;
    return line;
  });
  return {
    label: 'LSTM weight gradients',
    bindings: [
      BATCH,
      SEGMENT,
      read('table', 'array<f32>'),
      read('gates', `array<${gates}>`),
      read('states', `array<${state}>`),
      readWrite('partial', 'array<vec4f>'),
    ],
    body: `${constants(shape)}
${headerReaders('rows', 'steps', 'firstRow', 'update', 'seed', 'dropout', 'splits')}
${PLACES}${functions}${dropoutPart(network.dropout)}
var<workgroup> activations: array<f32, ${TILE_SAMPLES * TILE_WEIGHTS}>;
var<workgroup> slopes: array<vec4f, ${TILE_SAMPLES * TILE_UNITS}>;
fn activation(layer: u32, width: u32, k: u32, row: u32, t: u32, day: u32) -> f32 {
  if (k >= width + H) { return select(0.0, 1.0, k == width + H); }
  if (k >= width) { return load_state(states[state_at(layer, day, row, k - width)]).y; }
  if (layer > 0u) {
    return load_state(states[state_at(layer - 1u, day + 1u, row, k)]).y * keep(layer - 1u, firstRow_() + row, t, k);
  }
  if (k >= F) { return 0.0; }
  return table[(batch[${ROW_BASE}u + row] + t) * F + k];
}
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  var layer = 0u; var tile = 0u; var width = 0u; var offset = 0u;
  ${choose.join('\n  ')}
  let k0 = (tile / ${unitTiles}u) * ${TILE_WEIGHTS}u;
  let u0 = (tile % ${unitTiles}u) * ${TILE_UNITS}u;
  let t0 = segment.x;
  let t1 = min(segment.y, steps_());
  let share = (rows_() + splits_() - 1u) / splits_();
  let row0 = group.y * share;
  let row1 = min(row0 + share, rows_());
  let k = k0 + (thread / ${TILE_UNITS}u) * 4u;
  let u = u0 + thread % ${TILE_UNITS}u;
  let place = group.y * ${packedVectors}u + offset + k * H + u;
  let bias = width + H;
  var sums: array<vec4f, 4>;
  if (t1 < steps_() && u < H) {
    for (var q = 0u; q < 4u; q++) { if (k + q <= bias) { sums[q] = partial[place + q * H]; } }
  }
  for (var t = t1; t > t0;) {
    t--;
    for (var r = row0; r < row1; r += ${TILE_SAMPLES}u) {
      for (var i = thread; i < ${TILE_SAMPLES * TILE_WEIGHTS}u; i += 256u) {
        let row = r + i / ${TILE_WEIGHTS}u;
        var a = 0.0;
        if (row < row1) { a = activation(layer, width, k0 + i % ${TILE_WEIGHTS}u, row, t, t - t0); }
        activations[i] = a;
      }
      {
        let row = r + thread / ${TILE_UNITS}u;
        var z = vec4f();
        if (row < row1 && u < H) { z = load_gates(gates[gate_at(layer, t - t0, row, u)]); }
        slopes[thread] = z;
      }
      workgroupBarrier();
      for (var s = 0u; s < ${TILE_SAMPLES}u; s++) {
        let z = slopes[s * ${TILE_UNITS}u + thread % ${TILE_UNITS}u];
        let a = s * ${TILE_WEIGHTS}u + (thread / ${TILE_UNITS}u) * 4u;
        sums[0] += activations[a] * z; sums[1] += activations[a + 1u] * z;
        sums[2] += activations[a + 2u] * z; sums[3] += activations[a + 3u] * z;
      }
      workgroupBarrier();
    }
  }
  if (u < H) {
    for (var q = 0u; q < 4u; q++) {
      if (k + q <= bias) { partial[place + q * H] = sums[q]; }
      if (k + q == bias) { partial[place + (q + 1u) * H] = sums[q]; }
    }
  }
}`,
  };
}
