/** Layer norm, dropout and the linear head on the last layer's states, forward and backward. */
import { read, readWrite, type Kernel } from './kernel';
import { BATCH, constants } from './lstm-kernels';
import type { LstmShape } from './lstm-shape';
import { dropoutPart, headerReaders, wgslFloat } from './shader-parts';

const NORM_EPSILON = wgslFloat(1e-5);
/** Entries whose row statistics one workgroup keeps at once. */
const HEAD_ENTRIES = 64;

/** How an entry (one row on one predicted day) is addressed, and layer norm's statistics of its state. */
function entryParts({ network }: LstmShape): string {
  return `
const UNITS = ${network.hidden}u;
fn row_of(entry: u32) -> u32 { return entry / (steps_() - from_()); }
fn day_of(entry: u32) -> u32 { return from_() + entry % (steps_() - from_()); }
fn moments(entry: u32) -> vec2f {
  ${
    network.layerNorm
      ? `var mean = 0.0;
  for (var k = 0u; k < UNITS; k++) { mean += top[entry * H + k]; }
  mean /= f32(UNITS);
  var variance = 0.0;
  for (var k = 0u; k < UNITS; k++) { let gap = top[entry * H + k] - mean; variance += gap * gap; }
  return vec2f(mean, 1.0 / sqrt(variance / f32(UNITS) + ${NORM_EPSILON}));`
      : 'return vec2f(0.0, 1.0);'
  }
}`;
}

/** Layer norm, dropout and the linear head of every predicted day: one thread per prediction. */
export function headKernel(shape: LstmShape): Kernel {
  const { network, gain, headWeight, headBias, hidden } = shape;
  const normalized = gain === null ? 'z' : `z * parameters[${gain}u + k] + parameters[${gain + hidden}u + k]`;
  return {
    label: 'LSTM head',
    bindings: [
      BATCH,
      read('parameters', 'array<f32>'),
      read('top', 'array<f32>'),
      readWrite('predictions', 'array<f32>'),
    ],
    body: `${constants(shape)}
${headerReaders('steps', 'from', 'entries', 'firstRow', 'update', 'seed', 'dropout')}
${dropoutPart(network.dropout)}${entryParts(shape)}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let entry = id.x;
  if (entry >= entries_()) { return; }
  let m = moments(entry);
  var sum = parameters[${headBias}u];
  for (var k = 0u; k < UNITS; k++) {
    let z = (top[entry * H + k] - m.x) * m.y;
    sum += parameters[${headWeight}u + k] * (${normalized}) * keep(LAYERS - 1u, firstRow_() + row_of(entry), day_of(entry), k);
  }
  predictions[entry] = sum;
}`,
  };
}

/**
 * Back through the head: replaces the top states by their gradients and leaves its own parameters' gradients, one part per split.
 * Statistics of an entry are found by one thread, its units by as many threads as there are.
 */
export function headBackwardKernel(shape: LstmShape): Kernel {
  const { network, gain, headWeight, headBias, hidden, packedVectors } = shape;
  const factor = 'keep(LAYERS - 1u, firstRow_() + row_of(entry), day_of(entry), k)';
  const own = gain === null ? 'z' : `(z * parameters[${gain}u + k] + parameters[${gain + hidden}u + k])`;
  return {
    label: 'LSTM head backward',
    bindings: [
      BATCH,
      read('parameters', 'array<f32>'),
      read('slopes', 'array<f32>'),
      readWrite('top', 'array<f32>'),
      readWrite('partial', 'array<f32>'),
    ],
    body: `${constants(shape)}
${headerReaders('steps', 'from', 'entries', 'firstRow', 'update', 'seed', 'dropout', 'splits')}
${dropoutPart(network.dropout)}${entryParts(shape)}
/** Mean, scale, mean of the gradient and its projection on the standardized state. */
var<workgroup> facts: array<vec4f, ${HEAD_ENTRIES}>;
@compute @workgroup_size(${Math.max(HEAD_ENTRIES, hidden)})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let share = (entries_() + splits_() - 1u) / splits_();
  let e0 = group.x * share;
  let e1 = min(e0 + share, entries_());
  let k = thread;
  var dWeight = 0.0; var dBias = 0.0; var dGain = 0.0; var dShift = 0.0;
  for (var e = e0; e < e1; e += ${HEAD_ENTRIES}u) {
    let entry = e + thread;
    if (thread < ${HEAD_ENTRIES}u && entry < e1) {
      var fact = vec4f(moments(entry), 0.0, 0.0);
      ${
        gain === null
          ? ''
          : `for (var k = 0u; k < UNITS; k++) {
        let d = slopes[entry] * parameters[${headWeight}u + k] * ${factor} * parameters[${gain}u + k];
        fact.z += d / f32(UNITS);
        fact.w += d * (top[entry * H + k] - fact.x) * fact.y / f32(UNITS);
      }`
      }
      facts[thread] = fact;
    }
    workgroupBarrier();
    if (k < UNITS) {
      for (var entry = e; entry < min(e + ${HEAD_ENTRIES}u, e1); entry++) {
        let fact = facts[entry - e];
        let z = (top[entry * H + k] - fact.x) * fact.y;
        let d = slopes[entry];
        let kept = ${factor};
        dWeight += d * ${own} * kept;
        dBias += d;
        let dTop = d * parameters[${headWeight}u + k] * kept;
        ${
          gain === null
            ? 'top[entry * H + k] = dTop;'
            : `dGain += dTop * z;
        dShift += dTop;
        top[entry * H + k] = fact.y * (dTop * parameters[${gain}u + k] - fact.z - z * fact.w);`
        }
      }
    }
    workgroupBarrier();
  }
  let part = group.x * ${4 * packedVectors}u;
  if (k < H) {
    partial[part + ${headWeight}u + k] = dWeight;
    ${gain === null ? '' : `partial[part + ${gain}u + k] = dGain;\n    partial[part + ${gain + hidden}u + k] = dShift;`}
  }
  if (k < 4u) { partial[part + ${headBias}u + k] = select(0.0, dBias, k == 0u); }
}`,
  };
}
