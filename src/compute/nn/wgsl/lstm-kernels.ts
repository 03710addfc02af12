/**
 * The LSTM's recurrent kernels. Rows of a batch are independent, so one workgroup carries a few rows through all days and layers with
 * nothing but workgroup barriers: forward, then backward in reverse, the stored gates replaced in place by their gradients.
 * A thread owns one unit (its four gates are one vector) of some rows: cells stay in registers.
 */
import { read, readWrite, uniform, type Kernel } from './kernel';
import type { LstmShape } from './lstm-shape';
import { ACTIVATIONS, dropoutPart, headerReaders, ROW_BASE, storagePart } from './shader-parts';

/** What a pass over a segment of days does besides computing; bits of `segment.z`. */
export const STORES_STATES = 1;
export const STORES_CHECKPOINTS = 2;
export const STORES_TOP = 4;

export const BATCH = read('batch', 'array<u32>');
/** (first day, day after the last, bits, days between checkpoints). */
export const SEGMENT = uniform('segment', 'vec4u');

export function constants({ network, inputs, hidden, tileRows, segmentSteps }: LstmShape): string {
  return `
const F = ${network.inputs}u; const F4 = ${inputs}u; const H = ${hidden}u; const TILE = ${tileRows}u;
const LAYERS = ${network.layers}u; const KEPT = ${segmentSteps}u;`;
}

/** Where layer, kept day, row and unit lie; the pair (cell, hidden) has one more day, the state before the first. */
export const PLACES = `
fn gate_at(layer: u32, day: u32, row: u32, unit: u32) -> u32 { return ((layer * KEPT + day) * rows_() + row) * H + unit; }
fn state_at(layer: u32, day: u32, row: u32, unit: u32) -> u32 { return ((layer * (KEPT + 1u) + day) * rows_() + row) * H + unit; }
fn checkpoint_at(place: u32, layer: u32, row: u32, unit: u32) -> u32 { return ((place * LAYERS + layer) * rows_() + row) * H + unit; }`;

const times = (count: number, line: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => line(k)).join('\n');

