/**
 * From partial gradients to the next parameters, on packed vectors of four: sum of the parts in order, 2-norm, clipping and AdamW
 * (`quant/nn/adam.ts`), without atomics. The update also writes the transposed recurrent weights and what it measured.
 */
import { read, readWrite, uniform, type Kernel } from './kernel';
import { BIT_TESTS, headerReaders, reductionPart } from './shader-parts';

const THREADS = 64;
/** Workgroups of the norm; each leaves one number. */
export const NORM_PARTS = 32;

export const vectorGroups = (vectors: number): number => Math.ceil(vectors / THREADS);

/** Updates that can be measured before they must be read. */
export const RESULTS = 256;
/** In `scalars`: this batch's loss, 1 / its gradient scale, the weighted loss since the last update, nothing; then (loss, norm) per result. */
export const FIRST_RESULT = 4;

/** Adds weight × the sum of the parts to the gradient sum. */
export function reduceKernel(packedVectors: number): Kernel {
  return {
    label: 'sum of parts',
    bindings: [
      read('batch', 'array<u32>'),
      read('partial', 'array<vec4f>'),
      readWrite('gradient', 'array<vec4f>'),
      readWrite('scalars', 'array<f32>'),
    ],
    body: `
${headerReaders('splits', 'weight')}
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= ${packedVectors}u) { return; }
  var sum = vec4f();
  for (var s = 0u; s < splits_(); s++) { sum += partial[s * ${packedVectors}u + i]; }
  let weight = bitcast<f32>(weight_());
  gradient[i] += weight * scalars[1] * sum;
  if (i == 0u) { scalars[2] += weight * scalars[0]; }
}`,
  };
}

export function normKernel(packedVectors: number): Kernel {
  return {
    label: 'gradient norm',
    bindings: [read('gradient', 'array<vec4f>'), readWrite('norms', 'array<f32>')],
    body: `
${reductionPart(THREADS)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  lane = thread;
  var squares = 0.0;
  for (var i = group.x * ${THREADS}u + lane; i < ${packedVectors}u; i += ${THREADS * NORM_PARTS}u) {
    squares += dot(gradient[i], gradient[i]);
  }
  let sum = sum_all(squares);
  if (lane == 0u) { norms[group.x] = sum; }
}`,
  };
}

/** An update's numbers: rate, β1, 1 − β1, β2 | 1 − β2, decoupled decay, coupled decay, clip or 0 | 1/correction1, 1/correction2, ε, result slot. */
export const HYPER_FLOATS = 12;

/** Where a layer's weights lie, for their transposed copy. */
export interface TransposedBlock {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  readonly transposed: number;
}

/** @param blocks vectors [rows, columns] of which a copy [columns, rows] is kept */
export function adamKernel(packedVectors: number, blocks: readonly TransposedBlock[]): Kernel {
  return {
    label: 'AdamW',
    bindings: [
      uniform('hyper', 'array<vec4f, 3>'),
      read('norms', 'array<f32>'),
      readWrite('parameters', 'array<vec4f>'),
      readWrite('first', 'array<vec4f>'),
      readWrite('second', 'array<vec4f>'),
      readWrite('gradient', 'array<vec4f>'),
      readWrite('scalars', 'array<f32>'),
      ...(blocks.length > 0 ? [readWrite('transposed', 'array<vec4f>')] : []),
    ],
    body: `
${BIT_TESTS}
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= ${packedVectors}u) { return; }
  var squares = 0.0;
  for (var k = 0u; k < ${NORM_PARTS}u; k++) { squares += norms[k]; }
  let norm = sqrt(squares);
  if (i == 0u) {
    let slot = ${FIRST_RESULT}u + 2u * u32(hyper[2].w);
    scalars[slot] = scalars[2];
    scalars[slot + 1u] = norm;
    scalars[2] = 0.0;
  }
  let sum = gradient[i];
  gradient[i] = vec4f();
  var p = parameters[i];
  if (is_finite(norm)) {
    let limit = hyper[1].w;
    let clip = select(1.0, min(1.0, limit / (norm + 1e-6)), limit > 0.0);
    p -= hyper[0].x * hyper[1].y * p;
    let g = sum * clip + hyper[1].z * p;
    let m = hyper[0].y * first[i] + hyper[0].z * g;
    let v = hyper[0].w * second[i] + hyper[1].x * g * g;
    first[i] = m;
    second[i] = v;
    p -= hyper[0].x * (m * hyper[2].x) / (sqrt(v * hyper[2].y) + hyper[2].z);
    parameters[i] = p;
  }
${blocks
  .map(
    ({ offset, rows, columns, transposed }) => `
  if (i >= ${offset}u && i < ${offset + rows * columns}u) {
    let k = (i - ${offset}u) / ${columns}u; let u = (i - ${offset}u) % ${columns}u;
    transposed[${transposed}u + u * ${rows}u + k] = p;
  }`,
  )
  .join('')}
}`,
  };
}
