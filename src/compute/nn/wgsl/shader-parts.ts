/** WGSL that several kernels share: bounded activations, dropout's generator, tree sums and half-precision storage. */
import { dropThreshold, keepScale } from '#quant/nn/dropout';

/** Where the words of a batch lie in its buffer; floats are kept as their bits. */
export const HEADER = {
  rows: 0,
  steps: 1,
  from: 2,
  firstRow: 3,
  firstEdge: 4,
  update: 5,
  seed: 6,
  dropout: 7,
  weight: 8,
  loss: 9,
  delta: 10,
  groups: 11,
  entries: 12,
  splits: 13,
  labels: 14,
  groupStart: 15,
  order: 16,
  edges: 17,
  rowStart: 18,
  columns: 19,
  sourceStart: 20,
  sourceEdge: 21,
  sourceTarget: 22,
} as const;

/** First word after the header: the table row at which each batch row starts. */
export const ROW_BASE = 24;

/** `rows()`, `steps()`, … read the header of the bound `batch`. */
export function headerReaders(...names: readonly (keyof typeof HEADER)[]): string {
  return names.map((name) => `fn ${name}_() -> u32 { return batch[${HEADER[name]}u]; }`).join('\n');
}

/** Exact at 0, never beyond ±1, whatever the driver does with large arguments. */
export const ACTIVATIONS = `
fn sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0))); }
fn squash(x: f32) -> f32 {
  let e = exp(-2.0 * min(abs(x), 40.0));
  return sign(x) * (1.0 - e) / (1.0 + e);
}`;

/** WGSL lets a compiler assume that numbers are finite, so the bits are asked. */
export const BIT_TESTS = `
fn is_nan_bits(bits: u32) -> bool { return (bits & 0x7fffffffu) > 0x7f800000u; }
fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }`;

/**
 * \`keep(site, row, time, unit)\`: dropout's factor, as \`quant/nn/dropout.ts\` defines it; 1 where the batch is not for training.
 * Needs the header readers \`seed\`, \`update\` and \`dropout\`.
 */
export function dropoutPart(probability: number): string {
  if (probability === 0) return `fn keep(site: u32, row: u32, time: u32, unit: u32) -> f32 { return 1.0; }`;
  return `
fn multiply_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu; let a1 = a >> 16u; let b0 = b & 0xffffu; let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  return a1 * b1 + (middle >> 16u) + ((a0 * b1 + (middle & 0xffffu)) >> 16u);
}
fn keep(site: u32, row: u32, time: u32, unit: u32) -> f32 {
  if (dropout_() == 0u) { return 1.0; }
  var c = vec4u(unit >> 2u, time, row, update_());
  var key = vec2u(seed_(), site);
  for (var round = 0u; round < 10u; round++) {
    c = vec4u(
      multiply_high(0xcd9e8d57u, c.z) ^ c.y ^ key.x, 0xcd9e8d57u * c.z,
      multiply_high(0xd2511f53u, c.x) ^ c.w ^ key.y, 0xd2511f53u * c.x);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return select(0.0, ${wgslFloat(keepScale(probability))}, c[unit & 3u] >= ${dropThreshold(probability)}u);
}`;
}

/** \`sum_all(x)\` and \`max_all(x)\` over a workgroup of \`threads\` (a multiple of 16), in one order always; for uniform control flow. */
export function reductionPart(threads: number): string {
  const combine = (name: string, start: string, step: string): string => `
fn ${name}(x: f32) -> f32 {
  lanes[lane] = x;
  workgroupBarrier();
  if (lane < 16u) {
    var part = ${start};
    for (var k = 0u; k < ${threads / 16}u; k++) { let next = lanes[lane * ${threads / 16}u + k]; part = ${step}; }
    lane_parts[lane] = part;
  }
  workgroupBarrier();
  if (lane == 0u) {
    var part = ${start};
    for (var k = 0u; k < 16u; k++) { let next = lane_parts[k]; part = ${step}; }
    lane_total = part;
  }
  return workgroupUniformLoad(&lane_total);
}`;
  return `
var<workgroup> lanes: array<f32, ${threads}>;
var<workgroup> lane_parts: array<f32, 16>;
var<workgroup> lane_total: f32;
var<private> lane: u32;
${combine('sum_all', '0.0', 'part + next')}
${combine('max_all', '0.0', 'max(part, next)')}`;
}

/** How four gates, and the pair (cell, hidden), are stored: as they are, or as halves, beyond which numbers saturate. */
export function storagePart(precision: 'f32' | 'f16'): { gates: string; state: string; functions: string } {
  if (precision === 'f32') {
    return {
      gates: 'vec4f',
      state: 'vec2f',
      functions: `
fn load_gates(x: vec4f) -> vec4f { return x; }
fn store_gates(x: vec4f) -> vec4f { return x; }
fn load_state(x: vec2f) -> vec2f { return x; }
fn store_state(x: vec2f) -> vec2f { return x; }`,
    };
  }
  return {
    gates: 'vec2u',
    state: 'u32',
    functions: `
fn load_gates(x: vec2u) -> vec4f { return vec4f(unpack2x16float(x.x), unpack2x16float(x.y)); }
fn half_range(x: vec2f) -> vec2f { return clamp(x, vec2f(-65504.0), vec2f(65504.0)); }
fn store_gates(x: vec4f) -> vec2u { return vec2u(pack2x16float(half_range(x.xy)), pack2x16float(half_range(x.zw))); }
fn load_state(x: u32) -> vec2f { return unpack2x16float(x); }
fn store_state(x: vec2f) -> u32 { return pack2x16float(half_range(x)); }`,
  };
}

/** A number as a WGSL literal of type f32. */
export function wgslFloat(x: number): string {
  const text = String(Math.fround(x));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}