export function forwardKernel(shape: LstmShape): Kernel {
  const { network, rowsPerThread: R, threads, layers, tileRows, inputs, hidden } = shape;
  const { gates, state, functions } = storagePart(shape.precision);
  const below = Math.max(inputs, hidden);
  const top = network.layers - 1;
  const layerStep = (l: number): string => {
    const { inputs: width, offset } = layers[l];
    const product = (rows: number, first: number, from: (j: number) => string): string => `
  for (var k = 0u; k < ${rows}u; k += 4u) {
    let w = ${offset}u + (${first}u + k) * H + unit;
    let w0 = parameters[w]; let w1 = parameters[w + H]; let w2 = parameters[w + 2u * H]; let w3 = parameters[w + 3u * H];
    ${times(R, (j) => `{ let i = ${from(j)} + k; a${j} += ${['', '1', '2', '3'].map((q, n) => `SRC[i${q && ` + ${q}u`}] * w${n}`).join(' + ')}; }`)}
  }`;
    const bias = offset + (width + hidden) * hidden;
    return `
  { // layer ${l}
  let b = parameters[${bias}u + unit] + parameters[${bias + hidden}u + unit];
  ${times(R, (j) => `var a${j} = b;`)}
  ${product(width, 0, (j) => `r${j} * ${below}u`).replaceAll('SRC', 'below')}
  ${product(hidden, width, (j) => `${l * tileRows}u * H + r${j} * H`).replaceAll('SRC', 'hidden')}
  workgroupBarrier();
  ${times(
    R,
    (j) => `{
    let g = vec4f(sigmoid(a${j}.x), sigmoid(a${j}.y), squash(a${j}.z), sigmoid(a${j}.w));
    c${l}_${j} = g.y * c${l}_${j} + g.x * g.z;
    let h = g.w * squash(c${l}_${j});
    hidden[${l * tileRows}u * H + r${j} * H + unit] = h;
    ${l < top ? `below[r${j} * ${below}u + unit] = h * keep(${l}u, firstRow_() + row${j}, t, unit);` : ''}
    if (row${j} < rows_()) {
      let value = store_state(vec2f(c${l}_${j}, h));
      if ((segment.z & ${STORES_STATES}u) != 0u) {
        gates[gate_at(${l}u, t - t0, row${j}, unit)] = store_gates(g);
        states[state_at(${l}u, t - t0 + 1u, row${j}, unit)] = value;
      }
      if ((segment.z & ${STORES_CHECKPOINTS}u) != 0u && (t + 1u) % segment.w == 0u && t + 1u < steps_()) {
        checkpoints[checkpoint_at((t + 1u) / segment.w - 1u, ${l}u, row${j}, unit)] = vec2f(c${l}_${j}, h);
      }
      ${l === top ? `if ((segment.z & ${STORES_TOP}u) != 0u && t >= from_()) { top[(row${j} * (steps_() - from_()) + t - from_()) * H + unit] = h; }` : ''}
    }
  }`,
  )}
  ${l === top ? 'if (t + 1u < t1) { load_inputs(thread, first, t + 1u); }' : ''}
  workgroupBarrier();
  }`;
  };
  return {
    label: 'LSTM forward',
    bindings: [
      BATCH,
      SEGMENT,
      read('parameters', 'array<vec4f>'),
      read('table', 'array<f32>'),
      readWrite('gates', `array<${gates}>`),
      readWrite('states', `array<${state}>`),
      readWrite('checkpoints', 'array<vec2f>'),
      readWrite('top', 'array<f32>'),
    ],
    body: `${constants(shape)}
${headerReaders('rows', 'steps', 'from', 'firstRow', 'update', 'seed', 'dropout')}
${PLACES}${functions}${ACTIVATIONS}${dropoutPart(network.dropout)}
var<workgroup> below: array<f32, ${tileRows * below}>;
var<workgroup> hidden: array<f32, ${tileRows * hidden * network.layers}>;
fn load_inputs(thread: u32, first: u32, t: u32) {
  for (var i = thread; i < TILE * F4; i += ${threads}u) {
    let r = i / F4; let f = i % F4;
    var x = 0.0;
    if (f < F && first + r < rows_()) { x = table[(batch[${ROW_BASE}u + first + r] + t) * F + f]; }
    below[r * ${below}u + f] = x;
  }
}
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let unit = thread % H;
  let first = group.x * TILE;
  let t0 = segment.x;
  let t1 = min(segment.y, steps_());
  ${times(R, (j) => `let r${j} = (thread / H) * ${R}u + ${j}u; let row${j} = first + r${j};`)}
  ${times(layers.length, (l) =>
    times(
      R,
      (j) => `var c${l}_${j} = 0.0;
  {
    var start = vec2f();
    if (t0 > 0u && row${j} < rows_()) { start = checkpoints[checkpoint_at(t0 / segment.w - 1u, ${l}u, row${j}, unit)]; }
    c${l}_${j} = start.x;
    hidden[${l * tileRows}u * H + r${j} * H + unit] = start.y;
    if (row${j} < rows_() && (segment.z & ${STORES_STATES}u) != 0u) { states[state_at(${l}u, 0u, row${j}, unit)] = store_state(start); }
  }`,
    ),
  )}
  load_inputs(thread, first, t0);
  workgroupBarrier();
  for (var t = t0; t < t1; t++) {
  ${times(layers.length, layerStep)}
  }
}`,
  };
}

/** @param wantsInputs also ∂loss/∂inputs, [B, L, inputs]: for tests and probes */
export function backwardKernel(shape: LstmShape, wantsInputs: boolean): Kernel {
  const { network, rowsPerThread: R, threads, layers, tileRows, hidden } = shape;
  const { gates, state, functions } = storagePart(shape.precision);
  const top = network.layers - 1;
  const layerStep = (l: number): string => {
    const { inputs: width, transposed } = layers[l];
    const fromAbove = (j: number): string =>
      l === top
        ? `if (t >= from_()) { dh += top[(row${j} * (steps_() - from_()) + t - from_()) * H + unit]; }`
        : `dh += d${j} * keep(${l}u, firstRow_() + row${j}, t, unit);`;
    return `
  { // layer ${l}
  ${times(
    R,
    (j) => `{
    var z = vec4f();
    if (row${j} < rows_()) {
      let at = gate_at(${l}u, t - t0, row${j}, unit);
      let g = load_gates(gates[at]);
      let c = squash(load_state(states[state_at(${l}u, t - t0 + 1u, row${j}, unit)]).x);
      let before = load_state(states[state_at(${l}u, t - t0, row${j}, unit)]).x;
      var dh = h${l}_${j};
      ${fromAbove(j)}
      let dc = c${l}_${j} + dh * g.w * (1.0 - c * c);
      z = vec4f(dc * g.z * g.x * (1.0 - g.x), dc * before * g.y * (1.0 - g.y), dc * g.x * (1.0 - g.z * g.z), dh * c * g.w * (1.0 - g.w));
      c${l}_${j} = dc * g.y;
      gates[at] = store_gates(z);
    }
    slopes[r${j} * H + unit] = z;
  }`,
  )}
  workgroupBarrier();
  ${times(R, (j) => `var s${j} = 0.0;${l > 0 ? ` var e${j} = 0.0;` : ''}`)}
  for (var n = 0u; n < H; n++) {
    let w = ${transposed}u + n * ${width + hidden}u + unit;
    let wh = transposed[w + ${width}u];
    ${l > 0 ? 'let wi = transposed[w];' : ''}
    ${times(R, (j) => `{ let z = slopes[r${j} * H + n]; s${j} += dot(z, wh);${l > 0 ? ` e${j} += dot(z, wi);` : ''} }`)}
  }
  ${times(R, (j) => `h${l}_${j} = s${j};${l > 0 ? ` d${j} = e${j};` : ''}`)}
  ${l === 0 && wantsInputs ? inputGradient : ''}
  workgroupBarrier();
  }`;
  };
  const inputGradient = `
  for (var f = unit; f < F; f += H) {
    ${times(
      R,
      (j) => `if (row${j} < rows_()) {
      var x = 0.0;
      for (var n = 0u; n < H; n++) { x += dot(slopes[r${j} * H + n], transposed[n * ${layers[0].inputs + hidden}u + f]); }
      inputGradients[(row${j} * steps_() + t) * F + f] = x * scalars[1];
    }`,
    )}
  }`;
  const carried = (l: number, j: number): string => `carry[(${l}u * rows_() + row${j}) * H + unit]`;
  return {
    label: 'LSTM backward',
    bindings: [
      BATCH,
      SEGMENT,
      read('transposed', 'array<vec4f>'),
      readWrite('gates', `array<${gates}>`),
      read('states', `array<${state}>`),
      read('top', 'array<f32>'),
      readWrite('carry', 'array<vec2f>'),
      ...(wantsInputs ? [read('scalars', 'array<f32>'), readWrite('inputGradients', 'array<f32>')] : []),
    ],
    body: `${constants(shape)}
${headerReaders('rows', 'steps', 'from', 'firstRow', 'update', 'seed', 'dropout')}
${PLACES}${functions}${ACTIVATIONS}${dropoutPart(network.dropout)}
var<workgroup> slopes: array<vec4f, ${tileRows * hidden}>;
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let unit = thread % H;
  let first = group.x * TILE;
  let t0 = segment.x;
  let t1 = min(segment.y, steps_());
  ${times(R, (j) => `let r${j} = (thread / H) * ${R}u + ${j}u; let row${j} = first + r${j}; var d${j} = 0.0;`)}
  ${times(layers.length, (l) =>
    times(
      R,
      (j) => `var c${l}_${j} = 0.0; var h${l}_${j} = 0.0;
  if (t1 < steps_() && row${j} < rows_()) { let held = ${carried(l, j)}; c${l}_${j} = held.x; h${l}_${j} = held.y; }`,
    ),
  )}
  for (var t = t1; t > t0;) {
    t--;
    ${times(layers.length, (k) => layerStep(top - k))}
  }
  ${times(layers.length, (l) =>
    times(R, (j) => `if (t0 > 0u && row${j} < rows_()) { ${carried(l, j)} = vec2f(c${l}_${j}, h${l}_${j}); }`),
  )}
}`,
  };
}
